#pragma once

#include <optional>

#include "runner/jobs/backup_job.h"
#include "runner/jobs/ready.h"
#include "runner/jobs/report.h"
#include "runner/jobs/stage_run.h"
#include "runner/repository/gate.h"
#include "runner/repository/opener.h"
#include "runner/restore/restorer.h"
#include "targets/restore/decide.h"

namespace runner {

/// True if a target's source is to be looked at before its backups: a directory whose configuration
/// wants a restore, or at least the check.
inline bool WantsRestoreCheck(const targets::Target& target) {
  return !target.IsStream() && (target.restore.if_empty || target.restore.check);
}

/// The restore stage of a target: looks whether its source lost its data, and brings back the
/// newest good snapshot if the configuration wants it and this installation never had the data (see
/// DecideEmptySource). Has data: success. Missing or unreadable: failed. Empty although the
/// repository has, or once had, snapshots which it may not restore by itself: blocked. What a crash
/// left of a restore is finished or started over. Thread-safe. All arguments outlive it.
class RestoreIfEmpty {
 public:
  RestoreIfEmpty(const JobTools& tools, RepositoryOpener& opener, RepositoryGate& gate,
                 Restorer& restorer)
      : tools_(tools), opener_(opener), gate_(gate), restorer_(restorer) {}

  /// Takes the target's lock meanwhile; while another run has it: blocked.
  JobReport Run(const targets::Target& target, StopHandle& stop);

 private:
  JobReport Judge(StageRun& run, const targets::Target& target, ReadyKind& kind, StopHandle& stop);
  JobReport JudgeEmpty(StageRun& run, const targets::Target& target, const std::string& path,
                       ReadyKind& kind, StopHandle& stop);
  JobReport Decided(StageRun& run, const targets::Target& target, const std::string& path,
                    std::vector<targets::Snapshot> snapshots, TargetFacts facts, ReadyKind& kind,
                    StopHandle& stop);
  JobReport Restore(StageRun& run, const targets::Target& target, const std::string& path,
                    const targets::Snapshot& snapshot, StopHandle& stop);
  JobReport LeaveAlone(StageRun& run, const targets::Target& target);
  JobReport Continue(StageRun& run, const targets::Target& target, const std::string& path,
                     ReadyKind& kind, StopHandle& stop);
  JobReport Settle(StageRun& run, const targets::Target& target,
                   const Outcome<RestoreSummary>& restored, const StopHandle& stop);

  const JobTools& tools_;
  RepositoryOpener& opener_;
  RepositoryGate& gate_;
  Restorer& restorer_;
};

/// Those that bear the tag of the quarantine, or wait for it, left out.
std::vector<targets::Snapshot> WithoutQuarantined(const TargetFacts& facts,
                                                  std::vector<targets::Snapshot> snapshots);

/// "1,234 files, 5.6 GiB of snapshot 01234567"; for a finished one that its rest was moved.
std::string DescribeRestore(const RestoreSummary& summary);

/// The key of TargetFacts::decisions that tells what an empty source once led to: "restored <id>",
/// or "new".
inline constexpr const char* kRestoreDecision = "restore";

/// Remembers that this installation restored that snapshot.
targets::Status RememberRestore(const JobTools& tools, const targets::TargetId& target,
                                const targets::SnapshotId& snapshot);

}  // namespace runner
