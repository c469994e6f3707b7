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

bool LockPatience::ResticWaitsByItself() const {
  return targets::Has(restic_.commands().version(), targets::Feature::kRetryLock);
}

std::optional<Failure> LockPatience::Run(const Command& command, const GatePass& alone,
                                         StopHandle& stop) {
  const MonotonicTime deadline = clock_.Monotonic() + config_.repository.retry_lock;
  bool announced = false;
  for (bool first = true;; first = false) {
    std::optional<Failure> failure = command();
    if (!failure || failure->cause != Cause::kLocked || stop.Stopped()) return failure;
    if (first && cleaner_.RemoveDead(alone, stop)) continue;
    if (ResticWaitsByItself() || stop.Stopped() || clock_.Monotonic() >= deadline) return failure;
    if (!std::exchange(announced, true)) Announce(failure->reason);
    WaitForNextTry(deadline, stop);
  }
}

bool LockPatience::Outlast(const std::string& reason, StopHandle& stop) {
  const MonotonicTime deadline = clock_.Monotonic() + config_.repository.retry_lock;
  if (ResticWaitsByItself() || stop.Stopped() || clock_.Monotonic() >= deadline) return false;
  Announce(reason);
  do {
    WaitForNextTry(deadline, stop);
    if (stop.Stopped()) return false;
    if (!AnyExclusive(stop)) return true;
  } while (clock_.Monotonic() < deadline);
  return false;
}

/// Locks that cannot be read are taken for exclusive: they may be, and the time is bounded.
bool LockPatience::AnyExclusive(StopHandle& stop) {
  const auto locks = restic_.Locks(stop);
  return !locks ||
         std::ranges::any_of(*locks, [](const auto& lock) { return lock.info.exclusive; });
}

void LockPatience::Announce(const std::string& reason) {
  observer_.OnEvent(
      {Severity::kWarning, "repository", "",
       fmt::format("{}; waiting up to {}", reason,
                   targets::FormatDuration(targets::Duration(config_.repository.retry_lock)))});
}

void LockPatience::WaitForNextTry(MonotonicTime deadline, StopHandle& stop) {
  const MonotonicTime until =
      std::min(deadline, clock_.Monotonic() + std::chrono::milliseconds(kBetweenTries));
  while (!stop.Stopped() && clock_.Monotonic() < until) {
    pause_(std::min(kSlice, until - clock_.Monotonic()));
  }
}

}  // namespace runner
