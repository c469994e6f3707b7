#pragma once

#include <map>
#include <string>
#include <vector>

#include "targets/model/config.h"

namespace runner {

struct ResolvedSecrets;

/// Where restic keeps its cache: `cache_dir`, else a folder of the state folder.
std::string CacheFolder(const targets::Config& config);

/// Everything that a restic child gets on top of the runner's own environment; contains secrets.
/// `repository.environment` may replace the cache folder and the progress rate, never the
/// repository, the password or the zone. The key of Backblaze's S3 endpoint may be given as
/// `repository.b2`.
std::map<std::string, std::string> ResticEnvironment(const targets::Config& config,
                                                     const ResolvedSecrets& secrets);

/// Names (or "PREFIX*") of the runner's own environment that would change behind our back what a
/// restic child does: another password, another repository, another host name. For
/// ProcessSpec::unset of restic's children.
std::vector<std::string> UnsetForRestic();

/// Names (or "PREFIX*") that a hook or a stream command must not see: the repository's secrets in
/// every form of ours, the storage providers' secrets, and everything of `repository.environment`.
/// For ProcessSpec::unset.
std::vector<std::string> UnsetForUserCommands(const targets::Config& config);

}  // namespace runner
