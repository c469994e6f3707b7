#include <fmt/format.h>

#include <algorithm>

#include "runner/app/commands/commands.h"
#include "runner/app/exit_of_cause.h"
#include "runner/app/load_configuration.h"
#include "runner/app/session.h"

namespace runner {
namespace {

using targets::Stage;

/// The worst of a wave decides: a failure before a block before an incomplete one.
ExitCode ExitOf(const std::vector<JobReport>& reports, bool stopped) {
  const auto any = [&](JobOutcome outcome) {
    return std::any_of(reports.begin(), reports.end(),
                       [&](const JobReport& r) { return r.outcome == outcome; });
  };
  if (stopped) return ExitCode::kInterrupted;
  if (any(JobOutcome::kFailed) || any(JobOutcome::kInterrupted)) return ExitCode::kFailed;
  if (any(JobOutcome::kBlocked)) return ExitCode::kBlocked;
  return any(JobOutcome::kIncomplete) ? ExitCode::kIncomplete : ExitCode::kDone;
}

std::string Summary(const std::vector<JobReport>& reports) {
  std::string out;
  std::size_t width = 0;
  for (const JobReport& report : reports) width = std::max(width, report.target.str().size());
  for (const JobReport& report : reports) {
    out += fmt::format("{:<{}}  {:<11}  {}\n", report.target.str(), width,
                       JobOutcomeName(report.outcome), report.reason);
  }
  return out;
}

}  // namespace

ExitCode RunRun(Machine& machine, const GlobalOptions& global, const RunOptions& options) {
  const auto loaded = LoadConfiguration(machine, global, MachineLint::kInclude);
  if (!loaded) return ExitCode::kUsage;
  PrintWarnings(machine, *loaded);
  const auto selected = SelectTargets(loaded->config, options.targets);
  if (!selected) {
    PrintError(machine, selected.error());
    return ExitCode::kUsage;
  }
  if (options.stage && *options.stage != Stage::kBackup) {
    PrintError(machine, {fmt::format("`runner run` cannot run the stage {} yet",
                                     targets::StageName(*options.stage)),
                         "leave --stage out, or write --stage backup"});
    return ExitCode::kUsage;
  }
  const auto session =
      Session::Open(machine, loaded->config, global.debug || loaded->config.logging.debug);
  if (!session) {
    PrintError(machine, session.error());
    return machine.stop.Stopped() ? ExitCode::kInterrupted : ExitCode::kFailed;
  }
  std::vector<const targets::Target*> targets;
  for (const targets::TargetId& id : *selected)
    targets.push_back(targets::FindTarget(loaded->config, id));
  const std::vector<JobReport> reports = (*session)->RunBackups(targets, machine.stop);
  // Each end was an event already; among JSON lines a table would be a line that is no JSON.
  if (loaded->config.logging.format == targets::LogFormat::kText)
    machine.console.Out("\n" + Summary(reports));
  return ExitOf(reports, machine.stop.Stopped());
}

}  // namespace runner
