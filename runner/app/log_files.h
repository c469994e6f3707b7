#pragma once

#include <Poco/AutoPtr.h>
#include <Poco/FileChannel.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "runner/app/console.h"
#include "runner/base/clock.h"
#include "runner/base/observer.h"
#include "targets/model/config.h"

namespace runner {

/// The file for the events of a stage: backup.log for backup, forget and hooks, restore.log for
/// restore and drill, scheduler.log for everything else.
std::string_view LogFileOf(std::string_view stage);

/// When a log file is set aside as `<name>.0`, and how many of those are kept.
struct LogRotation {
  std::uint64_t bytes = std::uint64_t{5} << 20;
  int archives = 5;
};

/// Writes events as lines into rotating files of one folder, which it creates for the first event.
/// Thread-safe; another process may write the same files. Never fails: what cannot be written is
/// said on the console, once, and tried again with the next event.
class LogFiles final : public Observer {
 public:
  LogFiles(Console& console, const Clock& clock, const targets::Logging& logging, bool debug,
           LogRotation rotation = {});
  void OnEvent(const Event& event) override;

 private:
  struct File {
    std::string_view name;
    Poco::AutoPtr<Poco::FileChannel> channel;
  };

  void MakeFolder();
  void Complain(const std::string& why);

  Console& console_;
  const Clock& clock_;
  targets::Logging logging_;
  bool debug_;
  std::array<File, 3> files_;
  std::once_flag folder_made_;
  std::mutex mutex_;
  bool complained_ = false;  // guarded by mutex_
};

}  // namespace runner
