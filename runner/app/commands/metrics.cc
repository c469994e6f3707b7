#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/history/sqlite_history.h"
#include "runner/metrics/tell_metrics.h"
#include "runner/status/collect.h"

#ifndef RUNNER_VERSION
#error "RUNNER_VERSION comes from the build"
#endif

namespace runner {
namespace {

/// Monitoring programs run as somebody else.
constexpr std::uint32_t kFileMode = 0644;

}  // namespace

ExitCode RunMetrics(Machine& machine, const GlobalOptions& global, const MetricsOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  const targets::Redactor redactor = machine.console.redactor();
  const StatusQuery query{.configured_at = ConfiguredAt(machine, *loaded)};
  const auto input = CollectStatus(loaded->config, query, machine.files, redactor, machine.clock);
  if (!input) {
    PrintError(machine, input.error());
    return ExitCode::kUsage;
  }
  machine.leave_at_once = input->health.a_look_hangs;
  SqliteHistory history(machine.files, machine.clock, redactor,
                        StateFolder(machine.files, loaded->config.state_dir));
  const auto [text, history_error] =
      TellMetrics(*input, MakeStatus(*input), history, RUNNER_VERSION);
  if (history_error) PrintError(machine, *history_error);
  if (!options.output) {
    machine.console.Out(text);
    return ExitCode::kDone;
  }
  if (const auto written = machine.files.WriteDurably(*options.output, text, kFileMode); !written) {
    PrintError(machine, written.error());
    return ExitCode::kFailed;
  }
  return ExitCode::kDone;
}

}  // namespace runner
