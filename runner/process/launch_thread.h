#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace runner {

/// One thread that runs the jobs which other threads hand to it, in order, with every signal
/// blocked.
class LaunchThread {
 public:
  LaunchThread();
  /// Runs what was handed over before, then ends.
  ~LaunchThread();
  LaunchThread(const LaunchThread&) = delete;
  LaunchThread& operator=(const LaunchThread&) = delete;

  /// Returns after `job` has run. Any thread but this one; `job` does not throw.
  void Run(const std::function<void()>& job);

 private:
  void Loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace runner
