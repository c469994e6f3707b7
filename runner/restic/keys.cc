#include <fmt/format.h>

#include "runner/restic/answers.h"
#include "runner/restic/restic.h"

namespace runner {

std::optional<MachineKey> Restic::CurrentKey() const {
  return keys_ == nullptr ? std::nullopt : keys_->Current();
}

bool Restic::KeyFailed(const ProcessResult& result) const {
  const auto failure = Classify(result, commands_.version());
  return failure && failure->cause == Cause::kWrongPassword;
}

std::optional<std::string> Restic::OpensOnly() const {
  const auto key = CurrentKey();
  return key ? std::optional(key->repository) : std::nullopt;
}

/// `proof`: of a `cat config` with the user's password. If that found the repository of `key`, the
/// key is none of it any more, and nullopt. Otherwise the end of a command that must not run.
std::optional<ProcessResult> Restic::DoubtAbout(const MachineKey& key, const ProcessResult& proof) {
  if (Classify(proof, commands_.version())) return proof;
  const auto found = ParseRepositoryId(proof.stdout_tail);
  if (found && *found == key.repository) {
    keys_->Refuse(key);
    return std::nullopt;
  }
  ProcessResult doubt;
  doubt.status = Exited{1};
  doubt.stderr_tail =
      fmt::format("Fatal: {} holds repository {}, but this installation belongs to {}\n",
                  targets::RedactUrlPasswords(config_.repository.url),
                  found ? found->substr(0, 10) : "unknown", key.repository.substr(0, 10));
  return doubt;
}

Outcome<std::vector<KeyInfo>> Restic::Keys(StopHandle& stop) {
  ProcessSpec spec = Question(commands_.ListKeys());
  spec.stdout_tail = kListingLimit;
  const auto result = Checked(RunAsUser(std::move(spec), stop));
  if (!result) return tl::unexpected(result.error());
  auto keys = ParseKeys(result->stdout_tail);
  if (!keys) return tl::unexpected(FromError(keys.error()));
  return *std::move(keys);
}

Outcome<targets::Secret> Restic::MasterKeyJson(StopHandle& stop) {
  auto result = Checked(RunAsUser(Question(commands_.CatMasterKey()), stop));
  if (!result) return tl::unexpected(result.error());
  return targets::Secret(std::move(result->stdout_tail));
}

Outcome<void> Restic::RemoveKey(const std::string& key_id, const std::string& users,
                                StopHandle& stop) {
  targets::Argv argv = commands_.RemoveKey(key_id, users);
  if (argv.empty()) {
    return tl::unexpected(
        Failure{Cause::kUsage, "refused: that is no key to remove", "", std::nullopt});
  }
  const auto result = Checked(RunAsUser(Question(std::move(argv)), stop));
  if (!result) return tl::unexpected(result.error());
  return {};
}

Outcome<std::string> Restic::ProbeWith(const MachineKey& key, StopHandle& stop) {
  const KeyChoice only;
  const auto result = Checked(RunAsUser(only.With(key, Question(commands_.CatConfig())), stop));
  if (!result) return tl::unexpected(result.error());
  auto id = ParseRepositoryId(result->stdout_tail);
  if (!id) return tl::unexpected(FromError(id.error()));
  return *std::move(id);
}

}  // namespace runner
