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

/// Nobody has to look for longer than that if nothing happens.
inline constexpr targets::Duration kLongestRest{24 * 3600};

/// When the next look is worth it: the first quarter of an hour at which a verdict would be another
/// one although nothing happens (a backup becomes overdue, a run shows no progress), else after
/// kLongestRest. Pure. `input` is as of now.
targets::UnixTime NextLook(HealthInput input);

}  // namespace runner
