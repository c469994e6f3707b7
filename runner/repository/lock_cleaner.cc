#include "runner/repository/lock_cleaner.h"

#include <vector>

#include "runner/repository/stale_locks.h"

namespace runner {

void LockCleaner::Say(std::string message) {
  observer_.OnEvent({Severity::kWarning, "repository", "", std::move(message)});
}

void LockCleaner::CleanUpAfterCrash(std::chrono::milliseconds patience, StopHandle& stop) {
  if (ledger_.Dead().empty() || stop.Stopped()) return;
  const auto alone = gate_.Enter(LockMode::kExclusive, stop, patience);
  if (alone) CleanUpAfterCrash(**alone, stop);
}

void LockCleaner::CleanUpAfterCrash(const GatePass& alone, StopHandle& stop) {
  const std::vector<pid_t> dead = ledger_.Dead();
  if (dead.empty() || stop.Stopped() || !RemoveDead(alone, stop)) return;
  for (const pid_t pid : dead) ledger_.Ended(pid);
}

bool LockCleaner::RemoveDead(std::chrono::milliseconds patience, StopHandle& stop) {
  const auto alone = gate_.Enter(LockMode::kExclusive, stop, patience);
  return alone && RemoveDead(**alone, stop);
}

bool LockCleaner::RemoveDead(const GatePass& alone, StopHandle& stop) {
  const auto cleanup = CleanUpLocks(restic_, ledger_, clock_, host_name_, alone, stop);
  if (!cleanup) {
    Say("locks could not be read: " + cleanup.error().reason);
    return false;
  }
  if (!cleanup->explanation.empty()) Say(cleanup->explanation);
  return cleanup->left == 0;
}

}  // namespace runner
