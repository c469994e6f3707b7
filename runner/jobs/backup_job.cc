#include "runner/jobs/backup_job.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/jobs/guard_check.h"
#include "runner/jobs/progress_teller.h"
#include "runner/jobs/restore_owed.h"
#include "targets/base/size.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::Snapshot;
using targets::SourceState;
using targets::Stage;

MarkerKey KeyOf(const targets::Target& target) { return {target.id, Stage::kBackup}; }

std::string Describe(const BackupSummary& summary, const targets::SnapshotId& snapshot) {
  return fmt::format(
      "snapshot {}: {} new, {} changed, {} unchanged files, {} in all, {} added in {:.0f} s",
      snapshot.str().substr(0, 8), summary.files_new, summary.files_changed,
      summary.files_unmodified, targets::FormatSize(summary.total_bytes),
      targets::FormatSize(summary.data_added), summary.seconds);
}

/// Restic does not name every file that it could not read.
std::string CountOfFiles(std::size_t count) {
  if (count == 0) return "some files";
  return fmt::format("{} file{}", count, count == 1 ? "" : "s");
}

/// The snapshot whose id begins with what the summary said, and which bears this target's identity.
const Snapshot* FindProof(const std::vector<Snapshot>& listing, const std::string& id,
                          const std::string& tag) {
  if (id.empty()) return nullptr;
  const auto found = std::find_if(listing.begin(), listing.end(), [&](const Snapshot& snapshot) {
    return snapshot.id.str().starts_with(id) && snapshot.HasTag(tag);
  });
  return found == listing.end() ? nullptr : &*found;
}

}  // namespace

void BackupJob::Say(Severity severity, std::string message) {
  if (severity >= Severity::kWarning) notes_.warnings.push_back(message);
  tools_.observer.OnEvent({severity, target_.id.str(), "backup", std::move(message)});
}

void BackupJob::Fail(JobOutcome outcome, Cause cause, const std::string& reason, std::string hint) {
  report_.outcome = outcome;
  report_.cause = cause;
  report_.reason = targets::OneLine(reason);
  report_.hint = std::move(hint);
}

HookContext BackupJob::Context() const {
  return HookContext{target_,        tools_.config.instance.str(), "backup", "",
                     report_.reason, report_.snapshot.str()};
}

void BackupJob::Run(StopHandle& stop) {
  report_ = {};
  report_.target = target_.id;
  needs_proof_ = proven_ = false;
  worthless_ = {};
  if (!Begin()) return;
  if (stop.Stopped())
    return Fail(JobOutcome::kInterrupted, Cause::kInterrupted, "stopped before it began");
  const ErrorListener::Listening listening(tools_.errors, KeyOf(target_));
  RunBetweenHooks(stop);
  Append(notes_.output, tools_.errors.Heard());
}

/// Takes the target for this run and says so on disk; false: it must not run.
bool BackupJob::Begin() {
  if (!lock_) {
    auto lock = tools_.state.TryLockTarget(target_.id);
    if (!lock) {
      Fail(JobOutcome::kFailed, Cause::kUnknown, lock.error().message, lock.error().hint);
      return false;
    }
    if (*lock == nullptr) {
      Fail(JobOutcome::kBlocked, Cause::kNone, "another run of this target is at work");
      return false;
    }
    lock_ = std::move(*lock);
  }
  if (!marker_is_ours_) {
    if (const auto previous = tools_.markers.Read(KeyOf(target_))) previous_ = *previous;
    tools_.recorder.RecordInterrupted(KeyOf(target_), previous_);
  }
  marker_is_ours_ = true;
  started_ = tools_.clock.Now();
  const auto written = tools_.markers.Write(
      KeyOf(target_), Marker{MarkerStatus::kRunning, started_, "backup is running", {}});
  if (written) return true;
  // Without a durable RUNNING a crash would leave the last success standing as if nothing had
  // happened.
  Fail(JobOutcome::kFailed, Cause::kDiskFull, written.error().message, written.error().hint);
  return false;
}

void BackupJob::RunBetweenHooks(StopHandle& stop) {
  HookRunner hooks(tools_.processes, tools_.config);
  const HookResult before = hooks.RunBefore(Context(), stop);
  if (before.verdict == HookVerdict::kProceed) {
    BackUp(stop);
  } else if (stop.Stopped()) {
    Fail(JobOutcome::kInterrupted, Cause::kInterrupted, "stopped during a `before` hook");
  } else {
    const bool skip = before.verdict == HookVerdict::kSkip;
    Fail(skip ? JobOutcome::kSkipped : JobOutcome::kFailed, Cause::kNone,
         fmt::format("before: {}", before.reason));
  }
  HookContext context = Context();
  context.outcome = JobOutcomeName(report_.outcome);
  const HookResult after = hooks.RunAll(target_.hooks.after, context);
  if (after.verdict == HookVerdict::kFail)
    Say(Severity::kError, fmt::format("after: {}", after.reason));
}

/// The target as restic gets it (a source that is a symbolic link is replaced by what it points
/// to), or the refusal.
std::optional<targets::Target> BackupJob::ReadySource() {
  const auto* directory = std::get_if<targets::DirectorySource>(&target_.source);
  if (directory == nullptr) return target_;
  const SourceReport source = tools_.inspector.Inspect(*directory, target_.guard);
  switch (source.state) {
    case SourceState::kMissing:
      Fail(JobOutcome::kFailed, Cause::kSourceMissing, "source missing: " + source.detail,
           "is the disk mounted, is the volume there?");
      return std::nullopt;
    case SourceState::kUnreadable:
      Fail(JobOutcome::kFailed, Cause::kPermission, "source unreadable: " + source.detail,
           "the jobs need permission to read it");
      return std::nullopt;
    case SourceState::kEmpty:
      if (target_.guard.allow_empty) break;
      Fail(JobOutcome::kBlocked, Cause::kSourceMissing,
           "source empty: " + source.detail + "; an empty folder never becomes the newest snapshot",
           "put the data back, or set guard.allow_empty: true if empty is right");
      return std::nullopt;
    case SourceState::kHalfRestored:
      Fail(JobOutcome::kBlocked, Cause::kSourceInTheWay,
           source.detail + "; half of a restore never becomes the newest snapshot",
           fmt::format("`runner run {0} --stage restore` or `runner restore {0}` finishes it",
                       target_.id.str()));
      return std::nullopt;
    case SourceState::kHasData:
    case SourceState::kNotChecked:
      break;
  }
  const auto facts = tools_.facts.ReadTarget(target_.id);
  if (!facts) {
    Fail(JobOutcome::kFailed, Cause::kUnknown, facts.error().message, facts.error().hint);
    return std::nullopt;
  }
  if (const auto owed = RestoreOwed(target_.id, *facts)) {
    Fail(JobOutcome::kBlocked, owed->cause, owed->reason, owed->hint);
    return std::nullopt;
  }
  targets::Target ready = target_;
  ready.source = targets::DirectorySource{source.path};
  return ready;
}

void BackupJob::BackUp(StopHandle& stop) {
  const auto ready = ReadySource();
  if (!ready) return;
  ProgressTeller teller(tools_.observer, target_.id, targets::Stage::kBackup);
  const StatusHandler on_status = [&](const BackupStatus& status) {
    teller.Tell(status);
    NoteProgress(status);
  };
  const auto* command = std::get_if<targets::CommandSource>(&ready->source);
  Judge(command == nullptr
            ? tools_.restic.BackupDirectory(*ready, on_status, stop)
            : tools_.restic.BackupStream(
                  *ready, UserCommand(tools_.config, *ready, command->command), on_status, stop),
        stop);
}

/// Tells the marker once in a while, so that the healthcheck can tell a long run from a stuck one.
void BackupJob::NoteProgress(const BackupStatus& status) {
  constexpr std::chrono::minutes kMarkerInterval{1};
  const MonotonicTime now = tools_.clock.Monotonic();
  const bool moved = status.bytes_done != progress_bytes_;
  if (!moved || (progress_written_ && now - *progress_written_ < kMarkerInterval)) return;
  progress_bytes_ = status.bytes_done;
  progress_written_ = now;
  // Its time stays that of the beginning: restic dates the snapshot there, and what an interrupted
  // run left is recognised by that.
  Marker marker{MarkerStatus::kRunning, started_, "backup is running", {}};
  marker.details[marker_key::kProgress] =
      std::to_string(targets::ToUnixSeconds(tools_.clock.Now()));
  // A full disk will show itself when the end is written; the run goes on meanwhile.
  static_cast<void>(tools_.markers.Write(KeyOf(target_), std::move(marker)));
}

void BackupJob::Judge(const BackupOutcome& outcome, const StopHandle& stop) {
  report_.summary = outcome.summary;
  unreadable_ = outcome.unreadable;
  unreadable_count_ = outcome.unreadable_count;
  if (outcome.kind == BackupOutcome::Kind::kComplete) {
    report_.outcome = JobOutcome::kSuccess;
    needs_proof_ = true;
    return;
  }
  const Failure failure =
      outcome.failure.value_or(Failure{Cause::kUnknown, "restic failed without a word", "", {}});
  if (outcome.kind == BackupOutcome::Kind::kIncomplete) {
    const std::string example =
        unreadable_.empty() ? "" : fmt::format(", the first is {}", unreadable_.front().path);
    const bool fail = target_.partial.on_partial == targets::OnPartial::kFail;
    Fail(fail ? JobOutcome::kFailed : JobOutcome::kIncomplete, Cause::kIncomplete,
         fmt::format("{} could not be read{}", CountOfFiles(unreadable_count_), example),
         "give the jobs permission to read them, or exclude them");
    needs_proof_ = true;
    return;
  }
  if (target_.IsStream()) worthless_ = targets::SnapshotId(outcome.summary.snapshot_id);
  Fail(OutcomeOf(failure, stop), failure.cause, failure.reason, failure.hint);
}

void BackupJob::Prove(const Outcome<std::vector<Snapshot>>& listing) {
  proven_ = true;
  if (!listing) {
    const bool stopped = listing.error().cause == Cause::kInterrupted;
    return Fail(stopped ? JobOutcome::kInterrupted : JobOutcome::kFailed, listing.error().cause,
                fmt::format("the snapshot could not be proven: {}", listing.error().reason),
                listing.error().hint);
  }
  const Snapshot* proof =
      FindProof(*listing, report_.summary.snapshot_id, targets::IdentityTag(target_.id));
  if (proof == nullptr) {
    return Fail(
        JobOutcome::kFailed, Cause::kUnknown,
        fmt::format("restic reported snapshot {}, but the repository does not list it",
                    report_.summary.snapshot_id.empty() ? "(none)" : report_.summary.snapshot_id),
        "run `runner check`; another program may be deleting snapshots");
  }
  report_.snapshot = proof->id;
  RememberSnapshot(*proof, *listing);
}

void BackupJob::RememberSnapshot(const Snapshot& snapshot, const std::vector<Snapshot>& listing) {
  const auto saved = UpdateFacts(snapshot, listing);
  if (!saved)
    Fail(JobOutcome::kFailed, Cause::kDiskFull, saved.error().message, saved.error().hint);
}

targets::Status BackupJob::UpdateFacts(const Snapshot& snapshot,
                                       const std::vector<Snapshot>& listing) {
  auto facts = tools_.facts.ReadTarget(target_.id);
  if (!facts) return targets::Fail(facts.error());
  const GoodSnapshot made{snapshot.id, snapshot.time, report_.summary.total_files,
                          report_.summary.total_bytes};
  const GuardCheck guards(tools_.restic, target_);
  const std::string suspicion =
      guards.Judge(snapshot, report_.summary, facts->newest_good, listing);
  facts->newest_proven = snapshot.id;
  if (!suspicion.empty()) {
    facts->quarantined.push_back({made, snapshot.FirstId(), suspicion});
    Fail(JobOutcome::kFailed, Cause::kQuarantined, suspicion);
    return tools_.facts.WriteTarget(target_.id, *facts);
  }
  NoteClock(target_, snapshot.time, *facts);
  ++facts->snapshots_seen;
  if (report_.cause != Cause::kIncomplete) {
    facts->incomplete_in_a_row = 0;
    facts->newest_good = made;
  } else {
    ++facts->incomplete_in_a_row;
  }
  return tools_.facts.WriteTarget(target_.id, *facts);
}

/// The tag gave it a new id, by which a person finds it.
void BackupJob::NameQuarantined() {
  const auto facts = tools_.facts.ReadTarget(target_.id);
  if (!facts || facts->quarantined.empty()) return;
  report_.snapshot = facts->quarantined.back().snapshot.id;
  const Failure told = DescribeQuarantine(target_.id, *facts);
  Fail(JobOutcome::kFailed, Cause::kQuarantined, told.reason, told.hint);
}

JobReport BackupJob::Conclude(const Outcome<std::vector<Snapshot>>& listing) {
  if (needs_proof_ && !proven_) Prove(listing);
  if (Quarantined()) NameQuarantined();
  if (report_.outcome == JobOutcome::kSuccess)
    report_.reason = Describe(report_.summary, report_.snapshot);
  WriteMarker();
  SettleRestoreCheck();
  RunEndHooks();
  for (const Unreadable& item : unreadable_) {
    notes_.warnings.push_back(fmt::format("unreadable: {} {}", item.path, item.reason));
    Say(Severity::kDebug, notes_.warnings.back());
  }
  tools_.recorder.Record(report_, notes_);
  const bool good =
      report_.outcome == JobOutcome::kSuccess || report_.outcome == JobOutcome::kSkipped;
  const Severity severity = good                                         ? Severity::kInfo
                            : report_.outcome == JobOutcome::kIncomplete ? Severity::kWarning
                                                                         : Severity::kError;
  Say(severity,
      fmt::format("{}{}: {}",
                  report_.outcome == JobOutcome::kSuccess ? "" : JobOutcomeName(report_.outcome),
                  report_.outcome == JobOutcome::kSuccess ? "done" : "", report_.reason));
  if (!report_.hint.empty()) Say(severity, "hint: " + report_.hint);
  lock_.reset();
  return report_;
}

JobReport BackupJob::Refuse(JobOutcome outcome, const Failure& failure) {
  report_ = {};
  report_.target = target_.id;
  needs_proof_ = false;
  if (Begin()) Fail(outcome, failure.cause, failure.reason, failure.hint);
  return Conclude(std::vector<Snapshot>{});
}

/// A restore check that found the source empty or missing is answered by a backup of its data.
void BackupJob::SettleRestoreCheck() {
  if (report_.outcome != JobOutcome::kSuccess || target_.IsStream()) return;
  const MarkerKey key{target_.id, Stage::kRestore};
  const auto marker = tools_.markers.Read(key);
  if (!marker || !marker->has_value()) return;
  const MarkerStatus status = (*marker)->status;
  if (status != MarkerStatus::kFailed && status != MarkerStatus::kBlocked) return;
  const Marker settled{MarkerStatus::kSuccess, {}, "source has data again: it was backed up", {}};
  static_cast<void>(tools_.markers.WriteSuccess(key, tools_.clock.Now(), settled));
}

/// The last word on disk; success is written last.
void BackupJob::WriteMarker() {
  if (!marker_is_ours_) return;
  const auto written = WriteEndMarker();
  if (written) return;
  Fail(JobOutcome::kFailed, Cause::kDiskFull,
       fmt::format("the marker could not be written: {}", written.error().message),
       written.error().hint);
  // A success that a power cut may undo must not stand there as one.
  static_cast<void>(WriteEndMarker());
}

targets::Status BackupJob::WriteEndMarker() {
  const MarkerKey key = KeyOf(target_);
  Marker marker{MarkerStatusOf(report_.outcome), tools_.clock.Now(), report_.reason, {}};
  if (report_.cause != Cause::kNone) marker.details[marker_key::kCause] = CauseName(report_.cause);
  if (!report_.hint.empty()) marker.details[marker_key::kHint] = report_.hint;
  if (!report_.snapshot.empty()) marker.details[marker_key::kSnapshot] = report_.snapshot.str();
  if (report_.outcome == JobOutcome::kSuccess)
    return tools_.markers.WriteSuccess(key, *marker.time, marker);
  if (report_.outcome != JobOutcome::kSkipped) return tools_.markers.Write(key, marker);
  return previous_ ? tools_.markers.Write(key, MarkerAfterSkip()) : tools_.markers.Remove(key);
}

/// A skipped run says nothing about the last one: its marker comes back. If the last one was cut
/// off, that stays a failure, or the failure that it tried to heal.
Marker BackupJob::MarkerAfterSkip() const {
  Marker marker = *previous_;
  if (marker.status == MarkerStatus::kRunning) {
    marker =
        PreviousFailure(*previous_)
            .value_or(Marker{MarkerStatus::kFailed,
                             previous_->time,
                             "the last backup was interrupted",
                             {{marker_key::kCause, std::string(CauseName(Cause::kInterrupted))}}});
  }
  if (marker.status == MarkerStatus::kUnreadable) marker.status = MarkerStatus::kFailed;
  if (!marker.time) marker.time = tools_.clock.Now();
  return marker;
}

void BackupJob::RunEndHooks() {
  HookRunner hooks(tools_.processes, tools_.config);
  HookContext context = Context();
  context.outcome = JobOutcomeName(report_.outcome);
  const bool success =
      report_.outcome == JobOutcome::kSuccess || report_.outcome == JobOutcome::kIncomplete;
  const bool failure = report_.outcome == JobOutcome::kFailed ||
                       report_.outcome == JobOutcome::kBlocked ||
                       report_.outcome == JobOutcome::kInterrupted;
  HookResult result;
  if (success) result = hooks.RunAll(target_.hooks.on_success, context);
  if (failure) result = hooks.RunAll(target_.hooks.on_failure, context);
  if (result.verdict == HookVerdict::kFail) Say(Severity::kError, result.reason);
}

}  // namespace runner
