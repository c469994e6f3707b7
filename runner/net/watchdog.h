#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "runner/net/http.h"

namespace runner {

/// Breaks a connection off at a deadline or a stop, so that whatever waits for it goes on at once.
/// A thread of its own, gone with the object.
class Watchdog {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Bite { kNone, kTimeout, kStopped };

  /// `socket`: an open one; it stays the caller's.
  Watchdog(int socket, Time deadline, Stopped stopped);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Why it broke the connection off.
  [[nodiscard]] Bite bite() const;

 private:
  void Watch(Time deadline, const Stopped& stopped);

  int socket_;  // a copy, or -1: the caller may have closed its own
  mutable std::mutex mutex_;
  std::condition_variable done_;
  bool finished_ = false;
  Bite bite_ = Bite::kNone;
  std::thread thread_;
};

}  // namespace runner
