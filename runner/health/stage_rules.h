#pragma once

#include <vector>

#include "runner/health/input.h"
#include "runner/health/report.h"

namespace runner {

/// What the marker of one stage says about health. Pure.
void CheckStage(const StageInput& stage, targets::UnixTime now, targets::Duration progress_limit,
                std::vector<Finding>& findings);

/// True if the stage runs, its owner lives and it progresses. A marker without a sign of progress
/// is believed: its owner watches the child.
bool IsAtWork(const StageInput& stage, targets::UnixTime now, targets::Duration progress_limit);

}  // namespace runner
