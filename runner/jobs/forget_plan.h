#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/state/facts.h"
#include "runner/state/marker.h"
#include "targets/model/snapshot.h"
#include "targets/model/target.h"
#include "targets/retention/decide.h"

namespace runner {

/// What is known of one target when its old snapshots are to be forgotten.
struct ForgetInput {
  targets::InstanceName instance;
  const targets::Target& target;
  TargetFacts facts;
  std::optional<Marker> backup = {};  // the marker of its backup
  bool at_work = false;               // a run holds the target right now
};

/// What to do with the snapshots of one target; both lists newest first.
struct ForgetPlan {
  std::vector<targets::SnapshotId> keep = {};
  std::vector<targets::SnapshotId> remove = {};
  std::string suspended = {};  // why nothing may be removed now; then both lists are empty

  bool operator==(const ForgetPlan&) const = default;
};

/// When retention is decided: restic's own rules in the zone of its children.
struct ForgetRules {
  targets::Zone zone;
  targets::UnixTime now{};
  targets::RetentionRules rules = targets::RetentionRules::kWithOldestRule;
};

/// What a person has to answer with `runner ack` before anything of the target is forgotten: its
/// quarantine, or a jump of the clock. One sentence; empty: nothing.
std::string WaitsForAnswer(const targets::TargetId& target, const TargetFacts& facts);

/// Whether a snapshot bears the tag, or waits for it: a guard found it. Such a one is never
/// restored by itself.
bool IsQuarantined(const TargetFacts& facts, const targets::Snapshot& snapshot);

/// The snapshots of `listing` that bear the target's identity, host and tag, and were not
/// adopted: those stay until somebody removes them.
std::vector<targets::Snapshot> OfTarget(const ForgetInput& input,
                                        const std::vector<targets::Snapshot>& listing);

/// Decides for one target. Pure. Suspended while a guard or a jump of the clock waits for a
/// person's answer, while the newest snapshot is quarantined, failed, or none that a run of ours
/// proved, while any lies in the future, and while a backup is at work.
/// Beyond retention, the newest whole and the newest proven snapshot are kept.
ForgetPlan PlanForget(const ForgetInput& input, const std::vector<targets::Snapshot>& listing,
                      const ForgetRules& rules);

/// The last look at a plan before anything is launched, which trusts nothing of how it was made:
/// what is wrong with it; empty: it may be carried out.
std::string ObjectionTo(const ForgetPlan& plan, const ForgetInput& input,
                        const std::vector<targets::Snapshot>& listing);

}  // namespace runner
