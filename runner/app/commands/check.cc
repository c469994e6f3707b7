#include "runner/app/commands/commands.h"
#include "runner/app/commands/maintenance.h"

namespace runner {

ExitCode RunCheck(Machine& machine, const GlobalOptions& global, const CheckOptions& /*options*/) {
  return RunMaintenance(machine, global,
                        [](Maintenance& jobs, StopHandle& stop) { return jobs.Check(stop); });
}

}  // namespace runner
