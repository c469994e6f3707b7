#pragma once

#include "runner/app/command_line.h"
#include "runner/app/exit_codes.h"
#include "runner/app/machine.h"

namespace runner {

/// Each command is one function in a file of its own name. They print their answer on standard
/// output, problems on standard error, and return the program's exit code.
ExitCode RunValidate(Machine& machine, const GlobalOptions& global, const ValidateOptions& options);
ExitCode RunDoctor(Machine& machine, const GlobalOptions& global, const DoctorOptions& options);
ExitCode RunPlan(Machine& machine, const GlobalOptions& global, const PlanOptions& options);
ExitCode RunRun(Machine& machine, const GlobalOptions& global, const RunOptions& options);
ExitCode RunDaemon(Machine& machine, const GlobalOptions& global);
ExitCode RunReload(Machine& machine, const GlobalOptions& global);
ExitCode RunSnapshots(Machine& machine, const GlobalOptions& global,
                      const SnapshotsOptions& options);
ExitCode RunRestore(Machine& machine, const GlobalOptions& global, const RestoreOptions& options);
ExitCode RunWaitRestored(Machine& machine, const GlobalOptions& global,
                         const WaitRestoredOptions& options);
ExitCode RunAck(Machine& machine, const GlobalOptions& global, const AckOptions& options);
ExitCode RunAdopt(Machine& machine, const GlobalOptions& global, const AdoptOptions& options);
ExitCode RunPrune(Machine& machine, const GlobalOptions& global, const PruneOptions& options);
ExitCode RunCheck(Machine& machine, const GlobalOptions& global, const CheckOptions& options);
ExitCode RunDrill(Machine& machine, const GlobalOptions& global, const DrillOptions& options);
ExitCode RunNotify(Machine& machine, const GlobalOptions& global, const NotifyOptions& options);
ExitCode RunRestic(Machine& machine, const GlobalOptions& global, const ResticOptions& options);
ExitCode RunHealthcheck(Machine& machine, const GlobalOptions& global,
                        const HealthcheckOptions& options);
ExitCode RunStatus(Machine& machine, const GlobalOptions& global, const StatusOptions& options);
ExitCode RunKey(Machine& machine, const GlobalOptions& global, const KeyOptions& options);
ExitCode RunHistory(Machine& machine, const GlobalOptions& global, const HistoryOptions& options);
ExitCode RunLogs(Machine& machine, const GlobalOptions& global, const LogsOptions& options);
ExitCode RunMetrics(Machine& machine, const GlobalOptions& global, const MetricsOptions& options);
ExitCode RunRecoverySheet(Machine& machine, const GlobalOptions& global);
ExitCode RunExplain(Machine& machine, const GlobalOptions& global, const ExplainOptions& options);

}  // namespace runner
