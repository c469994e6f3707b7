#include "targets/plan/plan.h"

#include <fmt/format.h>

#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/app/machine_keys.h"
#include "runner/app/session.h"
#include "runner/app/snapshot_facts.h"
#include "runner/jobs/forget_plan.h"
#include "runner/jobs/source_state.h"
#include "runner/keys/key_words.h"
#include "targets/plan/render.h"

namespace runner {
namespace {

using targets::Target;

/// What this machine says about a target; looking changes nothing on it. Gives `target` the very
/// path that the job will hand to restic.
targets::TargetFacts FactsOf(Machine& machine, const MarkerStore& markers, Target& target) {
  targets::TargetFacts facts;
  if (auto* directory = std::get_if<targets::DirectorySource>(&target.source)) {
    const SourceReport report = InspectSource(machine.files, *directory, target.guard);
    facts.state = report.state;
    facts.state_detail = report.detail;
    if (report.path != directory->path) {
      facts.state_detail += fmt::format("{}a symbolic link: {} is backed up",
                                        facts.state_detail.empty() ? "" : "; ", report.path);
      directory->path = report.path;
    }
  }
  const auto success = markers.LastSuccess({target.id, targets::Stage::kBackup});
  if (success) facts.last_success = *success;
  return facts;
}

void GatherFacts(Machine& machine, targets::Config& config, targets::PlanInput& input) {
  const StateFolder state(machine.files, config.state_dir);
  const targets::Redactor redactor = machine.console.redactor();
  const MarkerStore markers(machine.files, redactor, state);
  for (Target& target : config.targets) input.facts[target.id] = FactsOf(machine, markers, target);
  const auto version = Restic::DetectVersion(machine.processes, ResticProgram(machine));
  if (version) {
    input.version = *version;
  } else {
    targets::Diagnostic warning;
    warning.severity = targets::DiagnosticSeverity::kWarning;
    warning.path = "restic";
    warning.message = version.error().message;
    warning.hint = version.error().hint;
    input.diagnostics.push_back(std::move(warning));
  }
}

/// What `--snapshots` finds out by itself.
void WarnOfQuarantines(Machine& machine, const targets::Config& config, targets::PlanInput& input) {
  const FactStore facts(machine.files, StateFolder(machine.files, config.state_dir));
  for (const Target& target : config.targets) {
    const auto known = facts.ReadTarget(target.id);
    const std::string waits = known ? WaitsForAnswer(target.id, *known) : std::string();
    if (waits.empty()) continue;
    targets::Diagnostic warning;
    warning.severity = targets::DiagnosticSeverity::kWarning;
    warning.path = "targets." + target.id.str();
    warning.message = "forget is suspended: " + waits;
    input.diagnostics.push_back(std::move(warning));
  }
}

}  // namespace

ExitCode RunPlan(Machine& machine, const GlobalOptions& global, const PlanOptions& options) {
  auto loaded = LoadConfiguration(
      machine, global, options.offline ? MachineLint::kLeaveOut : MachineLint::kInclude,
      options.show_origin ? targets::EffectiveList::kInclude : targets::EffectiveList::kLeaveOut);
  if (!loaded) return ExitCode::kUsage;
  const auto selected = SelectTargets(loaded->config, options.targets);
  if (!selected) {
    PrintError(machine, selected.error());
    return ExitCode::kUsage;
  }
  targets::Config config = std::move(loaded->config);
  targets::PlanInput input{config};
  input.at = options.at.value_or(machine.clock.Now());
  input.horizon = options.horizon;
  input.diagnostics = loaded->warnings;
  if (!options.targets.empty()) input.only = *selected;
  input.offline = options.offline;
  input.effective = std::move(loaded->effective);
  input.show_origin = options.show_origin;
  input.program = ResticProgram(machine);
  if (!options.offline) {
    const FactStore store(machine.files, StateFolder(machine.files, config.state_dir));
    if (const auto known = store.ReadRepository()) input.stored = known->stored_bytes;
    input.machine_key = KeyWords(config, KeyRecords(machine.files, config).Read(),
                                 ExpectedRepository(machine.files, config));
    GatherFacts(machine, config, input);
    if (options.snapshots && input.version) {
      ListSnapshotsForPlan(machine, config, input);
    } else {
      WarnOfQuarantines(machine, config, input);
    }
  }
  const auto plan = targets::MakePlan(input);
  if (!plan) {
    PrintError(machine, plan.error());
    return ExitCode::kUsage;
  }
  const targets::Redactor redactor = machine.console.redactor();
  machine.console.Out(options.json
                          ? targets::RenderJson(*plan, redactor)
                          : targets::RenderText(*plan, redactor, {machine.console.color(), 100}));
  if (!options.json && !options.offline && !options.snapshots)
    machine.console.Out("--snapshots asks the repository, and lists what is kept and removed\n");
  return ExitCode::kDone;
}

}  // namespace runner
