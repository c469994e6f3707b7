#pragma once

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace runner::testing {

/// Collects the command lines of all processes while it lives.
class CommandLineWatcher {
 public:
  CommandLineWatcher() : thread_([this] { Watch(); }) {}
  ~CommandLineWatcher() { Stop(); }
  CommandLineWatcher(const CommandLineWatcher&) = delete;
  CommandLineWatcher& operator=(const CommandLineWatcher&) = delete;

  std::string Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return seen_;
  }

 private:
  void Watch() {
    while (!stop_) {
      std::error_code error;
      for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
        const std::string name = entry.path().filename();
        if (!std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; }))
          continue;
        std::ifstream in(entry.path() / "cmdline", std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        seen_ += text.str() + "\n";
      }
    }
  }

  std::atomic<bool> stop_{false};
  std::string seen_;
  std::thread thread_;
};

}  // namespace runner::testing
