#pragma once

#include <string>

#include "runner/base/clock.h"
#include "runner/base/observer.h"
#include "runner/repository/child_ledger.h"
#include "runner/repository/gate.h"
#include "runner/restic/restic.h"

namespace runner {

/// Removes the locks that dead restic processes left in the repository, and says what it did or
/// whose locks it left. See CleanUpLocks() for what counts as dead. Thread-safe: it works alone in
/// the gate. All arguments outlive it.
class LockCleaner {
 public:
  LockCleaner(Restic& restic, ChildLedger& ledger, RepositoryGate& gate, const Clock& clock,
              std::string host_name, Observer& observer)
      : restic_(restic),
        ledger_(ledger),
        gate_(gate),
        clock_(clock),
        host_name_(std::move(host_name)),
        observer_(observer) {}

  /// If children of ours died in disorder (killed, or this installation crashed), they may have
  /// left locks, which would stop every later prune. Starts no restic if there are none. Waits for
  /// the gate at most `patience`; the other form is for who holds it already.
  void CleanUpAfterCrash(std::chrono::milliseconds patience, StopHandle& stop);
  void CleanUpAfterCrash(const GatePass& alone, StopHandle& stop);

  /// True if no lock is left in the repository.
  bool RemoveDead(std::chrono::milliseconds patience, StopHandle& stop);
  bool RemoveDead(const GatePass& alone, StopHandle& stop);

 private:
  void Say(std::string message);

  Restic& restic_;
  ChildLedger& ledger_;
  RepositoryGate& gate_;
  const Clock& clock_;
  std::string host_name_;
  Observer& observer_;
};

}  // namespace runner
