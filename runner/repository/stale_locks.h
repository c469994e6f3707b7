#pragma once

#include <string>
#include <vector>

#include "runner/repository/child_ledger.h"
#include "runner/repository/gate.h"
#include "runner/restic/restic.h"

namespace runner {

/// What became of the locks that stood in the way.
struct LockCleanup {
  std::size_t removed = 0;
  std::size_t left = 0;
  std::string explanation;  // one line: whose locks are left and why, or what was removed; empty if
                            // there were none
};

/// Removes locks of dead processes with `restic unlock`, and only then:
/// every lock that restic would remove is older than 30 minutes or left by a dead child of ours
/// (the ledger says so), and no young lock names a living process of this host that is not restic
/// (unlock sends it SIGHUP). REQUIRES: the caller holds the gate exclusively (`pass`), so no child
/// of ours is at work.
Outcome<LockCleanup> CleanUpLocks(Restic& restic, const ChildLedger& ledger, const Clock& clock,
                                  const std::string& host_name, const GatePass& pass,
                                  StopHandle& stop);

}  // namespace runner
