#include "runner/app/commands/commands.h"
#include "runner/app/job_summary.h"
#include "runner/app/load_configuration.h"
#include "runner/app/session.h"

namespace runner {
namespace {

using Targets = std::vector<const targets::Target*>;

/// The named targets, whether their configuration has a drill or not; without names those that
/// have one.
targets::Result<Targets> WhichTargets(const targets::Config& config,
                                      const std::vector<std::string>& names) {
  const auto selected = SelectTargets(config, names);
  if (!selected) return targets::Fail(selected.error());
  Targets drilled;
  for (const targets::TargetId& id : *selected) {
    const targets::Target* target = targets::FindTarget(config, id);
    if (!names.empty() || target->drill) drilled.push_back(target);
  }
  if (!drilled.empty()) return drilled;
  return targets::Fail("no target has a drill in the configuration",
                       "name one: `runner drill TARGET`");
}

}  // namespace

ExitCode RunDrill(Machine& machine, const GlobalOptions& global, const DrillOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  const auto targets = WhichTargets(loaded->config, options.targets);
  if (!targets) {
    PrintError(machine, targets.error());
    return ExitCode::kUsage;
  }
  const auto session =
      Session::Open(machine, loaded->config, global.debug || loaded->config.logging.debug);
  if (!session) {
    PrintError(machine, session.error());
    return machine.stop.Stopped() ? ExitCode::kInterrupted : ExitCode::kFailed;
  }
  std::vector<JobReport> reports;
  for (const targets::Target* target : *targets) {
    if (!machine.stop.Stopped()) reports.push_back((*session)->drills().Run(*target, machine.stop));
  }
  // Each end was an event already; among JSON lines a table would be a line that is no JSON.
  if (loaded->config.logging.format == targets::LogFormat::kText)
    machine.console.Out("\n" + SummaryOf(reports));
  return ExitOfReports(reports, machine.stop);
}

}  // namespace runner
