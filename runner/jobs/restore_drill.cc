#include "runner/jobs/restore_drill.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runner/base/file_path.h"
#include "runner/jobs/hooks.h"
#include "runner/jobs/progress_teller.h"
#include "runner/jobs/stage_run.h"
#include "runner/restore/compare.h"
#include "runner/restore/live.h"
#include "targets/base/size.h"
#include "targets/base/text.h"
#include "targets/restic/command_lines.h"
#include "targets/restore/choose.h"
#include "targets/restore/content_root.h"
#include "targets/restore/drill_choice.h"

namespace runner {
namespace {

using targets::Snapshot;
using targets::Stage;
using targets::Target;
using targets::TreeNode;

/// A file takes at least a block.
constexpr targets::Bytes kBytesPerEntry = 4096;
/// Of one command of restic: a command line has its limit, and restic compares each pattern with
/// each path.
constexpr std::size_t kPatternsPerRestore = 1000;
constexpr std::size_t kPatternBytesPerRestore = std::size_t{256} * 1024;
/// Others may look through the folder of all drills, but not into a target's.
constexpr std::uint32_t kFolderOfDrillsMode = 0711;
constexpr std::uint32_t kScratchMode = 0700;

struct Ending {
  JobOutcome outcome;
  Failure said;
};

Ending Failed(Cause cause, std::string reason, std::string hint) {
  return {JobOutcome::kFailed, {cause, std::move(reason), std::move(hint), {}}};
}

Ending Failed(const targets::Error& error) {
  return Failed(Cause::kUnknown, error.message, error.hint);
}

std::string Files(std::uint64_t count) {
  return fmt::format("{} file{}", count, count == 1 ? "" : "s");
}

Failure Because(Cause cause, std::string reason, std::string hint) {
  return {cause, targets::OneLine(reason), std::move(hint), {}};
}

/// One drill of one target, step by step. A step that returns an Ending is the last one.
class DrillRun {
 public:
  DrillRun(const JobTools& tools, RepositoryOpener& opener, RepositoryGate& gate,
           const Target& target, bool may_chown, StopHandle& stop)
      : tools_(tools),
        opener_(opener),
        gate_(gate),
        target_(target),
        drill_(target.drill.value_or(targets::Drill{})),
        may_chown_(may_chown),
        stop_(stop),
        teller_(tools.observer, target.id, Stage::kDrill),
        scratch_(DrillFolder(tools.state, target.id)),
        restored_(scratch_ + "/tree") {}

  Ending Work() {
    using Step = MaybeEnding (DrillRun::*)();
    for (const Step step :
         {&DrillRun::MakeScratch, &DrillRun::Open, &DrillRun::Restore, &DrillRun::CompareEntries,
          &DrillRun::CompareContents, &DrillRun::Judge}) {
      if (auto ended = (this->*step)()) return *std::move(ended);
      if (stop_.Stopped()) return Interrupted();
    }
    return {JobOutcome::kSuccess, Saying(Summary())};
  }

 private:
  using MaybeEnding = std::optional<Ending>;

  static Ending Interrupted() {
    return {JobOutcome::kInterrupted, Because(Cause::kInterrupted, "stopped", "")};
  }

  /// What a crash left there goes first.
  MaybeEnding MakeScratch() {
    if (const auto removed = tools_.files.RemoveTree(scratch_); !removed)
      return Failed(removed.error());
    const std::string all = FolderOf(scratch_);
    for (const auto& [folder, mode] :
         {std::pair(all, kFolderOfDrillsMode), std::pair(scratch_, kScratchMode)}) {
      if (const auto made = tools_.files.CreateDirectories(folder, mode); !made)
        return Failed(made.error());
    }
    return std::nullopt;
  }

  MaybeEnding Open() {
    const auto opened = opener_.OpenExisting(stop_);
    if (opened) return std::nullopt;
    return Ending{stop_.Stopped() ? JobOutcome::kInterrupted : JobOutcome::kBlocked,
                  opened.error()};
  }

  /// Everything that needs the repository.
  MaybeEnding Restore() {
    const auto pass = gate_.Enter(LockMode::kShared, stop_);
    if (!pass)
      return Ending{JobOutcome::kInterrupted,
                    Because(Cause::kInterrupted, pass.error().message, pass.error().hint)};
    if (auto ended = FindSnapshot()) return ended;
    auto tree = tools_.restic.Tree(snapshot_.id, stop_);
    if (!tree) return FromRestic(std::move(tree.error()));
    tree_ = *std::move(tree);
    root_ = targets::ContentRoot(snapshot_, tree_);
    Choose();
    if (auto ended = CheckSpace()) return ended;
    return RunRestic();
  }

  MaybeEnding FindSnapshot() {
    const auto snapshots = tools_.restic.Snapshots(target_.id, stop_);
    if (!snapshots) {
      return Ending{stop_.Stopped() ? JobOutcome::kInterrupted : JobOutcome::kBlocked,
                    snapshots.error()};
    }
    const Snapshot* newest = targets::NewestGood(*snapshots, tools_.clock.Now());
    if (newest == nullptr) return NoSnapshot(snapshots->size());
    snapshot_ = *newest;
    return std::nullopt;
  }

  /// An empty list is believed only where there never was a good snapshot.
  Ending NoSnapshot(std::size_t others) {
    const auto facts = tools_.facts.ReadTarget(target_.id);
    if (!facts) return Failed(facts.error());
    if (facts->snapshots_seen > 0) {
      return {JobOutcome::kBlocked,
              Because(Cause::kUnknown,
                      fmt::format("of its {} good snapshots the repository lists none",
                                  facts->snapshots_seen),
                      "see `runner snapshots`: is it the right repository?")};
    }
    const std::string why =
        others == 0 ? "there is no snapshot yet"
                    : fmt::format("of {} snapshot{} none is good: quarantined, or from the future",
                                  others, others == 1 ? "" : "s");
    return {JobOutcome::kSkipped,
            Because(Cause::kNone, "nothing was restored: " + why,
                    fmt::format("`runner run {}` makes one", target_.id.str()))};
  }

  void Choose() {
    if (drill_.files > 0) {
      chosen_ = targets::ChooseForDrill(tree_, static_cast<std::size_t>(drill_.files), snapshot_.id,
                                        tools_.clock.Now());
    }
    everything_ = chosen_.empty();
    if (!everything_) return;
    for (const TreeNode& node : tree_) {
      if (node.type == targets::NodeType::kFile && targets::CanBeNamed(node))
        chosen_.push_back(&node);
    }
  }

  MaybeEnding CheckSpace() {
    const auto space = tools_.files.Space(scratch_);
    if (!space) return Failed(space.error());
    targets::Bytes needed =
        kBytesPerEntry * (everything_ ? tree_.size() : chosen_.size()) + DrillReserve(*space);
    if (everything_) {
      needed += targets::SizeBelow(tree_, "/").bytes;
    } else {
      for (const TreeNode* node : chosen_) needed += node->size;
    }
    if (needed <= space->available) return std::nullopt;
    return Failed(
        Cause::kDiskFull,
        fmt::format("{} of snapshot {} need {} in {}, where {} are free",
                    everything_ ? "all files" : Files(chosen_.size()), ShortId(),
                    targets::FormatSize(needed), scratch_, targets::FormatSize(space->available)),
        "free space there, set state_dir elsewhere, or let the drill restore fewer files; nothing "
        "was written");
  }

  MaybeEnding RunRestic() {
    std::size_t next = 0;
    do {
      targets::RestoreRequest request;
      request.snapshot = snapshot_.id;
      request.target = restored_;
      request.verify = true;
      if (!everything_) request.include = NextPatterns(next);
      if (auto restored = tools_.restic.Restore(
              std::move(request), [this](const BackupStatus& status) { teller_.Tell(status); },
              stop_);
          !restored)
        return FromRestic(std::move(restored.error()));
    } while (!everything_ && next < chosen_.size());
    return std::nullopt;
  }

  std::vector<std::string> NextPatterns(std::size_t& next) {
    std::vector<std::string> patterns;
    std::size_t bytes = 0;
    while (next < chosen_.size() && patterns.size() < kPatternsPerRestore &&
           bytes < kPatternBytesPerRestore) {
      patterns.push_back(targets::EscapePattern(chosen_[next++]->path));
      bytes += patterns.back().size();
    }
    return patterns;
  }

  MaybeEnding CompareEntries() {
    const auto found = CompareTree(tools_.files, tree_, restored_,
                                   {.owners = may_chown_, .partial = !everything_});
    if (!found) return Failed(found.error());
    found_ = *found;
    if (found_.differences > 0) {
      return Damaged(fmt::format("{} difference{}, the first: {}", found_.differences,
                                 found_.differences == 1 ? "" : "s", found_.first));
    }
    for (const TreeNode* node : chosen_) {
      const auto there = tools_.files.Stat(restored_ + node->path, LinkHandling::kNoFollow);
      if (!there) return Failed(there.error());
      if (!there->has_value()) return Damaged(node->path + " is missing");
    }
    return std::nullopt;
  }

  MaybeEnding CompareContents() {
    const auto* directory = std::get_if<targets::DirectorySource>(&target_.source);
    if (directory == nullptr) return std::nullopt;
    const SourceReport source = tools_.inspector.Inspect(*directory, target_.guard);
    if (source.state != targets::SourceState::kHasData) return std::nullopt;
    BackupStatus status;
    status.files_total = chosen_.size();
    live_ = CompareWithLive(tools_.files, chosen_, {restored_, root_, source.path},
                            [&](const TreeNode& node) {
                              ++status.files_done;
                              status.bytes_done += node.size;
                              teller_.Tell(status);
                              return !stop_.Stopped();
                            });
    if (live_.different.empty()) return std::nullopt;
    return Failed(
        Cause::kDamaged,
        fmt::format("{} is not what snapshot {} has of it, although its size and time are the same",
                    live_.different, ShortId()),
        "either one of them is damaged, or a program changed the file and put its time back, which "
        "no backup notices; see docs/drills.md");
  }

  MaybeEnding Judge() {
    if (drill_.command.empty()) return std::nullopt;
    if (const auto given = GiveToJudge(); !given) return Failed(given.error());
    std::string folder = restored_;
    if (root_ != "/") {
      const auto content = tools_.files.Stat(restored_ + root_, LinkHandling::kNoFollow);
      if (content && content->has_value()) folder = restored_ + root_;
    }
    targets::Argv command = drill_.command;
    command.push_back(folder);
    HookRunner hooks(tools_.processes, tools_.config);
    const HookResult result = hooks.RunJudge(
        command, {target_, tools_.config.instance.str(), "drill", "", "", snapshot_.id.str()},
        stop_);
    if (result.verdict == HookVerdict::kProceed) return std::nullopt;
    if (stop_.Stopped()) return Interrupted();
    return Failed(
        Cause::kUnknown,
        fmt::format("{} of snapshot {}: {}", Files(found_.files), ShortId(), result.reason),
        "the files are as the snapshot says; ask the program what it found");
  }

  /// The judge may run as somebody else than root, to whom the folders on the way were given by
  /// restic. Only now: nobody else could change them before.
  targets::Status GiveToJudge() {
    const auto& judge = tools_.config.run_as;
    if (!judge || !may_chown_) return {};
    std::set<std::string> folders = {scratch_, restored_};
    if (!everything_) {
      for (const TreeNode* node : chosen_) {
        for (std::string path = FolderOf(node->path); path != "/"; path = FolderOf(path)) {
          if (!folders.insert(restored_ + path).second) break;
        }
      }
    }
    for (const std::string& folder : folders) {
      if (auto given = tools_.files.ChangeOwner(folder, judge->uid, judge->gid); !given)
        return given;
    }
    return {};
  }

  [[nodiscard]] std::string ShortId() const { return snapshot_.id.str().substr(0, 8); }

  [[nodiscard]] std::string Summary() const {
    std::string text =
        fmt::format("restored {}, {}, of snapshot {}: all as the snapshot says",
                    Files(found_.files), targets::FormatSize(found_.bytes), ShortId());
    if (!may_chown_ && found_.other_owners > 0) {
      text += fmt::format(" but for the owner of {}, since only root may give files away",
                          found_.other_owners);
    }
    if (!target_.IsStream())
      text += fmt::format(", {} the same as the live ones",
                          live_.same == 0 ? "none" : std::to_string(live_.same));
    if (!drill_.command.empty())
      text += fmt::format("; {} accepts them", targets::ShellQuote(drill_.command.front()));
    return text;
  }

  Ending Damaged(const std::string& what) {
    return Failed(
        Cause::kDamaged,
        fmt::format("what was restored of snapshot {} is not what it holds: {}", ShortId(), what),
        "`runner check` looks through the repository; does the file system of the state "
        "folder keep owners and modes?");
  }

  Ending FromRestic(Failure failure) {
    failure.reason = targets::OneLine(fmt::format("snapshot {}: {}", ShortId(), failure.reason));
    if (failure.cause == Cause::kDiskFull) {
      failure.hint = "free space in " + scratch_;
    } else if (failure.hint.empty()) {
      failure.hint =
          "`runner check` looks through the repository; until a drill succeeds, do not "
          "count on this snapshot";
    }
    return {OutcomeOf(failure, stop_), std::move(failure)};
  }

  const JobTools& tools_;
  RepositoryOpener& opener_;
  RepositoryGate& gate_;
  const Target& target_;
  const targets::Drill drill_;
  bool may_chown_;
  StopHandle& stop_;
  ProgressTeller teller_;
  std::string scratch_;
  std::string restored_;  // stands for "/" of the snapshot

  Snapshot snapshot_;
  targets::SnapshotTree tree_;
  std::string root_;                     // the source, in the snapshot
  std::vector<const TreeNode*> chosen_;  // of tree_; all that can be named if `everything_`
  bool everything_ = false;
  TreeComparison found_;
  LiveComparison live_;
};

}  // namespace

std::string DrillFolder(const StateFolder& state, const targets::TargetId& target) {
  return JoinPath(JoinPath(state.root(), targets::kDrillFolderName), target.str());
}

targets::Bytes DrillReserve(const SpaceInfo& space) {
  constexpr targets::Bytes kMost = targets::Bytes{1} << 30U;
  return std::min(space.total / 20, kMost);
}

JobReport RestoreDrill::Run(const Target& target, StopHandle& stop) {
  StageRun run(tools_, {target.id, Stage::kDrill});
  const auto lock = tools_.state.TryLockTarget(target.id);
  if (!lock)
    return run.End(JobOutcome::kFailed,
                   Because(Cause::kUnknown, lock.error().message, lock.error().hint));
  if (*lock == nullptr)
    return run.End(JobOutcome::kBlocked,
                   Because(Cause::kNone, "another run of this target is at work", ""));
  if (const auto begun = run.Begin(); !begun)
    return run.End(JobOutcome::kFailed,
                   Because(Cause::kDiskFull, begun.error().message, begun.error().hint));
  const ErrorListener::Listening listening(tools_.errors, {target.id, Stage::kDrill});
  Ending ending = DrillRun(tools_, opener_, gate_, target, may_chown_, stop).Work();
  const auto emptied = tools_.files.RemoveTree(DrillFolder(tools_.state, target.id));
  if (!emptied && ending.outcome == JobOutcome::kSuccess)
    ending = Failed(Cause::kUnknown, "the scratch folder stays: " + emptied.error().message,
                    emptied.error().hint);
  return run.End(ending.outcome, std::move(ending.said));
}

}  // namespace runner
