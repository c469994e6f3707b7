#include "runner/jobs/restore_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace runner {
namespace {

using targets::Snapshot;
using targets::SourceState;
using targets::Stage;

Failure Problem(Cause cause, std::string reason, std::string hint) {
  return {cause, std::move(reason), std::move(hint), {}};
}

/// What the repository says about a source that is empty.
enum class EmptyVerdict {
  kNeverBackedUp,  // proven: none is listed, and none was ever seen
  kHasSnapshots,
  kUnknown,
};
struct EmptySource {
  EmptyVerdict verdict = EmptyVerdict::kUnknown;
  Failure failure = {};  // of all but kNeverBackedUp: what is wrong, and what to do
};

EmptySource WithSnapshots(const std::vector<Snapshot>& snapshots) {
  const Snapshot& newest =
      *std::ranges::max_element(snapshots, {}, [](const Snapshot& s) { return s.time; });
  const std::string id = newest.id.str().substr(0, 8);
  return {
      EmptyVerdict::kHasSnapshots,
      Problem(Cause::kSourceMissing,
              fmt::format("source empty, but the repository has {} snapshot{} of it, the newest "
                          "is {} of {}",
                          snapshots.size(), snapshots.size() == 1 ? "" : "s", id,
                          targets::FormatRfc3339(newest.time)),
              fmt::format("is the right volume mounted? If its data is lost, bring it back with "
                          "`runner restic -- restore {} --target DIR`",
                          id))};
}

/// REQUIRES: the repository was opened.
EmptySource JudgeEmptySource(const JobTools& tools, const targets::Target& target,
                             StopHandle& stop) {
  const auto facts = tools.facts.ReadTarget(target.id);
  if (!facts) {
    return {EmptyVerdict::kUnknown,
            Problem(Cause::kUnknown, facts.error().message, facts.error().hint)};
  }
  const auto snapshots = tools.restic.Snapshots(target.id, stop);
  if (!snapshots) {
    Failure failure = snapshots.error();
    failure.reason =
        "source empty, and the repository does not say what it has of it: " + failure.reason;
    return {EmptyVerdict::kUnknown, std::move(failure)};
  }
  if (!snapshots->empty()) return WithSnapshots(*snapshots);
  if (facts->snapshots_seen == 0) return {EmptyVerdict::kNeverBackedUp, {}};
  return {EmptyVerdict::kHasSnapshots,
          Problem(Cause::kSourceMissing,
                  fmt::format("source empty, and of its {} snapshots the repository lists none",
                              facts->snapshots_seen),
                  "is repository.url right, and does another program delete snapshots?")};
}

}  // namespace

JobReport RestoreCheck::Run(const targets::Target& target, StopHandle& stop) {
  StageRun run(tools_, {target.id, Stage::kRestore});
  const auto lock = tools_.state.TryLockTarget(target.id);
  if (!lock) {
    return run.End(JobOutcome::kFailed,
                   Problem(Cause::kUnknown, lock.error().message, lock.error().hint));
  }
  if (*lock == nullptr) {
    return run.End(JobOutcome::kBlocked,
                   Problem(Cause::kNone, "another run of this target is at work", ""));
  }
  if (const auto begun = run.Begin(); !begun) {
    return run.End(JobOutcome::kFailed,
                   Problem(Cause::kDiskFull, begun.error().message, begun.error().hint));
  }
  const ErrorListener::Listening listening(tools_.errors, {target.id, Stage::kRestore});
  return Judge(run, target, stop);
}

JobReport RestoreCheck::Judge(StageRun& run, const targets::Target& target, StopHandle& stop) {
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
    case SourceState::kEmpty:
      if (target.guard.allow_empty) {
        return run.End(JobOutcome::kSuccess, Saying("source empty, which is allowed"));
      }
      return JudgeEmpty(run, target, stop);
    case SourceState::kHasData:
    case SourceState::kNotChecked:
      break;
  }
  return run.End(JobOutcome::kSuccess, Saying("source has data: nothing to restore"));
}

JobReport RestoreCheck::JudgeEmpty(StageRun& run, const targets::Target& target, StopHandle& stop) {
  if (const auto opened = opener_.Open(stop); !opened) {
    Failure failure = opened.error();
    failure.reason = "source empty, and the repository is not available: " + failure.reason;
    return run.End(stop.Stopped() ? JobOutcome::kInterrupted : JobOutcome::kBlocked, failure);
  }
  const EmptySource empty = JudgeEmptySource(tools_, target, stop);
  if (empty.verdict != EmptyVerdict::kNeverBackedUp) {
    return run.End(stop.Stopped() ? JobOutcome::kInterrupted : JobOutcome::kBlocked, empty.failure);
  }
  if (target.restore.on_missing == targets::OnMissing::kFail) {
    return run.End(
        JobOutcome::kFailed,
        Problem(Cause::kSourceMissing, "source empty, and there is no snapshot of it to restore",
                "restore.on_missing: fail demands one"));
  }
  return run.End(JobOutcome::kSuccess, Saying("source empty and never backed up: a new target"));
}

}  // namespace runner
