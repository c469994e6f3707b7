#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runner/daemon/workshop.h"
#include "runner/jobs/backup_wave.h"
#include "runner/jobs/forget_wave.h"
#include "runner/jobs/maintenance.h"
#include "runner/jobs/restore_if_empty.h"
#include "runner/repository/child_ledger.h"
#include "runner/repository/error_listener.h"
#include "runner/restore/restorer.h"
#include "tests/runner/daemon/installation_theatre.h"
#include "tests/support/fake_process_runner.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/memory_history.h"

namespace runner::testing {

/// The machine on which simulated programs run. All of it outlives them.
struct SimulatedMachine {
  FakeClock& clock;
  MemoryFileSystem& files;
  FakeProcessRunner& processes;
  Theatre& theatre;
  Observer& observer;
  std::string host_name;
};

/// The real jobs of one configuration and one process, wired as runner/app wires them.
class InstallationWorkshop final : public Workshop {
 public:
  InstallationWorkshop(const SimulatedMachine& machine,
                       std::shared_ptr<const targets::Config> config);

  std::optional<JobReport> BackUp(const StartJob& job, StopHandle& stop) override;
  std::vector<JobReport> Prove(const std::set<targets::TargetId>& targets) override;
  std::vector<JobReport> Run(const StartJob& job, StopHandle& stop) override;
  /// `runner snapshots --accept`.
  void Accept();

 private:
  std::optional<targets::Error> Open();
  void RememberTargets();

  SimulatedMachine machine_;
  std::shared_ptr<const targets::Config> config_;
  bool open_ = false;
  std::map<targets::TargetId, RanBackup> unproven_;

  targets::Redactor redactor_;
  StateFolder state_;
  ChildLedger ledger_;
  LedgerProcessRunner restic_processes_;
  ErrorLog error_log_;
  ErrorListener errors_;
  RepositoryGate gate_;
  RepositoryGate quiet_gate_;  // for who waits with a mutex in his hands: nobody else acts then
  FactStore facts_;
  SourceInspector inspector_;
  MarkerStore markers_;
  Restic restic_;
  RepositoryOpener opener_;
  MemoryHistory history_;
  RunRecorder recorder_;
  JobTools tools_;
  LockCleaner cleaner_;
  Listings listings_;
  LockPatience patience_;
  Restorer restorer_;
  RestoreIfEmpty restores_;
  BackupWave backups_;
  ForgetWave forgets_;
  Maintenance maintenance_;
};

}  // namespace runner::testing
