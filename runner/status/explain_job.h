#pragma once

#include <string>
#include <vector>

#include "runner/status/input.h"

namespace runner {

/// Sentences about one job. Pure.

/// When its last runs began and succeeded, and up to where its schedule is settled.
std::vector<std::string> ExplainHistory(const StatusInput& input, const JobKey& key);

/// When it runs next and why then; what happens at the daemon's start, if none lives.
std::vector<std::string> ExplainNextRun(const StatusInput& input, const JobSpec& job);

/// What the marker of the stage says against it: failed, blocked, interrupted. Empty: nothing.
std::vector<std::string> ExplainMarker(const StatusInput& input, const JobKey& key);

}  // namespace runner
