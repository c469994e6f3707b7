#include "runner/jobs/restore_on_request.h"

#include <fmt/format.h>

#include "targets/base/size.h"
#include "targets/restore/choose.h"
#include "targets/restore/content_root.h"

namespace runner {
namespace {

using targets::Snapshot;
using targets::SourceState;
using targets::Stage;
using targets::Target;

Failure Problem(Cause cause, std::string reason, std::string hint) {
  return {cause, std::move(reason), std::move(hint), {}};
}

tl::unexpected<Failure> Refuse(Cause cause, std::string reason, std::string hint) {
  return tl::unexpected(Problem(cause, std::move(reason), std::move(hint)));
}

tl::unexpected<Failure> FromError(const targets::Error& error) {
  return Refuse(Cause::kUnknown, error.message, error.hint);
}

std::string ShortId(const Snapshot& snapshot) { return snapshot.id.str().substr(0, 8); }

}  // namespace

JobReport RestoreOnRequest::Run(const Target& target, const RestoreWish& wish, StopHandle& stop) {
  StageRun run(tools_, {target.id, Stage::kRestore});
  if (wish.dry_run) run.LeaveOutOfHistory();
  const ErrorListener::Listening listening(tools_.errors, {target.id, Stage::kRestore});
  // What cannot be begun says nothing of the target: no marker is touched.
  const auto prepared = Prepare(target, wish, stop);
  if (!prepared) return run.End(OutcomeOf(prepared.error(), stop), prepared.error());
  const auto done =
      wish.dry_run ? Describe(*prepared, wish, stop) : Restore(run, target, *prepared, wish, stop);
  if (!done) return run.End(OutcomeOf(done.error(), stop), done.error());
  return run.End(JobOutcome::kSuccess, Saying(*done));
}

Outcome<RestoreOnRequest::Prepared> RestoreOnRequest::Prepare(const Target& target,
                                                              const RestoreWish& wish,
                                                              StopHandle& stop) {
  auto destination = FindDestination(target, wish);
  if (!destination) return tl::unexpected(std::move(destination.error()));
  if (auto failure = CheckRoom(*destination, wish)) return tl::unexpected(*std::move(failure));
  if (const auto opened = opener_.OpenExisting(stop); !opened)
    return tl::unexpected(opened.error());
  auto snapshot = Choose(target, wish, stop);
  if (!snapshot) return tl::unexpected(std::move(snapshot.error()));
  return Prepared{*std::move(destination), *std::move(snapshot)};
}

Outcome<RestoreOnRequest::Destination> RestoreOnRequest::FindDestination(const Target& target,
                                                                         const RestoreWish& wish) {
  auto path = wish.to.empty() ? SourceFolder(target) : OtherFolder(wish.to, !wish.dry_run);
  if (!path) return tl::unexpected(std::move(path.error()));
  if (*path == "/") {
    return Refuse(Cause::kUsage, "nothing is restored over the whole machine",
                  "restore to a folder with --to DIR");
  }
  return Destination{*std::move(path), wish.to.empty()};
}

Outcome<std::string> RestoreOnRequest::SourceFolder(const Target& target) {
  const auto* directory = std::get_if<targets::DirectorySource>(&target.source);
  if (directory == nullptr) {
    return Refuse(Cause::kUsage, "the source is a command, so there is no folder to restore to",
                  "say where the file shall lie: --to DIR");
  }
  SourceReport source = tools_.inspector.Inspect(*directory, target.guard);
  if (source.state == SourceState::kMissing) {
    return Refuse(Cause::kSourceMissing, "source missing: " + source.detail,
                  "mount or create it, or restore elsewhere with --to DIR");
  }
  return std::move(source.path);
}

Outcome<std::string> RestoreOnRequest::OtherFolder(const std::string& path, bool create) {
  const auto there = tools_.files.Stat(path, LinkHandling::kFollow);
  if (!there) return FromError(there.error());
  if (!there->has_value() && !create) return path;
  if (!there->has_value()) {
    if (const auto made = tools_.files.CreateDirectories(path, 0755); !made)
      return FromError(made.error());
  } else if ((*there)->type != FileType::kDirectory) {
    return Refuse(Cause::kUsage, path + " is not a folder", "name a folder with --to");
  }
  auto real = tools_.files.RealPath(path);
  if (!real) return FromError(real.error());
  return *std::move(real);
}

Outcome<Snapshot> RestoreOnRequest::Choose(const Target& target, const RestoreWish& wish,
                                           StopHandle& stop) {
  const auto snapshots = tools_.restic.RestorableSnapshots(target.id, stop);
  if (!snapshots) return tl::unexpected(snapshots.error());
  const std::string look = fmt::format("`runner snapshots {}` lists them", target.id.str());
  if (!wish.snapshot.empty() && wish.snapshot != "latest") {
    const targets::NamedSnapshot named = targets::FindByPrefix(*snapshots, wish.snapshot);
    if (named.snapshot != nullptr) return *named.snapshot;
    auto foreign = ChooseOfAll(wish.snapshot, stop);
    if (foreign) return foreign;
    return Refuse(Cause::kUsage, named.problem, look);
  }
  const auto facts = tools_.facts.ReadTarget(target.id);
  if (!facts) return FromError(facts.error());
  const std::vector<Snapshot> good = WithoutQuarantined(*facts, *snapshots);
  const Snapshot* newest = wish.at ? targets::NewestGoodUntil(good, *wish.at)
                                   : targets::NewestGood(good, tools_.clock.Now());
  if (newest != nullptr) return *newest;
  return Refuse(Cause::kUsage,
                fmt::format("there is no good snapshot of {}{}", target.id.str(),
                            wish.at ? " that is so old" : ""),
                look);
}

/// Somebody who types an id may mean a snapshot of another instance, of before a move.
Outcome<Snapshot> RestoreOnRequest::ChooseOfAll(const std::string& prefix, StopHandle& stop) {
  const auto all = tools_.restic.AllSnapshots(stop);
  if (!all) return tl::unexpected(all.error());
  const targets::NamedSnapshot named = targets::FindByPrefix(*all, prefix);
  if (named.snapshot == nullptr) return Refuse(Cause::kUsage, named.problem, "");
  return *named.snapshot;
}

/// Data that is there is replaced only on demand.
std::optional<Failure> RestoreOnRequest::CheckRoom(const Destination& destination,
                                                   const RestoreWish& wish) {
  const auto there = tools_.files.Stat(destination.path, LinkHandling::kFollow);
  if (!there) return FromError(there.error()).value();
  if (wish.force || !there->has_value()) return std::nullopt;
  const auto left = restorer_.Unfinished(destination.path);
  if (!left) return FromError(left.error()).value();
  if (*left && (*left)->phase == RestoreJournal::Phase::kMoving) return std::nullopt;
  const auto empty = restorer_.NothingElseIn(destination.path);
  if (!empty) return FromError(empty.error()).value();
  if (*empty) return std::nullopt;
  return Problem(Cause::kSourceInTheWay, destination.path + " is not empty",
                 "--force puts the snapshot's files over it and deletes nothing else; --to DIR "
                 "restores elsewhere");
}

Outcome<std::string> RestoreOnRequest::Restore(StageRun& run, const Target& target,
                                               const Prepared& prepared, const RestoreWish& wish,
                                               StopHandle& stop) {
  const auto& [destination, snapshot] = prepared;
  std::unique_ptr<FileLock> lock;
  if (destination.is_source) {
    auto taken = tools_.state.TryLockTarget(target.id);
    if (!taken) return FromError(taken.error());
    if (*taken == nullptr) {
      return Refuse(Cause::kSourceInTheWay, "another run of this target is at work",
                    "wait for its end; `runner status` shows it");
    }
    lock = std::move(*taken);
    if (const auto begun = run.Begin(); !begun) return FromError(begun.error());
  }
  const auto pass = gate_.Enter(LockMode::kShared, stop);
  if (!pass) return Refuse(Cause::kInterrupted, pass.error().message, pass.error().hint);
  run.Say(Severity::kInfo, fmt::format("restoring snapshot {} of {} into {}", ShortId(snapshot),
                                       targets::FormatRfc3339(snapshot.time), destination.path));
  RestoreOrder order;
  order.snapshot = snapshot;
  order.destination = destination.path;
  order.merge = wish.force;
  order.include = wish.include;
  order.verify = wish.verify;
  const auto restored = restorer_.Run(
      order, [&run](const BackupStatus& status) { run.NoteProgress(status); }, stop);
  if (!restored) return tl::unexpected(restored.error());
  if (destination.is_source) {
    if (const auto noted = RememberRestore(tools_, target.id, restored->snapshot); !noted)
      return FromError(noted.error());
    const auto ready = WriteReady(tools_.files, tools_.state, target.id, ReadyKind::kData);
    if (!ready) return FromError(ready.error());
  }
  return DescribeRestore(*restored) + " into " + destination.path;
}

Outcome<std::string> RestoreOnRequest::Describe(const Prepared& prepared, const RestoreWish& wish,
                                                StopHandle& stop) {
  const Snapshot& snapshot = prepared.snapshot;
  const auto tree = tools_.restic.Tree(snapshot.id, stop);
  if (!tree) return tl::unexpected(tree.error());
  const targets::TreeSize size = targets::SizeBelow(*tree, targets::ContentRoot(snapshot, *tree));
  return fmt::format("would restore {}{} file{}, {}, of snapshot {} of {} into {}",
                     wish.include.empty() ? "" : "what matches of ", size.files,
                     size.files == 1 ? "" : "s", targets::FormatSize(size.bytes), ShortId(snapshot),
                     targets::FormatRfc3339(snapshot.time), prepared.destination.path);
}

}  // namespace runner
