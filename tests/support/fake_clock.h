#pragma once

#include <chrono>
#include <mutex>

#include "runner/base/clock.h"

namespace runner::testing {

/// Time that only a test moves. Advance() moves both clocks, JumpTo() the real time alone (as an
/// administrator or NTP would). Thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(targets::UnixTime start = targets::FromUnixSeconds(1'800'000'000))
      : now_(start) {}

  [[nodiscard]] targets::UnixTime Now() const override {
    const std::lock_guard lock(mutex_);
    return std::chrono::floor<std::chrono::seconds>(now_);
  }
  [[nodiscard]] MonotonicTime Monotonic() const override {
    const std::lock_guard lock(mutex_);
    return monotonic_;
  }

  void Advance(std::chrono::milliseconds by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
    monotonic_ += by;
  }
  /// Moves forward to `time`; earlier times change nothing.
  void AdvanceTo(MonotonicTime time) {
    const std::lock_guard lock(mutex_);
    if (time <= monotonic_) return;
    now_ += time - monotonic_;
    monotonic_ = time;
  }
  void JumpTo(targets::UnixTime time) {
    const std::lock_guard lock(mutex_);
    now_ = time;
  }

 private:
  mutable std::mutex mutex_;
  std::chrono::sys_time<std::chrono::milliseconds> now_;
  MonotonicTime monotonic_{std::chrono::milliseconds{1'000'000}};
};

}  // namespace runner::testing
