#pragma once

#include "targets/config/merge.h"
#include "targets/model/config.h"

namespace targets {

/// Doubts about a configuration that is otherwise right, above all across targets: overlapping
/// sources, retention finer than the schedule, jitter longer than the period, secrets too short to
/// be recognised in logs. REQUIRES: `config` was decoded from `merge`, which has no errors.
void LintConfig(const Config& config, Merge& merge);

}  // namespace targets
