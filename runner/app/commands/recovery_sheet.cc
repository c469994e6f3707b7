#include "runner/status/recovery_sheet.h"

#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/state/fact_store.h"

#ifndef RUNNER_VERSION
#error "RUNNER_VERSION comes from the build"
#endif

namespace runner {

ExitCode RunRecoverySheet(Machine& machine, const GlobalOptions& global) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  const targets::Config& config = loaded->config;
  const FactStore facts(machine.files, StateFolder(machine.files, config.state_dir));
  const auto complain = [&](const targets::Error& error) {
    PrintError(machine, error);
    return ExitCode::kFailed;
  };
  RecoverySheetInput input{.config = config,
                           .configuration_file = loaded->file,
                           .facts = {},
                           .now = machine.clock.Now(),
                           .version = RUNNER_VERSION};
  const auto zone = targets::Zone::Load(config.timezone);
  if (!zone) return complain(zone.error());
  input.zone = *zone;
  auto pinned = facts.PinnedRepositoryId();
  if (!pinned) return complain(pinned.error());
  input.repository_id = config.repository.id.empty() ? *pinned : config.repository.id;
  for (const targets::Target& target : config.targets) {
    auto known = facts.ReadTarget(target.id);
    if (!known) return complain(known.error());
    input.facts.emplace(target.id, *std::move(known));
  }
  machine.console.Out(RecoverySheet(input));
  return ExitCode::kDone;
}

}  // namespace runner
