#pragma once

#include <vector>

#include "runner/health/input.h"
#include "runner/health/report.h"
#include "runner/notify/rules.h"

namespace runner {

/// The health of each target, and of the repository and the state folder, as it is told to people.
/// Pure. Not the daemon's: whoever sends is that, and one that is dead sends nothing. A subject
/// that is at work and not red is unsettled. REQUIRES: `report` is Evaluate(input).
std::vector<Verdict> VerdictsOf(const HealthReport& report, const HealthInput& input);

}  // namespace runner
