#pragma once

#include <optional>
#include <string>
#include <vector>

#include "targets/base/listen_address.h"
#include "targets/model/repository.h"

namespace targets {

/// The status page and the API of the daemon.
struct Server {
  std::optional<ListenAddress> listen;  // nullopt: off
  std::vector<std::string> hosts;       // names by which it is reached, beside addresses
  std::optional<SecretSource> token;    // what allows actions; nullopt: nobody may act

  bool operator==(const Server&) const = default;
};

}  // namespace targets
