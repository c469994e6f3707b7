#pragma once

#include "runner/jobs/backup_job.h"
#include "runner/jobs/report.h"
#include "runner/jobs/stage_run.h"
#include "runner/repository/opener.h"

namespace runner {

/// True if a target's source is to be looked at before its backups: a directory whose configuration
/// wants a restore, or at least the check.
inline bool WantsRestoreCheck(const targets::Target& target) {
  return !target.IsStream() && (target.restore.if_empty || target.restore.check);
}

/// Looks whether a target's source lost its data: the restore stage before anything is restored.
/// Has data: success. Missing or unreadable: failed. Empty although the repository has, or once
/// had, snapshots of it: blocked, until a person restores them. Empty and provably never backed up:
/// success, or failed with `restore.on_missing: fail`. Thread-safe. Both outlive it.
class RestoreCheck {
 public:
  RestoreCheck(const JobTools& tools, RepositoryOpener& opener) : tools_(tools), opener_(opener) {}

  /// Takes the target's lock meanwhile; while another run has it: blocked.
  JobReport Run(const targets::Target& target, StopHandle& stop);

 private:
  JobReport Judge(StageRun& run, const targets::Target& target, StopHandle& stop);
  JobReport JudgeEmpty(StageRun& run, const targets::Target& target, StopHandle& stop);

  const JobTools& tools_;
  RepositoryOpener& opener_;
};

}  // namespace runner
