#include "runner/app/commands/maintenance.h"

#include "runner/app/job_summary.h"
#include "runner/app/load_configuration.h"
#include "runner/app/session.h"

namespace runner {

ExitCode RunMaintenance(Machine& machine, const GlobalOptions& global,
                        const std::function<JobReport(Maintenance&, StopHandle&)>& job) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  const auto session =
      Session::Open(machine, loaded->config, global.debug || loaded->config.logging.debug);
  if (!session) {
    PrintError(machine, session.error());
    return machine.stop.Stopped() ? ExitCode::kInterrupted : ExitCode::kFailed;
  }
  const std::vector<JobReport> reports = {job((*session)->maintenance(), machine.stop)};
  machine.console.Out("\n" + SummaryOf(reports));
  return ExitOfReports(reports, machine.stop);
}

}  // namespace runner
