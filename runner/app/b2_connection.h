#pragma once

#include <memory>
#include <optional>

#include "runner/app/machine.h"
#include "runner/app/secrets.h"
#include "runner/b2/watch.h"
#include "runner/net/https_transport.h"

namespace runner {

/// The way to Backblaze B2 for a configuration whose repository lies there. The arguments outlive
/// it.
class B2Connection {
 public:
  B2Connection(const Machine& machine, const targets::Config& config);

  B2Client& client() { return client_; }

 private:
  HttpsTransport transport_;
  B2Client client_;
};

/// Asks now, if the repository lies on Backblaze B2; nullopt: it does not.
std::optional<StorageLook> LookAtStorage(const Machine& machine, const targets::Config& config,
                                         const ResolvedSecrets& secrets, StopHandle& stop);

}  // namespace runner
