#pragma once

#include <map>
#include <optional>
#include <vector>

#include "runner/app/machine.h"
#include "runner/state/facts.h"
#include "runner/state/marker.h"
#include "targets/model/config.h"
#include "targets/model/snapshot.h"
#include "targets/plan/plan.h"
#include "targets/restic/version.h"

namespace runner {

/// What the state folder says about a target's snapshots.
struct KnownSnapshots {
  TargetFacts facts = {};
  std::optional<Marker> backup = {};
  bool at_work = false;  // a run holds the target
};

/// Adds to `input.facts` what a forget would do now with the snapshots of `listing`: the decision
/// of runner/jobs for each target, with retention's reasons, by the rules of the restic at hand, in
/// the zone that restic's children get. A suspended forget keeps everything and is a warning. Pure.
/// REQUIRES: `input.version`.
void AddRetention(const targets::Config& config, const std::vector<targets::Snapshot>& listing,
                  const std::map<targets::TargetId, KnownSnapshots>& known,
                  targets::PlanInput& input);

/// The snapshots of a target by a listing that is at hand, newest first, and what a forget would do
/// now with each. Asks nobody; reads the state folder.
std::vector<targets::PlanSnapshot> SnapshotsOf(Machine& machine, const targets::Config& config,
                                               const targets::TargetId& target,
                                               const std::vector<targets::Snapshot>& listing,
                                               targets::ResticVersion version);

/// Asks the repository and calls AddRetention(). Writes nothing, neither there nor here. What goes
/// wrong (a secret, the network, a listing that lacks too many) becomes a warning of the plan. From
/// here on the console removes the resolved secrets. REQUIRES: `input.version`.
void ListSnapshotsForPlan(Machine& machine, const targets::Config& config,
                          targets::PlanInput& input);

}  // namespace runner
