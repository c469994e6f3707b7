#include "runner/app/machine_keys.h"

#include <unistd.h>

#include "runner/b2/access.h"
#include "runner/state/fact_store.h"
#include "targets/b2/address.h"
#include "targets/base/redactor.h"
#include "targets/restic/key_place.h"

namespace runner {
namespace {

std::map<std::string, std::string> ResticVariables(const Machine& machine,
                                                   const targets::Config& config) {
  std::map<std::string, std::string> variables = machine.environment;
  for (const auto& [name, value] : config.repository.environment) variables[name] = value;
  return variables;
}

std::unique_ptr<RepositoryFiles> InFolder(Machine& machine, const targets::Config& config) {
  const bool as_folder = config.run_as && geteuid() == 0;
  return std::make_unique<FolderFiles>(
      machine.files, targets::RepositoryFolderOf(config.repository.url),
      as_folder ? FolderFiles::Owner::kAsTheFolder : FolderFiles::Owner::kThisProcess);
}

}  // namespace

RepositoryAccess::RepositoryAccess(Machine& machine, const targets::Config& config,
                                   const ResolvedSecrets& secrets, B2Client* b2) {
  switch (targets::KeyPlaceOf(config.repository.url)) {
    case targets::KeyPlaceKind::kNone:
      return;
    case targets::KeyPlaceKind::kFolder:
      files_ = InFolder(machine, config);
      return;
    case targets::KeyPlaceKind::kRest:
      transport_ = std::make_unique<HttpsTransport>(NetworkEnvironment(config, machine.environment),
                                                    machine.files);
      files_ = std::make_unique<RestFiles>(*transport_, config.repository.url,
                                           ResticVariables(machine, config));
      return;
    case targets::KeyPlaceKind::kBackblaze:
      break;
  }
  auto address = targets::B2AddressOf(config.repository.url);
  if (!address || b2 == nullptr) return;
  auto key = B2KeyOf(config, *address, secrets, machine.environment);
  if (key) files_ = std::make_unique<B2Files>(*b2, *std::move(key), *std::move(address));
}

KeyRecordStore KeyRecords(FileSystem& files, const targets::Config& config) {
  return {files, StateFolder(files, config.state_dir).RepositoryFolder()};
}

std::string ExpectedRepository(FileSystem& files, const targets::Config& config) {
  if (!config.repository.id.empty()) return config.repository.id;
  const FactStore facts(files, StateFolder(files, config.state_dir));
  const auto pinned = facts.PinnedRepositoryId();
  return pinned ? pinned->value_or("") : std::string();
}

void UseKeptKey(Machine& machine, const targets::Config& config, const targets::Secret& password,
                KeyChoice& choice) {
  if (config.repository.machine_key == targets::MachineKeyRule::kOff) return;
  const auto record = KeyRecords(machine.files, config).Read();
  if (!record || !record->has_value()) return;
  auto key = UsableKey(**record, ExpectedRepository(machine.files, config),
                       targets::RedactUrlPasswords(config.repository.url));
  if (!key) return;
  targets::Redactor redactor = machine.console.redactor();
  redactor.Add(key->password);
  machine.console.SetRedactor(redactor);
  choice.Hide(VariablesWith(machine.environment, password));
  choice.Use(*std::move(key));
}

}  // namespace runner
