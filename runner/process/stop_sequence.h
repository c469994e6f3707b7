#pragma once

#include <optional>

#include "runner/base/clock.h"
#include "runner/process/process_runner.h"

namespace runner {

/// The order of a stop: SIGINT at once, SIGTERM after the first grace, SIGKILL after the second.
/// Pure; the first cause stays.
class StopSequence {
 public:
  static constexpr std::chrono::milliseconds kHurriedGrace{3'000};

  explicit StopSequence(StopPolicy policy) : policy_(policy) {}

  /// True if this began the stop; false if one was under way.
  bool Begin(StopCause cause, MonotonicTime now);
  /// Somebody does not want to wait: SIGTERM is due at once, SIGKILL at most kHurriedGrace later;
  /// asked again, SIGKILL at once. Nothing happens before Begin().
  void Hurry(MonotonicTime now);
  /// The signal that is due now, once.
  std::optional<int> Due(MonotonicTime now);
  /// When Due() has to be asked again; empty: not before Begin(), or nothing follows.
  [[nodiscard]] std::optional<MonotonicTime> Next() const { return next_; }
  [[nodiscard]] StopCause Cause() const { return cause_; }

 private:
  enum class Step { kInterrupt, kTerminate, kKill, kNothing };

  StopPolicy policy_;
  StopCause cause_ = StopCause::kNone;
  Step step_ = Step::kInterrupt;
  std::optional<MonotonicTime> next_;
  bool hurried_ = false;
};

}  // namespace runner
