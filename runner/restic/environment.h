#pragma once

#include <map>
#include <string>
#include <vector>

#include "targets/model/config.h"

namespace runner {

struct ResolvedSecrets;

/// Everything that a restic child gets on top of the runner's own environment; contains secrets.
std::map<std::string, std::string> ResticEnvironment(const targets::Config& config, const ResolvedSecrets& secrets);

/// Inherited variables that would change restic's meaning behind the configuration's back.
std::vector<std::string> UnsetForRestic();

/// What hooks and stream commands must not see: the repository's secrets in all their forms.
std::vector<std::string> UnsetForUserCommands(const targets::Config& config);

}  // namespace runner
