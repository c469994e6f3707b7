#include "runner/app/load_configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "runner/app/secrets.h"
#include "targets/base/text.h"

namespace runner {
namespace {

constexpr std::size_t kConfigurationLimit = 4 * 1024 * 1024;
constexpr std::array kDefaultPlaces = {"/etc/runner/backup.yaml", "./backup.yaml"};

std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

/// What the configuration names on this machine: for the warnings that need it.
std::map<std::string, targets::PathFacts> GatherFacts(FileSystem& files,
                                                      const targets::Config& config) {
  std::map<std::string, targets::PathFacts> facts;
  for (const std::string& path : targets::PathsToInspect(config)) {
    const auto info = files.Stat(path, LinkHandling::kFollow);
    if (!info || !info->has_value()) continue;
    targets::PathFacts fact;
    fact.exists = true;
    fact.readable_by_others = ((*info)->mode & 0044U) != 0;
    fact.read_only = !files.Writable(path);
    facts[path] = fact;
  }
  return facts;
}

std::optional<std::string> ReadConfiguration(Machine& machine, const std::string& file) {
  auto text = machine.files.Read(Absolute(file), kConfigurationLimit);
  if (!text) {
    PrintError(machine, text.error());
    return std::nullopt;
  }
  if (!text->has_value()) {
    PrintError(machine, {fmt::format("{} does not exist", file),
                         "name another file with --config or RUNNER_CONFIG"});
    return std::nullopt;
  }
  return std::move(**text);
}

/// For a variable that names a file whose content is part of the configuration. What cannot be read
/// is left out: loading then says so in its own words.
void ReadVariableFile(Machine& machine, const std::string& name, targets::LoadInput& input) {
  const auto variable = machine.environment.find(name);
  if (variable == machine.environment.end()) return;
  const auto content = machine.files.Read(Absolute(variable->second), kConfigurationLimit);
  if (content && content->has_value()) input.environment_files[name] = **content;
}

}  // namespace

void PrintError(Machine& machine, const targets::Error& error) {
  machine.console.Err("runner: " + error.message + "\n");
  if (!error.hint.empty()) machine.console.Err("  " + error.hint + "\n");
}

std::optional<std::string> FindConfigurationFile(Machine& machine, const GlobalOptions& options) {
  if (options.config) return options.config;
  const auto variable = machine.environment.find("RUNNER_CONFIG");
  if (variable != machine.environment.end() && !variable->second.empty()) return variable->second;
  for (const char* place : kDefaultPlaces) {
    const auto info = machine.files.Stat(Absolute(place), LinkHandling::kFollow);
    if (info && !info->has_value()) continue;
    return place;  // there, or something in the way that reading it will explain
  }
  return std::nullopt;
}

std::optional<LoadedConfiguration> LoadConfiguration(Machine& machine, const GlobalOptions& options,
                                                     MachineLint lint,
                                                     targets::EffectiveList effective) {
  const auto file = FindConfigurationFile(machine, options);
  targets::LoadInput input;
  input.environment = machine.environment;
  input.effective = effective;
  ReadVariableFile(machine, "RESTIC_REPOSITORY_FILE", input);
  if (file) {
    input.file_name = *file;
    input.yaml = ReadConfiguration(machine, *file);
    if (!input.yaml) return std::nullopt;
  }
  targets::LoadOutcome outcome = targets::LoadConfig(input);
  if (outcome.config) {
    targets::Redactor redactor = machine.console.redactor();
    AddInlineSecrets(*outcome.config, redactor);
    machine.console.SetRedactor(std::move(redactor));
  }
  if (outcome.config && lint == MachineLint::kInclude) {
    auto more =
        targets::LintWithFacts(*outcome.config, GatherFacts(machine.files, *outcome.config));
    outcome.diagnostics.insert(outcome.diagnostics.end(), more.begin(), more.end());
  }
  if (!outcome.config) {
    for (const targets::Diagnostic& diagnostic : outcome.diagnostics) {
      machine.console.Err(targets::RenderDiagnostic(diagnostic));
    }
    return std::nullopt;
  }
  return LoadedConfiguration{std::move(*outcome.config), file.value_or(""),
                             std::move(outcome.diagnostics), std::move(outcome.effective)};
}

void PrintWarnings(Machine& machine, const LoadedConfiguration& loaded) {
  for (const targets::Diagnostic& diagnostic : loaded.warnings) {
    machine.console.Err(targets::RenderDiagnostic(diagnostic));
  }
}

std::optional<targets::UnixTime> ConfiguredAt(Machine& machine, const LoadedConfiguration& loaded) {
  if (loaded.file.empty()) return std::nullopt;
  const auto info = machine.files.Stat(Absolute(loaded.file), LinkHandling::kFollow);
  return info && info->has_value() ? std::optional((*info)->modified) : std::nullopt;
}

targets::Result<std::vector<targets::TargetId>> SelectTargets(
    const targets::Config& config, const std::vector<std::string>& names) {
  std::vector<std::string> known;
  std::vector<targets::TargetId> selected;
  for (const targets::Target& target : config.targets) known.push_back(target.id.str());
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto nearest = targets::Nearest(name, known);
    return targets::Fail(fmt::format("there is no target \"{}\"", name),
                         nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                                 : fmt::format("the targets are {}", targets::Join(known, ", ")));
  }
  for (const targets::Target& target : config.targets) {
    const bool named = std::find(names.begin(), names.end(), target.id.str()) != names.end();
    if (named || (names.empty() && target.enabled)) selected.push_back(target.id);
  }
  return selected;
}

}  // namespace runner
