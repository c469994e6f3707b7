#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "targets/config/diagnostic.h"
#include "targets/model/config.h"

namespace targets {

/// Whether LoadOutcome lists the effective values, which take 40 MB for 10,000 targets; kForPage:
/// only if the configuration has a status page, which shows them.
enum class EffectiveList { kInclude, kForPage, kLeaveOut };

/// All that decides a configuration. Pure: the caller read the file and the environment.
struct LoadInput {
  std::string file_name;                           // as messages should show it, e.g. "backup.yaml"
  std::optional<std::string> yaml;                 // absent: environment mode
  std::map<std::string, std::string> environment;  // the whole environment of the process
  // Content of the file that RESTIC_REPOSITORY_FILE names, under that name. Absent: it could not be
  // read.
  std::map<std::string, std::string> environment_files = {};
  EffectiveList effective = EffectiveList::kInclude;
};

/// One effective value, for people: a JSON pointer into the effective configuration, the value as
/// YAML flow text
/// ("***" for a secret), and where it came from.
struct EffectiveValue {
  std::string pointer;
  std::string text;
  Origin origin;

  bool operator==(const EffectiveValue&) const = default;
};

struct LoadOutcome {
  std::optional<Config> config;         // absent if there was any error
  std::vector<Diagnostic> diagnostics;  // errors and warnings, in the order of the file
  std::vector<EffectiveValue>
      effective;  // every leaf, sorted by pointer; empty if there was any error, or not wanted

  [[nodiscard]] bool HasErrors() const { return !config.has_value(); }
};

/// Parses, checks against the schema, merges (built-in default < `defaults:` < target <
/// environment), expands
/// `${NAME}`, decodes and lints. Every error of the file is reported at once. Never throws.
LoadOutcome LoadConfig(const LoadInput& input);

/// What the machine says about a path that the configuration names.
struct PathFacts {
  bool exists = false;
  bool read_only = false;           // on a file system mounted read-only, or no write permission
  bool readable_by_others = false;  // any of the permission bits 0044
  bool operator==(const PathFacts&) const = default;
};

/// The paths whose facts LintWithFacts wants: sources and secret files.
std::vector<std::string> PathsToInspect(const Config& config);

/// Warnings that need the machine: a restore rule on a read-only source, a secret file that others
/// can read. A path without facts is not judged.
std::vector<Diagnostic> LintWithFacts(const Config& config,
                                      const std::map<std::string, PathFacts>& facts);

/// The built-in configuration schema (schemas/backup.schema.json), compiled into the program.
std::string_view ConfigSchemaJson();

}  // namespace targets
