#include "runner/app/commands/commands.h"
#include "runner/app/commands/maintenance.h"

namespace runner {

ExitCode RunPrune(Machine& machine, const GlobalOptions& global, const PruneOptions& /*options*/) {
  return RunMaintenance(machine, global,
                        [](Maintenance& jobs, StopHandle& stop) { return jobs.Prune(stop); });
}

}  // namespace runner
