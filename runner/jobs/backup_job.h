#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/file_system.h"
#include "runner/base/observer.h"
#include "runner/jobs/hooks.h"
#include "runner/jobs/inspect_source.h"
#include "runner/jobs/report.h"
#include "runner/jobs/run_recorder.h"
#include "runner/repository/error_listener.h"
#include "runner/restic/restic.h"
#include "runner/state/fact_store.h"
#include "runner/state/marker_store.h"
#include "runner/state/state_folder.h"
#include "targets/model/config.h"
#include "targets/model/snapshot.h"

namespace runner {

/// What the jobs of one installation work with. All of it outlives them and is thread-safe.
struct JobTools {
  const targets::Config& config;
  const Clock& clock;
  FileSystem& files;
  ProcessRunner& processes;
  Restic& restic;
  const StateFolder& state;
  const MarkerStore& markers;
  const FactStore& facts;
  SourceInspector& inspector;
  Observer& observer;
  ErrorListener& errors;
  RunRecorder& recorder;
};

/// One backup of one target, in two parts: Run() makes the snapshot, Conclude() proves it against a
/// listing that serves a whole wave, and only then writes success. Between the two the marker says
/// RUNNING, so that a crash at any moment is seen as "interrupted" and never as success. Steps of
/// Run(): the target's lock, the RUNNING marker, `before` hooks, the source's state, restic,
/// `after` hooks.
class BackupJob {
 public:
  BackupJob(const JobTools& tools, const targets::Target& target)
      : tools_(tools), target_(target), notes_(tools.clock) {}

  /// REQUIRES: the repository is open, and the caller holds the gate (shared).
  void Run(StopHandle& stop);

  /// True if restic says that it made a snapshot, which the listing must prove.
  [[nodiscard]] bool NeedsProof() const { return needs_proof_; }

  /// The snapshot of a stream that is no good, which has to be removed; empty: there is none.
  [[nodiscard]] const targets::SnapshotId& Worthless() const { return worthless_; }
  [[nodiscard]] targets::UnixTime Started() const { return started_; }
  [[nodiscard]] const targets::Target& target() const { return target_; }

  /// What stood in the way, if that was a lock: the job may be run again when it is gone.
  [[nodiscard]] bool Locked() const { return report_.cause == Cause::kLocked; }
  [[nodiscard]] const std::string& Reason() const { return report_.reason; }

  /// Finds the snapshot in the listing and asks the target's guards about it. REQUIRES:
  /// NeedsProof().
  void Prove(const Outcome<std::vector<targets::Snapshot>>& listing);

  /// True if a guard found the proven snapshot suspicious: the facts name it, and it waits for its
  /// tag (Quarantine::TagFound), which the last marker then names by its new id.
  [[nodiscard]] bool Quarantined() const { return report_.cause == Cause::kQuarantined; }

  /// Proves, if nobody did so before, writes the last marker and runs `on_success` or `on_failure`.
  /// `listing` are the snapshots of this instance; a failure means that nothing could be proven.
  JobReport Conclude(const Outcome<std::vector<targets::Snapshot>>& listing);

  /// Ends a job that cannot run at all (the repository is unknown, say).
  JobReport Refuse(JobOutcome outcome, const Failure& failure);

 private:
  bool Begin();
  void RunBetweenHooks(StopHandle& stop);
  void BackUp(StopHandle& stop);
  std::optional<targets::Target> ReadySource();
  void Judge(const BackupOutcome& outcome, const StopHandle& stop);
  void Fail(JobOutcome outcome, Cause cause, const std::string& reason, std::string hint = {});
  void RememberSnapshot(const targets::Snapshot& snapshot,
                        const std::vector<targets::Snapshot>& listing);
  targets::Status UpdateFacts(const targets::Snapshot& snapshot,
                              const std::vector<targets::Snapshot>& listing);
  void NameQuarantined();
  void SettleRestoreCheck();
  void WriteMarker();
  targets::Status WriteEndMarker();
  [[nodiscard]] Marker MarkerAfterSkip() const;
  void RunEndHooks();
  void NoteProgress(const BackupStatus& status);
  void Say(Severity severity, std::string message);
  [[nodiscard]] HookContext Context() const;

  const JobTools& tools_;
  const targets::Target& target_;
  std::unique_ptr<FileLock> lock_;
  std::optional<Marker> previous_;  // what stood there before this run
  JobReport report_;
  RunNotes notes_;
  std::vector<Unreadable> unreadable_;
  std::size_t unreadable_count_ = 0;
  bool needs_proof_ = false;
  targets::SnapshotId worthless_;
  bool proven_ = false;  // or found to be unprovable
  targets::UnixTime started_{};
  std::uint64_t progress_bytes_ = 0;  // of the last sign of progress in the marker
  std::optional<MonotonicTime> progress_written_;
  bool marker_is_ours_ = false;
};

}  // namespace runner
