#pragma once

#include <vector>

#include "runner/schedule/job.h"
#include "targets/base/result.h"
#include "targets/model/config.h"

namespace runner {

/// The jobs of a configuration, those of each enabled target first (restore check, backup, drill),
/// then those of the repository (probe, prune, check). Due times are the ones that `plan` shows.
/// Errors: a schedule that targets/schedule refuses; the message names the job.
targets::Result<std::vector<JobSpec>> MakeJobSpecs(const targets::Config& config);

}  // namespace runner
