#pragma once

#include <string>
#include <vector>

#include "targets/b2/account.h"
#include "targets/b2/address.h"
#include "targets/base/time.h"
#include "targets/model/config.h"

namespace targets {

/// A key that expires so soon is warned of.
inline constexpr Duration kB2ExpiryWarning{std::chrono::days{14}};

enum class B2Level { kOk, kNote, kWarning, kError };
enum class B2Topic {
  kKey,
  kExpiry,
  kCapability,
  kBucket,    // it is not there, or not for this key
  kSettings,  // of the bucket: its type, its lifecycle rules
};

struct B2Finding {
  B2Level level = B2Level::kOk;
  B2Topic topic = B2Topic::kKey;
  std::string message;
  std::string remedy = {};  // never empty unless the level is kOk

  bool operator==(const B2Finding&) const = default;
};

/// What an installation wants of Backblaze B2.
struct B2Demand {
  B2Address address = {};
  std::string key_id = {};
  bool writes = true;       // backups, forget, prune, check; each also removes its lock
  bool may_create = false;  // `init: if_missing`, and no repository was ever found

  bool operator==(const B2Demand&) const = default;
};

/// `repository_known`: one was found before, or is pinned by the configuration.
enum class RepositoryKnown { kNo, kYes };
B2Demand DemandOf(const Config& config, const B2Address& address, std::string key_id,
                  RepositoryKnown repository_known);

/// True if the key may ask for the bucket at all; asking otherwise is an error for B2.
bool MayListBucket(const B2Account& account, const B2Demand& demand);

/// The key: its expiry, what it may do, which files it is for. Pure, as the next.
std::vector<B2Finding> JudgeB2Key(const B2Account& account, const B2Demand& demand, UnixTime now);

/// The bucket, by what b2_list_buckets said about its name: its type, and its lifecycle rules.
/// REQUIRES: MayListBucket().
std::vector<B2Finding> JudgeB2Bucket(const std::vector<B2Bucket>& listed, const B2Account& account,
                                     const B2Demand& demand);

}  // namespace targets
