#pragma once

#include <chrono>

#include "targets/base/time.h"

namespace runner {

/// Time since an arbitrary start that never jumps; for timeouts.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

/// The only way to learn the time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Real time; may jump in either direction.
  [[nodiscard]] virtual targets::UnixTime Now() const = 0;
  /// Never jumps, does not count while the machine sleeps.
  [[nodiscard]] virtual MonotonicTime Monotonic() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] targets::UnixTime Now() const override;
  [[nodiscard]] MonotonicTime Monotonic() const override;
};

}  // namespace runner
