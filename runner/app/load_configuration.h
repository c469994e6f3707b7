#pragma once

#include <optional>
#include <string>

#include "runner/app/command_line.h"
#include "runner/app/machine.h"
#include "targets/config/load.h"
#include "targets/model/config.h"

namespace runner {

/// A configuration that has no errors, and what is doubtful about it.
struct LoadedConfiguration {
  targets::Config config;
  std::string file;  // where it was read; empty in environment mode
  std::vector<targets::Diagnostic> warnings;
  std::vector<targets::EffectiveValue> effective = {};  // every value and where it came from
};

/// Whether what the configuration names is looked at on this machine (a read-only source, a
/// readable secret file).
enum class MachineLint { kInclude, kLeaveOut };

/// Finds, reads and checks the configuration. Prints every error on standard error; nullopt: there
/// were some, the command ends with ExitCode::kUsage. Afterwards the console removes the secrets
/// that stand in the configuration.
std::optional<LoadedConfiguration> LoadConfiguration(
    Machine& machine, const GlobalOptions& options, MachineLint lint = MachineLint::kLeaveOut,
    targets::EffectiveList effective = targets::EffectiveList::kLeaveOut);

/// Says on standard error what is doubtful.
void PrintWarnings(Machine& machine, const LoadedConfiguration& loaded);

/// When the configuration's file was last written; nullopt: there is none, or nobody knows.
std::optional<targets::UnixTime> ConfiguredAt(Machine& machine, const LoadedConfiguration& loaded);

/// Which file would be read: --config, RUNNER_CONFIG, /etc/runner/backup.yaml, ./backup.yaml;
/// nullopt: none is there.
std::optional<std::string> FindConfigurationFile(Machine& machine, const GlobalOptions& options);

/// The targets that were named, in the order of the configuration; all if none was. An unknown name
/// is an error with the nearest known one.
targets::Result<std::vector<targets::TargetId>> SelectTargets(
    const targets::Config& config, const std::vector<std::string>& names);

/// Says an error and its hint on standard error.
void PrintError(Machine& machine, const targets::Error& error);

}  // namespace runner
