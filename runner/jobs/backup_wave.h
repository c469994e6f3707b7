#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "runner/jobs/backup_job.h"
#include "runner/jobs/quarantine.h"
#include "runner/repository/gate.h"
#include "runner/repository/listings.h"
#include "runner/repository/lock_cleaner.h"
#include "runner/repository/lock_patience.h"
#include "runner/repository/opener.h"

namespace runner {

/// A backup after restic's part: already concluded (`report`), or a snapshot that a listing has yet
/// to prove (`job`).
struct RanBackup {
  std::unique_ptr<BackupJob> job;
  std::optional<JobReport> report;
};

/// Backs up several targets together: opens the repository once, runs up to `max_parallel` backups
/// side by side, and proves all their snapshots with one listing. A target whose backup met a lock
/// is tried once more after the locks of our own dead runs were cleaned up, or those of others have
/// gone. Thread-safe.
class BackupWave {
 public:
  /// Called with the repository's id once it is open, before the first backup.
  using Opened = std::function<void(const std::string& repository, StopHandle& stop)>;

  /// All arguments outlive it. `opened` may be empty.
  BackupWave(const JobTools& tools, RepositoryOpener& opener, RepositoryGate& gate,
             Listings& listings, LockCleaner& cleaner, LockPatience& patience, Opened opened = {});

  /// The whole wave: one report per target, in the order given. `stop` ends running backups and
  /// starts no more.
  std::vector<JobReport> Run(const std::vector<const targets::Target*>& targets, StopHandle& stop);

  /// One backup of a wave that somebody else arranges; Prove() must follow for what has no report.
  RanBackup RunOne(const targets::Target& target, StopHandle& stop);
  /// Proves them all with one listing, in the order given.
  std::vector<JobReport> Prove(std::vector<RanBackup> backups);

 private:
  std::optional<Failure> Prepare(StopHandle& stop);
  std::optional<Failure> OpenAndCleanUp(StopHandle& stop);
  RanBackup RunPrepared(const targets::Target& target, StopHandle& stop);
  RanBackup Refuse(const targets::Target& target, const Failure& failure, const StopHandle& stop);
  std::optional<Failure> RunInsideGate(BackupJob& job, StopHandle& stop);
  bool LocksAreGone(const BackupJob& job, StopHandle& stop);
  void TagQuarantined(const BackupJob& job);
  Outcome<std::vector<targets::Snapshot>> ListForProof();

  const JobTools& tools_;
  RepositoryOpener& opener_;
  RepositoryGate& gate_;
  Listings& listings_;
  LockCleaner& cleaner_;
  LockPatience& patience_;
  const Opened opened_;
  Quarantine quarantine_;
  std::mutex preparing_;
  std::optional<Failure> refusal_;  // of the last preparation
  MonotonicTime refused_at_{};
};

}  // namespace runner
