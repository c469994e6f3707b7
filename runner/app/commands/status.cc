#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/status/collect.h"
#include "runner/status/render.h"

namespace runner {

ExitCode RunStatus(Machine& machine, const GlobalOptions& global, const StatusOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  const auto selected = SelectTargets(loaded->config, options.targets);
  if (!selected) {
    PrintError(machine, selected.error());
    return ExitCode::kUsage;
  }
  StatusQuery query;
  if (!options.targets.empty()) query.only = *selected;
  query.configured_at = ConfiguredAt(machine, *loaded);
  const targets::Redactor redactor = machine.console.redactor();
  const auto input = CollectStatus(loaded->config, query, machine.files, redactor, machine.clock);
  if (!input) {
    PrintError(machine, input.error());
    return ExitCode::kUsage;
  }
  machine.leave_at_once = input->health.a_look_hangs;
  const StatusReport report = MakeStatus(*input);
  const Paint paint = machine.console.color() ? Paint::kColor : Paint::kPlain;
  machine.console.Out(options.json ? RenderStatusJson(report)
                                   : RenderStatusText(report, input->zone, paint));
  return ExitCode::kDone;
}

}  // namespace runner
