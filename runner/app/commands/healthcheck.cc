#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/health/collect.h"
#include "runner/health/evaluate.h"
#include "runner/health/render.h"
#include "runner/notify/report.h"
#include "targets/schedule/zone.h"

namespace runner {
namespace {

HealthQuery QueryOf(Machine& machine, const HealthcheckOptions& options,
                    const LoadedConfiguration& loaded) {
  HealthQuery query;
  query.require_daemon = options.require_daemon;
  query.daemon_only = options.live;
  if (options.target) query.target = targets::TargetId(*options.target);
  query.configured_at = ConfiguredAt(machine, loaded);
  return query;
}

}  // namespace

ExitCode RunHealthcheck(Machine& machine, const GlobalOptions& global,
                        const HealthcheckOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  if (options.target) {
    const auto known = SelectTargets(loaded->config, {*options.target});
    if (!known) {
      PrintError(machine, known.error());
      return ExitCode::kUsage;
    }
  }
  const targets::Redactor redactor = machine.console.redactor();
  const HealthInput input = CollectHealth(loaded->config, QueryOf(machine, options, *loaded),
                                          machine.files, redactor, machine.clock);
  machine.leave_at_once = input.a_look_hangs;
  HealthReport report = Evaluate(input);
  if (!options.target && !options.live && !loaded->config.notify.empty()) {
    report.others.push_back(
        {.name = "notify",
         .findings = NotifyFindings(loaded->config, machine.files, redactor, input.now)});
  }
  if (options.json) {
    machine.console.Out(RenderHealthJson(report));
  } else {
    const auto zone = targets::Zone::Load(loaded->config.timezone);
    machine.console.Out(
        RenderHealthText(report, zone ? zone->OffsetAt(report.time) : targets::Duration{0}));
  }
  return report.Healthy() ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace runner
