#include "runner/repository/lock_patience.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "targets/restic/capabilities.h"

namespace runner {
namespace {

/// So soon a stop is noticed.
constexpr std::chrono::milliseconds kSlice{250};

}  // namespace

std::optional<Failure> LockPatience::Run(const Command& command, const GatePass& alone,
                                         StopHandle& stop) {
  const targets::Duration patience = config_.repository.retry_lock;
  const bool waits_by_itself =
      targets::Has(restic_.commands().version(), targets::Feature::kRetryLock);
  const MonotonicTime deadline = clock_.Monotonic() + patience;
  bool announced = false;
  for (bool first = true;; first = false) {
    std::optional<Failure> failure = command();
    if (!failure || failure->cause != Cause::kLocked || stop.Stopped()) return failure;
    if (first && cleaner_.RemoveDead(alone, stop)) continue;
    if (waits_by_itself || stop.Stopped() || clock_.Monotonic() >= deadline) return failure;
    if (!std::exchange(announced, true)) {
      observer_.OnEvent({Severity::kWarning, "repository", "",
                         fmt::format("{}; waiting up to {}", failure->reason,
                                     targets::FormatDuration(patience))});
    }
    WaitForNextTry(deadline, stop);
  }
}

void LockPatience::WaitForNextTry(MonotonicTime deadline, StopHandle& stop) {
  const MonotonicTime until =
      std::min(deadline, clock_.Monotonic() + std::chrono::milliseconds(kBetweenTries));
  while (!stop.Stopped() && clock_.Monotonic() < until) {
    pause_(std::min(kSlice, until - clock_.Monotonic()));
  }
}

}  // namespace runner
