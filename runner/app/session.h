#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runner/app/b2_connection.h"
#include "runner/app/machine.h"
#include "runner/app/machine_keys.h"
#include "runner/history/sqlite_history.h"
#include "runner/jobs/acknowledgement.h"
#include "runner/jobs/backup_wave.h"
#include "runner/jobs/forget_wave.h"
#include "runner/jobs/maintenance.h"
#include "runner/jobs/restore_drill.h"
#include "runner/jobs/restore_if_empty.h"
#include "runner/repository/child_ledger.h"
#include "runner/repository/error_listener.h"
#include "runner/repository/gate.h"
#include "runner/repository/listings.h"
#include "runner/repository/lock_cleaner.h"
#include "runner/repository/lock_patience.h"
#include "runner/repository/opener.h"
#include "runner/restic/restic.h"
#include "runner/state/fact_store.h"
#include "runner/state/marker_store.h"
#include "runner/state/state_folder.h"

namespace runner {

/// Everything that a command which drives restic needs, wired together: secrets resolved, restic
/// found and its version known, the state folder ready. `machine` and `config` outlive it.
class Session {
 public:
  /// Errors: a secret that cannot be had, no restic, a state folder that cannot be used. From here
  /// on the console removes the resolved secrets from everything.
  static targets::Result<std::unique_ptr<Session>> Open(Machine& machine,
                                                        const targets::Config& config,
                                                        bool debug = false);
  /// The same for a caller that has an observer already.
  static targets::Result<std::unique_ptr<Session>> Open(Machine& machine,
                                                        const targets::Config& config,
                                                        std::shared_ptr<Observer> observer);

  Restic& restic() { return *restic_; }
  targets::ResticVersion version() const { return version_; }
  const targets::Config& config() const { return config_; }
  const MarkerStore& markers() const { return *markers_; }
  Listings& listings() { return *listings_; }
  const JobTools& tools() const { return *tools_; }
  RepositoryOpener& opener() { return *opener_; }
  BackupWave& backups() { return *wave_; }
  ForgetWave& forgets() { return *forgets_; }
  Maintenance& maintenance() { return *maintenance_; }
  Restorer& restorer() { return *restorer_; }
  RepositoryGate& gate() { return gate_; }
  RestoreIfEmpty& restores() { return *restores_; }
  Acknowledgement& acknowledgement() { return *acknowledgement_; }
  RestoreDrill& drills() { return *drills_; }
  KeyKeeper& keys() { return *keys_; }

 private:
  Session(Machine& machine, const targets::Config& config, std::shared_ptr<Observer> observer);

  targets::Status PrepareFolders();
  targets::Status PrepareFolderOfJobs(const std::string& folder);
  void RememberTargets();
  void SayWhatCannotBeDone();
  void BlockEverything(const targets::Error& error);
  void Wire(ResolvedSecrets secrets, targets::ResticVersion version);
  RepositoryOpener::Greeting Greeting();
  void WatchStorage(const ResolvedSecrets& secrets);
  void KeepKey();
  Listings::FileNames SnapshotFiles();

  Machine& machine_;
  const targets::Config& config_;
  std::shared_ptr<Observer> observer_;
  targets::Redactor redactor_;
  StateFolder state_;
  ChildLedger ledger_;
  LedgerProcessRunner restic_processes_;
  ErrorLog error_log_;
  ErrorListener errors_;
  RepositoryGate gate_;
  FactStore facts_;
  SourceInspector inspector_;
  SqliteHistory history_;
  RunRecorder recorder_;
  std::unique_ptr<MarkerStore> markers_;
  KeyChoice key_choice_;
  std::unique_ptr<Restic> restic_;
  targets::ResticVersion version_;
  std::unique_ptr<RepositoryOpener> opener_;
  std::unique_ptr<LockCleaner> cleaner_;
  std::unique_ptr<Listings> listings_;
  std::unique_ptr<JobTools> tools_;
  std::unique_ptr<LockPatience> patience_;
  std::unique_ptr<RepositoryAccess> access_;
  std::unique_ptr<KeyKeeper> keys_;
  std::unique_ptr<BackupWave> wave_;
  std::unique_ptr<ForgetWave> forgets_;
  std::unique_ptr<B2Connection> b2_;   // nullptr: the repository lies elsewhere
  std::unique_ptr<B2Watch> b2_watch_;  // the same
  std::unique_ptr<Maintenance> maintenance_;
  std::unique_ptr<Restorer> restorer_;
  std::unique_ptr<RestoreIfEmpty> restores_;
  std::unique_ptr<Acknowledgement> acknowledgement_;
  std::unique_ptr<RestoreDrill> drills_;
};

/// The program that is called restic: RESTIC_BIN, else "restic" in PATH.
std::string ResticProgram(const Machine& machine);

}  // namespace runner
