#pragma once

#include <functional>
#include <optional>

#include "runner/jobs/backup_job.h"
#include "runner/jobs/report.h"
#include "runner/jobs/stage_run.h"
#include "runner/jobs/storage_verdict.h"
#include "runner/repository/gate.h"
#include "runner/repository/listings.h"
#include "runner/repository/lock_cleaner.h"
#include "runner/repository/lock_patience.h"
#include "runner/repository/opener.h"

namespace runner {

/// The jobs of the repository as a whole. Each takes the lock of its stage (another at work: it is
/// blocked), says RUNNING in the repository's marker, works, and says how it ended. None of them
/// ever creates a repository. Thread-safe. All arguments outlive it.
class Maintenance {
 public:
  Maintenance(const JobTools& tools, RepositoryOpener& opener, RepositoryGate& gate,
              Listings& listings, LockCleaner& cleaner, LockPatience& patience,
              B2Watch* storage = nullptr)
      : tools_(tools),
        opener_(opener),
        gate_(gate),
        listings_(listings),
        cleaner_(cleaner),
        patience_(patience),
        storage_(storage) {}

  /// Deletes data that no snapshot needs, alone in the gate, for which it waits as long as it
  /// takes. Refused if far fewer snapshots are listed than there were. Options:
  /// `maintenance.prune`, or their defaults.
  JobReport Prune(StopHandle& stop);
  /// Verifies the structure, and of the packs the part whose turn it is; the next good check reads
  /// the next part, a failed one leaves the turn. Options: `maintenance.check`, or their defaults.
  JobReport Check(StopHandle& stop);
  /// Proves that the repository answers and is the one that this installation knows. With
  /// `storage` the provider's word on key and bucket counts as well: an error fails the probe, a
  /// key that soon expires makes its marker a WARNING, whatever else is wrong is told.
  JobReport Probe(StopHandle& stop);

 private:
  struct Ending {
    JobOutcome outcome;
    Failure said;
  };

  JobReport Run(targets::Stage stage, const std::function<Ending()>& work);
  /// `work` alone in the repository, after dead locks were removed.
  Ending Alone(StopHandle& stop, const std::function<Ending(const GatePass&)>& work);
  Ending PruneAlone(const GatePass& alone, StopHandle& stop);
  /// Notes how many locks stand in the repository. REQUIRES: this installation is alone in it.
  void NoteLocks(StopHandle& stop);
  Ending CheckAlone(const GatePass& alone, StopHandle& stop);
  [[nodiscard]] StorageVerdict LookAtStorage(B2Watch::Trouble trouble, StopHandle& stop) const;

  const JobTools& tools_;
  RepositoryOpener& opener_;
  RepositoryGate& gate_;
  Listings& listings_;
  LockCleaner& cleaner_;
  LockPatience& patience_;
  B2Watch* storage_;  // nullptr: nobody to ask
};

}  // namespace runner
