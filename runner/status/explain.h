#pragma once

#include <string>
#include <vector>

#include "runner/status/input.h"
#include "targets/model/stage.h"

namespace runner {

/// Why a target is due or not, what stands in its way, and what becomes of its snapshots: lines of
/// sentences, each group with a word in front. Pure. REQUIRES: `target` is one of `input.targets`.
std::vector<std::string> ExplainTarget(const StatusInput& input, const targets::Target& target);

/// The same for probe, prune or check. REQUIRES: `input.repository`.
std::vector<std::string> ExplainRepositoryStage(const StatusInput& input, targets::Stage stage);

}  // namespace runner
