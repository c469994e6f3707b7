#pragma once

#include <map>
#include <optional>
#include <string>

#include "runner/b2/client.h"
#include "targets/b2/address.h"
#include "targets/model/config.h"

namespace runner {

/// The key with which restic opens the repository: of `repository.environment`, else of
/// `repository.b2`, else of `environment` (this process). nullopt: none of them has it.
std::optional<B2Key> B2KeyOf(const targets::Config& config, const targets::B2Address& address,
                             const ResolvedSecrets& secrets,
                             const std::map<std::string, std::string>& environment);

/// The variables by which restic finds proxy and certificates, for our own connections.
std::map<std::string, std::string> NetworkEnvironment(
    const targets::Config& config, std::map<std::string, std::string> environment);

}  // namespace runner
