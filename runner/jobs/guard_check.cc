#include "runner/jobs/guard_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "targets/guard/guard.h"
#include "targets/restore/choose.h"
#include "targets/restore/content_root.h"
#include "targets/schedule/recurrence.h"

namespace runner {
namespace {

using targets::Snapshot;
using targets::SnapshotId;

std::string Short(const SnapshotId& id) { return id.str().substr(0, 8); }

/// What restic counted against the parent that it chose. Renamed and removed files are those that
/// it met neither unchanged nor changed.
targets::Churn FromSummary(const BackupSummary& summary, std::uint64_t files_before) {
  const std::uint64_t met = summary.files_unmodified + summary.files_changed;
  return {summary.files_changed, files_before - std::min(files_before, met)};
}

}  // namespace

std::string GuardCheck::Judge(const Snapshot& made, const BackupSummary& summary,
                              const std::optional<GoodSnapshot>& last_good,
                              const std::vector<Snapshot>& listing) const {
  if (!targets::GuardsSnapshots(target_)) return {};
  std::optional<GoodSnapshot> before = last_good;
  if (!before) {
    auto older = OfTheRepository(made, listing);
    if (!older) return "it could not be compared with those before it: " + older.error().reason;
    before = *older;
  }
  if (!before) return {};
  std::string found = targets::FindShrinkage(target_.guard, {before->files, before->bytes},
                                             {summary.total_files, summary.total_bytes});
  if (!found.empty() || !targets::GuardsAgainstChurn(target_)) return found;
  return JudgeChurn(made, summary, *before, listing);
}

/// Its figures are counted, since only newer releases of restic keep them in the snapshot.
Outcome<std::optional<GoodSnapshot>> GuardCheck::OfTheRepository(
    const Snapshot& made, const std::vector<Snapshot>& listing) const {
  std::vector<Snapshot> older;
  for (const Snapshot& snapshot : listing) {
    const bool ours = snapshot.HasTag(targets::IdentityTag(target_.id));
    if (ours && snapshot.id != made.id && snapshot.time <= made.time) older.push_back(snapshot);
  }
  const Snapshot* newest = targets::NewestGood(older, made.time);
  if (newest == nullptr) return std::nullopt;
  StopHandle own;
  const auto tree = restic_.Tree(newest->id, own);
  if (!tree) return tl::unexpected<Failure>(tree.error());
  const targets::TreeSize size = targets::SizeBelow(*tree, "/");
  return GoodSnapshot{newest->id, newest->time, size.files, size.bytes};
}

std::string GuardCheck::JudgeChurn(const Snapshot& made, const BackupSummary& summary,
                                   const GoodSnapshot& last_good,
                                   const std::vector<Snapshot>& listing) const {
  const auto before = std::ranges::find(listing, last_good.id, &Snapshot::id);
  // A source that moved has no file at its old place; that is the configuration's doing.
  if (before != listing.end() && before->paths != made.paths) return {};
  const bool comparable = made.parent == last_good.id.str();
  if (comparable &&
      targets::FindChurn(target_.guard, last_good.files, FromSummary(summary, last_good.files))
          .empty())
    return {};
  const auto diff = Compare(last_good.id, made.id);
  if (!diff) {
    return fmt::format("it could not be compared with the last good one ({}): {}",
                       Short(last_good.id), diff.error().reason);
  }
  return targets::FindChurn(target_.guard, last_good.files, {diff->changed, diff->removed});
}

/// Not to be stopped, and asked twice: a finished backup deserves its verdict.
Outcome<SnapshotDiff> GuardCheck::Compare(const SnapshotId& last_good,
                                          const SnapshotId& made) const {
  StopHandle own;
  auto diff = restic_.Diff(last_good, made, own);
  return diff ? std::move(diff) : restic_.Diff(last_good, made, own);
}

void NoteClock(const targets::Target& target, targets::UnixTime made, TargetFacts& facts) {
  if (!facts.newest_good) return;
  const targets::UnixTime before = facts.newest_good->time;
  if (made < before) {
    // The snapshot of the wrong time lies in the future now, which suspends the forget by itself.
    facts.decisions.erase(decision_key::kClockJump);
    return;
  }
  const auto recurrence = targets::Recurrence::Make(target.schedule, "");
  const std::string jump =
      targets::FindClockJump(before, made, recurrence ? recurrence->Period(before) : std::nullopt);
  if (!jump.empty()) facts.decisions[decision_key::kClockJump] = jump;
}

Failure DescribeQuarantine(const targets::TargetId& target, const TargetFacts& facts) {
  const QuarantinedSnapshot& newest = facts.quarantined.back();
  const std::string made = Short(newest.snapshot.id);
  std::string look = fmt::format("`runner restic -- ls {}`", made);
  if (facts.newest_good)
    look = fmt::format("`runner restic -- diff {} {}`", Short(facts.newest_good->id), made);
  return {Cause::kQuarantined,
          fmt::format("snapshot {} is quarantined: {}; look with {}, then `runner ack {}`", made,
                      newest.reason, look, target.str()),
          fmt::format("`runner ack {0}` if it is right, `runner ack {0} --discard` if not; until "
                      "then nothing of it is forgotten",
                      target.str()),
          {}};
}

}  // namespace runner
