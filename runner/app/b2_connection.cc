#include "runner/app/b2_connection.h"

#include "runner/b2/access.h"
#include "runner/repository/gate.h"
#include "runner/state/fact_store.h"
#include "targets/b2/address.h"

#ifndef RUNNER_VERSION
#error "RUNNER_VERSION comes from the build"
#endif

namespace runner {

B2Connection::B2Connection(const Machine& machine, const targets::Config& config)
    : transport_(NetworkEnvironment(config, machine.environment), machine.files),
      client_(transport_, machine.clock, SleepFor, RUNNER_VERSION) {}

std::optional<StorageLook> LookAtStorage(const Machine& machine, const targets::Config& config,
                                         const ResolvedSecrets& secrets, StopHandle& stop) {
  const auto address = targets::B2AddressOf(config.repository.url);
  if (!address) return std::nullopt;
  const auto key = B2KeyOf(config, *address, secrets, machine.environment);
  if (!key) return StorageLook{.key_known = false};
  const FactStore facts(machine.files, StateFolder(machine.files, config.state_dir));
  const auto pinned = facts.PinnedRepositoryId();
  const bool known = !pinned || pinned->has_value();
  B2Connection connection(machine, config);
  return StorageLook{
      .b2 = AskB2(connection.client(), *key,
                  DemandOf(config, *address, key->id,
                           known ? targets::RepositoryKnown::kYes : targets::RepositoryKnown::kNo),
                  machine.clock, stop)};
}

}  // namespace runner
