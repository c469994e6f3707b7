#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/observer.h"
#include "runner/keys/key_file.h"
#include "runner/keys/key_record.h"
#include "runner/keys/repository_files.h"
#include "runner/repository/gate.h"
#include "runner/restic/restic.h"
#include "targets/model/config.h"

namespace runner {

/// What the keeper of the machine key works with. All of it outlives the keeper; `place` is nullptr
/// where only restic can write.
struct KeyTools {
  const targets::Config& config;
  Restic& restic;
  KeyChoice& choice;
  RepositoryGate& gate;
  KeyRecordStore store;
  const Clock& clock;
  Observer& observer;
  RepositoryFiles* place = nullptr;
  /// Told each password before anything else happens with it, for the redactors.
  std::function<void(const targets::Secret&)> learn = {};
};

/// Makes, uses, renews and revokes the machine key (docs/decisions/0060). Nothing about it is
/// needed: whatever fails, restic goes on with the user's password. Thread-safe.
class KeyKeeper {
 public:
  /// Of our keys in the repository, by which they are known beside the instance's name. No user of
  /// a system is called so, and nobody else's key may be taken for ours.
  static constexpr const char* kUser = "runner-machine-key";
  static constexpr std::size_t kMostOfOurs = 4;
  /// restic tries 20 at most.
  static constexpr std::size_t kMostOfAll = 10;
  static constexpr targets::Duration kBetweenTries{24 * 3600};

  explicit KeyKeeper(KeyTools tools);

  /// Uses the key that is kept, if it is for `repository` (an id, or empty). Starts nothing.
  void TakeUp(const std::string& repository);
  /// Makes one if there is none that can be used, at most once a day. REQUIRES: the repository was
  /// just proven to be `repository`.
  void Ensure(const std::string& repository, StopHandle& stop);

  /// Makes a new one now and removes those before it; its id.
  Outcome<std::string> Renew(const std::string& repository, StopHandle& stop);
  /// Removes all of this instance from the repository and the secret from the state folder, and
  /// makes none again until Renew(). The ids of those that are gone; a failure: some may be left.
  Outcome<std::vector<std::string>> Revoke(const std::string& repository, StopHandle& stop);

 private:
  void OnRefused(const MachineKey& key);
  [[nodiscard]] bool Wanted(const std::optional<KeyRecord>& record,
                            const std::string& repository) const;
  bool UseKept(KeyRecord& record, const std::string& repository);
  Outcome<std::string> Make(KeyRecord& record, StopHandle& stop);
  Outcome<KeyFile> Sealed(const targets::Secret& password, StopHandle& stop);
  Outcome<void> PutAndProve(const KeyFile& file, const MachineKey& key, StopHandle& stop);
  Outcome<void> Add(const KeyFile& file, const KeyRecord& next, StopHandle& stop);
  void Sweep(KeyRecord& record, std::vector<KeyInfo>& keys, const std::string& except,
             StopHandle& stop);
  [[nodiscard]] std::optional<Failure> TooMany(const std::vector<KeyInfo>& keys) const;
  [[nodiscard]] bool IsOurs(const KeyInfo& key) const;
  targets::Status Write(const KeyRecord& record) const;
  void Warn(const std::string& message) const;
  [[nodiscard]] std::string UrlName() const;

  KeyTools tools_;
};

}  // namespace runner
