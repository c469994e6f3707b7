#pragma once

#include <functional>

#include "runner/app/command_line.h"
#include "runner/app/exit_codes.h"
#include "runner/app/machine.h"
#include "runner/jobs/maintenance.h"

namespace runner {

/// What `prune` and `check` have in common: one job of the repository in a session of its own.
ExitCode RunMaintenance(Machine& machine, const GlobalOptions& global,
                        const std::function<JobReport(Maintenance&, StopHandle&)>& job);

}  // namespace runner
