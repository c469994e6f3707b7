#include <fmt/format.h>

#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"

namespace runner {

ExitCode RunValidate(Machine& machine, const GlobalOptions& global,
                     const ValidateOptions& options) {
  GlobalOptions chosen = global;
  if (options.file) chosen.config = options.file;
  const auto loaded = LoadConfiguration(machine, chosen, MachineLint::kInclude);
  if (!loaded) return ExitCode::kUsage;
  PrintWarnings(machine, *loaded);
  const std::size_t targets = loaded->config.targets.size();
  const std::size_t warnings = loaded->warnings.size();
  const std::string problems =
      warnings == 0 ? "no problems"
                    : fmt::format("{} warning{}", warnings, warnings == 1 ? "" : "s");
  machine.console.Out(fmt::format("{}: {} target{}, {}\n",
                                  loaded->file.empty() ? "environment" : loaded->file, targets,
                                  targets == 1 ? "" : "s", problems));
  return ExitCode::kDone;
}

}  // namespace runner
