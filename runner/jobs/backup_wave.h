#pragma once

#include <memory>
#include <vector>

#include "runner/jobs/backup_job.h"
#include "runner/repository/gate.h"
#include "runner/repository/listings.h"
#include "runner/repository/lock_cleaner.h"
#include "runner/repository/opener.h"

namespace runner {

/// Backs up several targets together: opens the repository once, runs up to `max_parallel` backups
/// side by side, and proves all their snapshots with one listing. A target whose backup met a lock
/// is tried once more after the locks of our own dead runs were cleaned up.
class BackupWave {
 public:
  /// All arguments outlive it.
  BackupWave(const JobTools& tools, RepositoryOpener& opener, RepositoryGate& gate,
             LockCleaner& cleaner, Listings& listings);

  /// One report per target, in the order given. `stop` ends running backups and starts no more.
  std::vector<JobReport> Run(const std::vector<const targets::Target*>& targets, StopHandle& stop);

 private:
  using Jobs = std::vector<std::unique_ptr<BackupJob>>;

  std::vector<JobReport> RefuseAll(Jobs& jobs, const Failure& failure, StopHandle& stop);
  void RunAll(const std::vector<BackupJob*>& jobs, StopHandle& stop);
  void RetryLocked(Jobs& jobs, StopHandle& stop);
  Outcome<std::vector<targets::Snapshot>> ListForProof(const Jobs& jobs);

  const JobTools& tools_;
  RepositoryOpener& opener_;
  RepositoryGate& gate_;
  LockCleaner& cleaner_;
  Listings& listings_;
};

}  // namespace runner
