#pragma once

#include <span>
#include <string>
#include <vector>

#include "runner/app/machine.h"
#include "targets/config/diagnostic.h"
#include "targets/model/config.h"
#include "targets/model/snapshot.h"
#include "targets/plan/plan.h"
#include "targets/restic/version.h"

namespace runner {

/// Adds to `input.facts` what a forget would do now with the snapshots of `listing`: one decision
/// for each target, by the rules of the restic at hand, in the zone that restic's children get.
/// A target whose proven snapshots are all gone becomes a warning. Pure.
/// REQUIRES: `input.version`; `proven` has the number of snapshots ever proven, by target.
void AddRetention(const targets::Config& config, std::span<const targets::Snapshot> listing,
                  const std::map<targets::TargetId, std::uint64_t>& proven,
                  targets::PlanInput& input);

/// Asks the repository and calls AddRetention(). Writes nothing, neither there nor here. What goes
/// wrong (a secret, the network) becomes a warning of the plan. From here on the console removes
/// the resolved secrets. REQUIRES: `input.version`.
void ListSnapshotsForPlan(Machine& machine, const targets::Config& config,
                          targets::PlanInput& input);

}  // namespace runner
