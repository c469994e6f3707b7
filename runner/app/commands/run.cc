#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "runner/app/commands/commands.h"
#include "runner/app/herald.h"
#include "runner/app/job_summary.h"
#include "runner/app/load_configuration.h"
#include "runner/app/make_observer.h"
#include "runner/app/session.h"
#include "runner/jobs/restore_if_empty.h"

namespace runner {
namespace {

using targets::Stage;
using targets::Target;

using Targets = std::vector<const Target*>;

/// Which stages `--stage` asks for; an error for those that this command does not run.
targets::Status CheckStage(const std::optional<Stage>& stage) {
  if (!stage || *stage == Stage::kRestore || *stage == Stage::kBackup || *stage == Stage::kForget) {
    return {};
  }
  const std::string_view name = targets::StageName(*stage);
  if (*stage == Stage::kPrune || *stage == Stage::kCheck) {
    return targets::Fail(fmt::format("{} is a stage of the repository, not of a target", name),
                         fmt::format("`runner {}` runs it", name));
  }
  if (*stage == Stage::kDrill)
    return targets::Fail("`runner run` runs no drills", "`runner drill` runs them");
  return targets::Fail(fmt::format("`runner run` cannot run the stage {} yet", name),
                       "leave --stage out, or write --stage restore, backup or forget");
}

/// The targets with a new snapshot that was proven.
Targets BackedUp(const Targets& targets, const std::vector<JobReport>& reports) {
  Targets good;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const JobOutcome outcome = reports[i].outcome;
    const bool made = outcome == JobOutcome::kSuccess || outcome == JobOutcome::kIncomplete;
    if (made && !reports[i].snapshot.empty()) good.push_back(targets[i]);
  }
  return good;
}

using Reports = std::vector<JobReport>;

void Append(Reports& reports, Reports more) {
  std::move(more.begin(), more.end(), std::back_inserter(reports));
}

Reports CheckSources(Session& session, const Targets& targets, StopHandle& stop) {
  Reports reports;
  for (const Target* target : targets) {
    if (WantsRestoreCheck(*target)) reports.push_back(session.restores().Run(*target, stop));
  }
  return reports;
}

/// What the daemon does at its start: the restore check, the backup, and what the wave leaves to
/// forget.
Reports RunStages(Session& session, const std::optional<Stage>& only, const Targets& targets,
                  StopHandle& stop, Herald& herald) {
  const auto wanted = [&](Stage stage) { return (!only || *only == stage) && !stop.Stopped(); };
  Reports reports;
  if (wanted(Stage::kRestore)) Append(reports, CheckSources(session, targets, stop));
  Targets to_forget = targets;
  if (wanted(Stage::kBackup)) {
    for (const Target* target : targets) herald.Started(target->id);
    Reports backups = session.backups().Run(targets, stop);
    for (const JobReport& report : backups) herald.Ended(report);
    to_forget = BackedUp(targets, backups);
    Append(reports, std::move(backups));
  }
  if (wanted(Stage::kForget) && !to_forget.empty()) {
    Append(reports, session.forgets().Run(to_forget, stop));
  }
  return reports;
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
  if (const auto known = CheckStage(options.stage); !known) {
    PrintError(machine, known.error());
    return ExitCode::kUsage;
  }
  const bool debug = global.debug || loaded->config.logging.debug;
  const std::shared_ptr<Observer> observer =
      MakeObserver(machine.console, machine.clock, loaded->config, Audience::kPerson, debug);
  Herald herald(machine, observer);
  herald.Use(std::shared_ptr<const targets::Config>(&loaded->config, [](const auto*) {}));
  const auto session = Session::Open(machine, loaded->config, observer);
  if (!session) {
    herald.Finish();
    PrintError(machine, session.error());
    return machine.stop.Stopped() ? ExitCode::kInterrupted : ExitCode::kFailed;
  }
  Targets targets;
  for (const targets::TargetId& id : *selected)
    targets.push_back(targets::FindTarget(loaded->config, id));
  const Reports reports = RunStages(**session, options.stage, targets, machine.stop, herald);
  herald.Finish();
  // Each end was an event already; among JSON lines a table would be a line that is no JSON.
  if (loaded->config.logging.format == targets::LogFormat::kText)
    machine.console.Out("\n" + SummaryOf(reports));
  return ExitOfReports(reports, machine.stop);
}

}  // namespace runner
