#include "runner/restore/restorer.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/base/file_path.h"
#include "runner/restore/compare.h"
#include "targets/base/size.h"
#include "targets/base/text.h"
#include "targets/restic/command_lines.h"
#include "targets/restore/content_root.h"

namespace runner {
namespace {

using targets::SnapshotTree;

constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);
/// A file takes at least a block.
constexpr targets::Bytes kBytesPerEntry = 4096;

using Phase = RestoreJournal::Phase;

Failure FromError(const targets::Error& error) {
  return {Cause::kUnknown, targets::OneLine(error.message), error.hint, std::nullopt};
}

Failure Stopped() {
  return {Cause::kInterrupted, "stopped before the data was moved into place",
          "it starts over at the next run", std::nullopt};
}

Failure InTheWay(const std::string& path) {
  return {
      Cause::kSourceInTheWay,
      fmt::format("{} appeared while the data was being restored, so nothing may replace it", path),
      "stop what writes there; then empty the folder, or type `runner restore TARGET --force` "
      "to put the snapshot's files over it",
      std::nullopt};
}

Failure OtherType(const std::string& path) {
  return {
      Cause::kSourceInTheWay,
      fmt::format("{} is a folder here and a file in the snapshot, or the other way round", path),
      "move it away; a restore never deletes what the snapshot does not have", std::nullopt};
}

bool IsOurs(const std::string& name) {
  return name == "lost+found" || name.starts_with(targets::kStagingPrefix);
}

}  // namespace

targets::Result<std::optional<RestoreJournal>> Restorer::Unfinished(
    const std::string& destination) {
  const StagingFolder staging(destination);
  const auto exists = staging.Exists(files_);
  if (!exists) return targets::Fail(exists.error());
  if (!*exists) return std::nullopt;
  auto journal = staging.ReadJournal(files_);
  if (!journal) return targets::Fail(journal.error());
  return journal->value_or(RestoreJournal{});
}

targets::Status Restorer::Discard(const std::string& destination) {
  return files_.RemoveTree(StagingFolder(destination).path());
}

Outcome<RestoreSummary> Restorer::Run(const RestoreOrder& order, const StatusHandler& on_status,
                                      StopHandle& stop) {
  const auto unfinished = Unfinished(order.destination);
  if (!unfinished) return tl::unexpected(FromError(unfinished.error()));
  if (*unfinished && (*unfinished)->phase == Phase::kMoving) {
    if (const auto noted = order.before_move ? order.before_move() : targets::Status(); !noted)
      return tl::unexpected(FromError(noted.error()));
    return Finish(order.destination, order.merge);
  }
  if (const auto discarded = Discard(order.destination); !discarded)
    return tl::unexpected(FromError(discarded.error()));
  return StartOver(order, on_status, stop);
}

Outcome<RestoreSummary> Restorer::StartOver(const RestoreOrder& order,
                                            const StatusHandler& on_status, StopHandle& stop) {
  const StagingFolder staging(order.destination);
  auto staged = Stage(order, staging, on_status, stop);
  std::optional<Failure> failure;
  if (!staged) {
    failure = std::move(staged.error());
  } else if (stop.Stopped()) {
    failure = Stopped();
  } else {
    failure = CheckDestination(order, staging.Restored(staged->journal.root));
  }
  if (failure) {
    // Left lying it would only keep the target from being backed up.
    static_cast<void>(Discard(order.destination));
    return tl::unexpected(*std::move(failure));
  }
  staged->journal.phase = Phase::kMoving;
  if (const auto written = staging.WriteJournal(files_, staged->journal); !written)
    return tl::unexpected(FromError(written.error()));
  if (const auto noted = order.before_move ? order.before_move() : targets::Status(); !noted)
    return tl::unexpected(FromError(noted.error()));
  failure = MoveIntoPlace(staging, staged->journal);
  if (failure) return tl::unexpected(*std::move(failure));
  return std::move(staged->summary);
}

/// Everything is in the staging folder, as it should be and durable.
Outcome<Restorer::Staged> Restorer::Stage(const RestoreOrder& order, const StagingFolder& staging,
                                          const StatusHandler& on_status, StopHandle& stop) {
  auto tree = restic_.Tree(order.snapshot.id, stop);
  if (!tree) return tl::unexpected(std::move(tree.error()));
  Staged staged;
  staged.journal.snapshot = order.snapshot.id;
  staged.journal.root = targets::ContentRoot(order.snapshot, *tree);
  staged.journal.merge = order.merge;
  staged.summary.snapshot = order.snapshot.id;
  if (auto failure = CheckSpace(order, *tree, staged.journal.root))
    return tl::unexpected(*std::move(failure));
  if (const auto made = files_.CreateDirectories(staging.tree(), 0700); !made)
    return tl::unexpected(FromError(made.error()));
  if (const auto written = staging.WriteJournal(files_, staged.journal); !written)
    return tl::unexpected(FromError(written.error()));
  targets::RestoreRequest request;
  request.snapshot = order.snapshot.id;
  request.target = staging.tree();
  request.include = order.include;
  request.verify = order.verify;
  if (const auto restored = restic_.Restore(std::move(request), on_status, stop); !restored)
    return tl::unexpected(restored.error());
  if (auto failure = Compare(order, staging, *tree, staged.summary))
    return tl::unexpected(*std::move(failure));
  if (const auto synced = files_.SyncAll(staging.path()); !synced)
    return tl::unexpected(FromError(synced.error()));
  const auto folder = files_.Stat(staging.Restored(staged.journal.root), LinkHandling::kNoFollow);
  if (!folder) return tl::unexpected(FromError(folder.error()));
  if (!folder->has_value()) {
    return tl::unexpected(Failure{Cause::kUsage, "the snapshot holds nothing of what was asked for",
                                  "see its content with `runner restic -- ls`", std::nullopt});
  }
  staged.journal.modified = (*folder)->modified;
  staged.journal.modified_nanoseconds = (*folder)->modified_nanoseconds;
  return staged;
}

std::optional<Failure> Restorer::CheckSpace(const RestoreOrder& order, const SnapshotTree& tree,
                                            const std::string& root) {
  if (!order.include.empty()) return std::nullopt;  // nobody knows how much that is
  const auto space = files_.Space(order.destination);
  if (!space) return FromError(space.error());
  const targets::TreeSize size = targets::SizeBelow(tree, root);
  const targets::Bytes needed = size.bytes + tree.size() * kBytesPerEntry;
  if (needed <= space->available) return std::nullopt;
  return Failure{
      Cause::kDiskFull,
      fmt::format("the snapshot needs {} in {}, where {} are free", targets::FormatSize(needed),
                  order.destination, targets::FormatSize(space->available)),
      "free space there; nothing was written", std::nullopt};
}

std::optional<Failure> Restorer::Compare(const RestoreOrder& order, const StagingFolder& staging,
                                         const SnapshotTree& tree, RestoreSummary& summary) {
  const auto found = CompareTree(files_, tree, staging.tree(),
                                 {.owners = may_chown_, .partial = !order.include.empty()});
  if (!found) return FromError(found.error());
  summary.files = found->files;
  summary.bytes = found->bytes;
  summary.other_owners = found->other_owners;
  if (found->differences == 0) return std::nullopt;
  return Failure{
      Cause::kDamaged,
      fmt::format("what was restored is not what the snapshot holds: {} difference{}, the first: "
                  "{}",
                  found->differences, found->differences == 1 ? "" : "s", found->first),
      "nothing was moved into place; does that file system keep owners and modes?", std::nullopt};
}

/// The last look before anything is moved: an application that did not wait must not lose what it
/// wrote.
std::optional<Failure> Restorer::CheckDestination(const RestoreOrder& order,
                                                  const std::string& restored) {
  if (order.merge) return CheckTypes(restored, order.destination);
  const auto foreign = FirstForeign(order.destination);
  if (!foreign) return FromError(foreign.error());
  if (!foreign->has_value()) return std::nullopt;
  return InTheWay(JoinPath(order.destination, **foreign));
}

targets::Result<std::optional<std::string>> Restorer::FirstForeign(const std::string& destination) {
  const auto names = files_.List(destination, kNoLimit);
  if (!names) return targets::Fail(names.error());
  const auto foreign = std::ranges::find_if_not(*names, IsOurs);
  if (foreign == names->end()) return std::nullopt;
  return *foreign;
}

targets::Result<bool> Restorer::NothingElseIn(const std::string& destination) {
  const auto foreign = FirstForeign(destination);
  if (!foreign) return targets::Fail(foreign.error());
  return !foreign->has_value();
}

/// A folder must not replace a file, nor a file a folder: either would remove what the snapshot
/// does not have.
std::optional<Failure> Restorer::CheckTypes(const std::string& from, const std::string& to) {
  const auto names = files_.List(from, kNoLimit);
  if (!names) return FromError(names.error());
  for (const std::string& name : *names) {
    const std::string ours = JoinPath(from, name);
    const std::string theirs = JoinPath(to, name);
    const auto our_info = files_.Stat(ours, LinkHandling::kNoFollow);
    const auto their_info = files_.Stat(theirs, LinkHandling::kNoFollow);
    if (!our_info) return FromError(our_info.error());
    if (!their_info) return FromError(their_info.error());
    if (!our_info->has_value() || !their_info->has_value()) continue;
    const bool our_folder = (*our_info)->type == FileType::kDirectory;
    if (our_folder != ((*their_info)->type == FileType::kDirectory)) return OtherType(theirs);
    if (!our_folder) continue;
    if (auto failure = CheckTypes(ours, theirs)) return failure;
  }
  return std::nullopt;
}

Outcome<RestoreSummary> Restorer::Finish(const std::string& destination, bool merge) {
  const StagingFolder staging(destination);
  const auto journal = staging.ReadJournal(files_);
  if (!journal) return tl::unexpected(FromError(journal.error()));
  if (!journal->has_value() || (*journal)->phase != Phase::kMoving)
    return tl::unexpected(FromError({"no restore has begun to move its data into place here"}));
  RestoreJournal wanted = **journal;
  wanted.merge = wanted.merge || merge;
  if (auto failure = MoveIntoPlace(staging, wanted)) return tl::unexpected(*std::move(failure));
  RestoreSummary summary;
  summary.snapshot = wanted.snapshot;
  summary.finished = true;
  return summary;
}

std::optional<Failure> Restorer::MoveIntoPlace(const StagingFolder& staging,
                                               const RestoreJournal& journal) {
  const std::string root = staging.Restored(journal.root);
  // Gone if a crash met the removal of the staging folder.
  const auto there = files_.Stat(root, LinkHandling::kNoFollow);
  if (!there) return FromError(there.error());
  if (there->has_value()) {
    if (auto failure = MoveEntries(root, staging.destination(), journal.merge)) return failure;
    // A snapshot of a folder's content alone says nothing of the folder itself.
    if (journal.root != "/") {
      const auto copied = files_.CopyAttributes(root, staging.destination());
      if (!copied && may_chown_) return FromError(copied.error());
    }
    if (const auto synced = files_.SyncAll(staging.destination()); !synced)
      return FromError(synced.error());
  }
  if (const auto removed = files_.RemoveTree(staging.tree()); !removed)
    return FromError(removed.error());
  if (const auto removed = files_.RemoveTree(staging.path()); !removed)
    return FromError(removed.error());
  if (journal.root != "/") {
    // The last touch; a crash before it costs the folder's time and nothing else.
    static_cast<void>(
        files_.SetModified(staging.destination(), journal.modified, journal.modified_nanoseconds));
  }
  return std::nullopt;
}

std::optional<Failure> Restorer::MoveEntries(const std::string& from, const std::string& to,
                                             bool merge) {
  const auto names = files_.List(from, kNoLimit);
  if (!names) return FromError(names.error());
  for (const std::string& name : *names) {
    if (auto failure = MoveEntry(JoinPath(from, name), JoinPath(to, name), merge)) return failure;
  }
  return std::nullopt;
}

std::optional<Failure> Restorer::MoveEntry(const std::string& from, const std::string& to,
                                           bool merge) {
  const auto moved = files_.Move(from, to);
  if (!moved) return FromError(moved.error());
  if (*moved) return std::nullopt;
  return merge ? Merge(from, to) : InTheWay(to);
}

/// Something of that name is there: folders are joined, everything else is replaced.
std::optional<Failure> Restorer::Merge(const std::string& from, const std::string& to) {
  const auto ours = files_.Stat(from, LinkHandling::kNoFollow);
  const auto theirs = files_.Stat(to, LinkHandling::kNoFollow);
  if (!ours) return FromError(ours.error());
  if (!theirs) return FromError(theirs.error());
  if (!ours->has_value() || !theirs->has_value())
    return FromError({to + " changed while it was being replaced"});
  const bool our_folder = (*ours)->type == FileType::kDirectory;
  const bool their_folder = (*theirs)->type == FileType::kDirectory;
  if (our_folder != their_folder) return OtherType(to);
  if (our_folder) {
    if (auto failure = MoveEntries(from, to, true)) return failure;
    const auto copied = files_.CopyAttributes(from, to);
    if (!copied && may_chown_) return FromError(copied.error());
    static_cast<void>(files_.SetModified(to, (*ours)->modified, (*ours)->modified_nanoseconds));
    return std::nullopt;
  }
  if (const auto renamed = files_.Rename(from, to); !renamed) return FromError(renamed.error());
  return std::nullopt;
}

}  // namespace runner
