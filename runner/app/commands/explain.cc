#include "runner/status/explain.h"

#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/status/collect.h"

namespace runner {
namespace {

/// The repository's stage of that name, unless a target has taken the name.
std::optional<targets::Stage> RepositoryStage(const targets::Config& config,
                                              const std::string& name) {
  if (targets::FindTarget(config, targets::TargetId(name)) != nullptr) return std::nullopt;
  for (const targets::Stage stage : targets::kRepositoryStages) {
    if (targets::StageName(stage) == name) return stage;
  }
  return std::nullopt;
}

}  // namespace

ExitCode RunExplain(Machine& machine, const GlobalOptions& global, const ExplainOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  const auto stage = RepositoryStage(loaded->config, options.subject);
  StatusQuery query;
  query.configured_at = ConfiguredAt(machine, *loaded);
  if (!stage) {
    const auto selected = SelectTargets(loaded->config, {options.subject});
    if (!selected) {
      PrintError(machine, selected.error());
      return ExitCode::kUsage;
    }
    query.only = *selected;
  }
  const targets::Redactor redactor = machine.console.redactor();
  const auto input = CollectStatus(loaded->config, query, machine.files, redactor, machine.clock);
  if (!input) {
    PrintError(machine, input.error());
    return ExitCode::kUsage;
  }
  machine.leave_at_once = input->health.a_look_hangs;
  const auto lines = stage ? ExplainRepositoryStage(*input, *stage)
                           : ExplainTarget(*input, *input->targets.front());
  for (const std::string& line : lines) machine.console.Out(line + "\n");
  return ExitCode::kDone;
}

}  // namespace runner
