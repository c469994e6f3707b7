#include "runner/jobs/forget_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "targets/restic/command_lines.h"
#include "targets/restore/adopt.h"

namespace runner {
namespace {

using targets::Snapshot;
using targets::SnapshotId;

constexpr targets::Duration kClockSlack{600};

std::string Short(const SnapshotId& id) { return id.str().substr(0, 8); }

const Snapshot* Newest(const std::vector<Snapshot>& snapshots) {
  const auto older = [](const Snapshot& a, const Snapshot& b) {
    if (a.time != b.time) return a.time < b.time;
    if (a.nanoseconds != b.nanoseconds) return a.nanoseconds < b.nanoseconds;
    return a.id > b.id;  // of one instant, the smaller id counts as newer, as in Decide()
  };
  const auto newest = std::max_element(snapshots.begin(), snapshots.end(), older);
  return newest == snapshots.end() ? nullptr : &*newest;
}

/// Why the backup's marker speaks against it; empty: it does not.
std::string BackupObjection(const ForgetInput& input, const Snapshot& newest) {
  if (!input.backup) return {};
  if (input.backup->status == MarkerStatus::kRunning && input.at_work)
    return "a backup of the target is running";
  const bool failed = input.backup->status == MarkerStatus::kFailed;
  if (failed && input.backup->Detail(marker_key::kSnapshot) == newest.id.str())
    return fmt::format("the backup that made the newest snapshot {} failed", Short(newest.id));
  return {};
}

/// Names its writer: another program, another installation of the same name, or a run of ours that
/// was cut off.
std::string NotProven(const ForgetInput& input, const Snapshot& newest) {
  const auto& proven = input.facts.newest_proven;
  return fmt::format(
      "the newest snapshot {} (of {}, by {}@{}) was not proven by a backup of this runner{}",
      Short(newest.id), targets::FormatRfc3339(newest.time),
      newest.username.empty() ? "?" : newest.username, newest.hostname,
      proven ? fmt::format(" (that was {})", Short(*proven)) : "");
}

std::string WhySuspended(const ForgetInput& input, const std::vector<Snapshot>& own,
                         targets::UnixTime now) {
  const auto& proven = input.facts.newest_proven;
  const Snapshot* newest = Newest(own);
  if (newest == nullptr) {
    return proven
               ? fmt::format("the last proven snapshot {} is not listed any more", Short(*proven))
               : std::string();
  }
  if (newest->time > now + kClockSlack) {
    return fmt::format(
        "snapshot {} is dated {}, in the future: one of the clocks is wrong (if it was the clock "
        "of "
        "that backup, `runner restic -- forget {}` removes it)",
        Short(newest->id), targets::FormatRfc3339(newest->time), Short(newest->id));
  }
  if (auto why = WaitsForAnswer(input.target.id, input.facts); !why.empty()) return why;
  if (newest->HasTag(targets::kQuarantineTag))
    return fmt::format("the newest snapshot {} is quarantined", Short(newest->id));
  if (proven != newest->id) return NotProven(input, *newest);
  return BackupObjection(input, *newest);
}

}  // namespace

std::string WaitsForAnswer(const targets::TargetId& target, const TargetFacts& facts) {
  const std::vector<QuarantinedSnapshot>& found = facts.quarantined;
  if (!found.empty()) {
    return fmt::format("{} snapshot{} quarantined, the newest is {}: {}; `runner ack {}` answers",
                       found.size(), found.size() == 1 ? " is" : "s are",
                       Short(found.back().snapshot.id), found.back().reason, target.str());
  }
  const auto jump = facts.decisions.find(decision_key::kClockJump);
  if (jump == facts.decisions.end()) return {};
  return fmt::format("{}; if the clock is right, `runner ack {}`", jump->second, target.str());
}

bool IsQuarantined(const TargetFacts& facts, const Snapshot& snapshot) {
  return snapshot.HasTag(targets::kQuarantineTag) ||
         std::any_of(facts.quarantined.begin(), facts.quarantined.end(),
                     [&](const QuarantinedSnapshot& found) {
                       return found.original == snapshot.FirstId();
                     });
}

std::vector<Snapshot> OfTarget(const ForgetInput& input, const std::vector<Snapshot>& listing) {
  const std::string tag = targets::IdentityTag(input.target.id);
  const std::string adopted = targets::AdoptedTag(input.instance);
  std::vector<Snapshot> own;
  for (const Snapshot& snapshot : listing) {
    if (snapshot.hostname == input.instance.str() && snapshot.HasTag(tag) &&
        !snapshot.HasTag(adopted))
      own.push_back(snapshot);
  }
  return own;
}

ForgetPlan PlanForget(const ForgetInput& input, const std::vector<Snapshot>& listing,
                      const ForgetRules& rules) {
  ForgetPlan plan;
  const std::vector<Snapshot> own = OfTarget(input, listing);
  plan.suspended = WhySuspended(input, own, rules.now);
  if (!plan.suspended.empty()) return plan;
  const targets::RetentionDecision decision =
      targets::Decide(input.target.retention, own, rules.zone, rules.now, rules.rules);
  for (const targets::Kept& kept : decision.keep) plan.keep.push_back(kept.id);
  for (const SnapshotId& id : decision.remove) {
    // Retention cannot know that a newer snapshot is incomplete.
    const bool good = input.facts.newest_good && input.facts.newest_good->id == id;
    (good || input.facts.newest_proven == id ? plan.keep : plan.remove).push_back(id);
  }
  return plan;
}

std::string ObjectionTo(const ForgetPlan& plan, const ForgetInput& input,
                        const std::vector<Snapshot>& listing) {
  if (plan.remove.empty()) return {};
  if (!plan.suspended.empty()) return "it is suspended";
  if (plan.keep.empty()) return "nothing would be kept";
  if (const auto why = WaitsForAnswer(input.target.id, input.facts); !why.empty()) return why;
  const std::vector<Snapshot> own = OfTarget(input, listing);
  const Snapshot* newest = Newest(own);
  const std::set<SnapshotId> keep(plan.keep.begin(), plan.keep.end());
  std::set<SnapshotId> seen;
  for (const SnapshotId& id : plan.remove) {
    const auto snapshot =
        std::find_if(own.begin(), own.end(), [&](const Snapshot& each) { return each.id == id; });
    const auto objection = [&](const char* what) { return fmt::format("{} {}", Short(id), what); };
    if (!targets::IsFullId(id.str())) return objection("is no full id");
    if (snapshot == own.end()) return objection("is no snapshot of this target");
    if (!seen.insert(id).second || keep.contains(id)) return objection("is there twice");
    if (&*snapshot == newest) return objection("is the newest snapshot");
    if (input.facts.newest_proven == id) return objection("is the newest proven snapshot");
    if (input.facts.newest_good && input.facts.newest_good->id == id)
      return objection("is the newest good snapshot");
    if (IsQuarantined(input.facts, *snapshot)) return objection("is quarantined");
  }
  return plan.keep.size() + plan.remove.size() == own.size()
             ? std::string()
             : std::string("it does not account for every snapshot of the target");
}

}  // namespace runner
