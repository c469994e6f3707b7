#include "runner/jobs/restore_if_empty.h"

#include <fmt/format.h>

#include "runner/jobs/forget_plan.h"
#include "runner/jobs/restore_owed.h"
#include "targets/base/size.h"

namespace runner {
namespace {

using targets::Snapshot;
using targets::SourceState;
using targets::Stage;
using targets::Target;

constexpr const char* kNew = "new";
constexpr const char* kRestored = "restored ";

Failure Problem(Cause cause, std::string reason, std::string hint) {
  return {cause, std::move(reason), std::move(hint), {}};
}

Failure FromError(const targets::Error& error) {
  return Problem(Cause::kUnknown, error.message, error.hint);
}

targets::Status Decide(const JobTools& tools, const targets::TargetId& target,
                       const std::string& decision) {
  return tools.facts.UpdateTarget(target, [&](TargetFacts& facts) {
    facts.decisions[kRestoreDecision] = decision;
    facts.decisions.erase(decision_key::kRestoreOwed);
  });
}

/// From now on the source's data is that of the snapshot, or nobody's.
targets::Status Owe(const JobTools& tools, const targets::TargetId& target,
                    const targets::SnapshotId& snapshot) {
  return tools.facts.UpdateTarget(target, [&](TargetFacts& facts) {
    facts.decisions[decision_key::kRestoreOwed] = snapshot.str();
  });
}

/// The data is proven, and its journal sees to it that all of it gets into place.
targets::Status OweNothing(const JobTools& tools, const targets::TargetId& target) {
  return tools.facts.UpdateTarget(
      target, [](TargetFacts& facts) { facts.decisions.erase(decision_key::kRestoreOwed); });
}

}  // namespace

std::vector<Snapshot> WithoutQuarantined(const TargetFacts& facts,
                                         std::vector<Snapshot> snapshots) {
  std::erase_if(snapshots, [&](const Snapshot& s) { return IsQuarantined(facts, s); });
  return snapshots;
}

std::string DescribeRestore(const RestoreSummary& summary) {
  const std::string id = summary.snapshot.str().substr(0, 8);
  if (summary.finished)
    return fmt::format("moved the rest of snapshot {} into place, which a restore had left", id);
  std::string text =
      fmt::format("restored {} file{}, {}, of snapshot {}", summary.files,
                  summary.files == 1 ? "" : "s", targets::FormatSize(summary.bytes), id);
  if (summary.other_owners > 0) {
    text += fmt::format(
        "; {} belong to another owner than before, since only root may give files "
        "away",
        summary.other_owners);
  }
  return text;
}

targets::Status RememberRestore(const JobTools& tools, const targets::TargetId& target,
                                const targets::SnapshotId& snapshot) {
  return Decide(tools, target, kRestored + snapshot.str());
}

JobReport RestoreIfEmpty::Run(const Target& target, StopHandle& stop) {
  StageRun run(tools_, {target.id, Stage::kRestore});
  const auto lock = tools_.state.TryLockTarget(target.id);
  if (!lock) return run.End(JobOutcome::kFailed, FromError(lock.error()));
  if (*lock == nullptr) {
    return run.End(JobOutcome::kBlocked,
                   Problem(Cause::kNone, "another run of this target is at work", ""));
  }
  if (const auto begun = run.Begin(); !begun) {
    return run.End(JobOutcome::kFailed,
                   Problem(Cause::kDiskFull, begun.error().message, begun.error().hint));
  }
  const ErrorListener::Listening listening(tools_.errors, {target.id, Stage::kRestore});
  ReadyKind kind = ReadyKind::kData;
  JobReport report = Judge(run, target, kind, stop);
  const bool good = report.outcome == JobOutcome::kSuccess;
  const auto noted =
      WriteReady(tools_.files, tools_.state, target.id, good ? std::optional(kind) : std::nullopt);
  if (!noted)
    run.Say(Severity::kError, "`runner wait-restored` will wait: " + noted.error().message);
  return report;
}

/// `kind`: of what a success found.
JobReport RestoreIfEmpty::Judge(StageRun& run, const Target& target, ReadyKind& kind,
                                StopHandle& stop) {
  const auto* directory = std::get_if<targets::DirectorySource>(&target.source);
  if (directory == nullptr) return run.End(JobOutcome::kSuccess, Saying("a stream has no source"));
  const SourceReport source = tools_.inspector.Inspect(*directory, target.guard);
  switch (source.state) {
    case SourceState::kMissing:
      return run.End(JobOutcome::kFailed,
                     Problem(Cause::kSourceMissing, "source missing: " + source.detail,
                             "is the disk mounted, is the volume there?"));
    case SourceState::kUnreadable:
      return run.End(JobOutcome::kFailed,
                     Problem(Cause::kPermission, "source unreadable: " + source.detail,
                             "the jobs need permission to read it"));
    case SourceState::kHalfRestored:
      return Continue(run, target, source.path, kind, stop);
    case SourceState::kEmpty:
      if (target.guard.allow_empty) {
        kind = ReadyKind::kEmpty;
        return run.End(JobOutcome::kSuccess, Saying("source empty, which is allowed"));
      }
      return JudgeEmpty(run, target, source.path, kind, stop);
    case SourceState::kHasData:
    case SourceState::kNotChecked:
      break;
  }
  return LeaveAlone(run, target);
}

/// The source has data, which is nobody's before a restore that is owed has been answered for.
JobReport RestoreIfEmpty::LeaveAlone(StageRun& run, const Target& target) {
  const auto facts = tools_.facts.ReadTarget(target.id);
  if (!facts) return run.End(JobOutcome::kFailed, FromError(facts.error()));
  if (auto owed = RestoreOwed(target.id, *facts))
    return run.End(JobOutcome::kBlocked, *std::move(owed));
  return run.End(JobOutcome::kSuccess, Saying("source has data: nothing to restore"));
}

/// What an earlier restore left: either nothing of it is in the source yet, or all of it was proven
/// and the renames had begun.
JobReport RestoreIfEmpty::Continue(StageRun& run, const Target& target, const std::string& path,
                                   ReadyKind& kind, StopHandle& stop) {
  const auto left = restorer_.Unfinished(path);
  if (!left) return run.End(JobOutcome::kFailed, FromError(left.error()));
  if (*left && (*left)->phase == RestoreJournal::Phase::kMoving) {
    if (const auto noted = OweNothing(tools_, target.id); !noted)
      return run.End(JobOutcome::kFailed, FromError(noted.error()));
    return Settle(run, target, restorer_.Finish(path, false), stop);
  }
  const auto alone = restorer_.NothingElseIn(path);
  if (!alone) return run.End(JobOutcome::kFailed, FromError(alone.error()));
  const bool began = *left && !(*left)->snapshot.empty();
  if (began && !*alone) {
    return run.End(
        JobOutcome::kBlocked,
        Problem(Cause::kSourceInTheWay,
                "a restore was cut off before it moved anything, and the source has other data now",
                fmt::format("to keep what is there, remove {}; to have the snapshot, type `runner "
                            "restore {} --force`",
                            StagingFolder(path).path(), target.id.str())));
  }
  if (const auto discarded = restorer_.Discard(path); !discarded)
    return run.End(JobOutcome::kFailed, FromError(discarded.error()));
  if (!*alone) return LeaveAlone(run, target);
  return JudgeEmpty(run, target, path, kind, stop);
}

JobReport RestoreIfEmpty::JudgeEmpty(StageRun& run, const Target& target, const std::string& path,
                                     ReadyKind& kind, StopHandle& stop) {
  const auto blocked = [&](Failure failure) {
    return run.End(stop.Stopped() ? JobOutcome::kInterrupted : JobOutcome::kBlocked,
                   std::move(failure));
  };
  if (const auto opened = opener_.Open(stop); !opened) {
    Failure failure = opened.error();
    failure.reason = "source empty, and the repository is not available: " + failure.reason;
    return blocked(std::move(failure));
  }
  auto facts = tools_.facts.ReadTarget(target.id);
  if (!facts) return blocked(FromError(facts.error()));
  auto snapshots = tools_.restic.RestorableSnapshots(target.id, stop);
  if (!snapshots) {
    Failure failure = std::move(snapshots.error());
    failure.reason =
        "source empty, and the repository does not say what it has of it: " + failure.reason;
    return blocked(std::move(failure));
  }
  return Decided(run, target, path, *std::move(snapshots), *std::move(facts), kind, stop);
}

JobReport RestoreIfEmpty::Decided(StageRun& run, const Target& target, const std::string& path,
                                  std::vector<Snapshot> snapshots, TargetFacts facts,
                                  ReadyKind& kind, StopHandle& stop) {
  using Kind = targets::EmptySourceDecision::Kind;
  const std::string before = facts.decisions[kRestoreDecision];
  // Those that wait for their tag bear it already, for everybody who looks.
  for (Snapshot& snapshot : snapshots) {
    if (IsQuarantined(facts, snapshot)) snapshot.tags.emplace_back(targets::kQuarantineTag);
  }
  const targets::EmptySourceDecision decision = targets::DecideEmptySource(
      {target, snapshots, facts.snapshots_seen, before.starts_with(kRestored), before == kNew,
       tools_.clock.Now()});
  switch (decision.kind) {
    case Kind::kRestore:
      return Restore(run, target, path, *decision.snapshot, stop);
    case Kind::kNewTarget:
      kind = ReadyKind::kEmpty;
      if (const auto noted = Decide(tools_, target.id, kNew); !noted)
        return run.End(JobOutcome::kFailed, FromError(noted.error()));
      return run.End(JobOutcome::kSuccess, Saying(decision.reason));
    case Kind::kBlocked:
    case Kind::kFailed:
      break;
  }
  return run.End(decision.kind == Kind::kFailed ? JobOutcome::kFailed : JobOutcome::kBlocked,
                 Problem(Cause::kSourceMissing, decision.reason, decision.hint));
}

JobReport RestoreIfEmpty::Restore(StageRun& run, const Target& target, const std::string& path,
                                  const Snapshot& snapshot, StopHandle& stop) {
  run.Say(Severity::kWarning,
          fmt::format("source empty: restoring snapshot {} of {} into {}",
                      snapshot.id.str().substr(0, 8), targets::FormatRfc3339(snapshot.time), path));
  const auto pass = gate_.Enter(LockMode::kShared, stop);
  if (!pass) {
    return run.End(JobOutcome::kInterrupted,
                   Problem(Cause::kInterrupted, pass.error().message, pass.error().hint));
  }
  if (const auto noted = Owe(tools_, target.id, snapshot.id); !noted)
    return run.End(JobOutcome::kFailed, FromError(noted.error()));
  RestoreOrder order;
  order.snapshot = snapshot;
  order.destination = path;
  order.before_move = [&] { return OweNothing(tools_, target.id); };
  const StatusHandler on_status = [&run](const BackupStatus& status) { run.NoteProgress(status); };
  return Settle(run, target, restorer_.Run(order, on_status, stop), stop);
}

JobReport RestoreIfEmpty::Settle(StageRun& run, const Target& target,
                                 const Outcome<RestoreSummary>& restored, const StopHandle& stop) {
  if (!restored) return run.End(OutcomeOf(restored.error(), stop), restored.error());
  if (const auto noted = RememberRestore(tools_, target.id, restored->snapshot); !noted)
    return run.End(JobOutcome::kFailed, FromError(noted.error()));
  return run.End(JobOutcome::kSuccess, Saying(DescribeRestore(*restored)));
}

}  // namespace runner
