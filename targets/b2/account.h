#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "targets/base/result.h"
#include "targets/base/secret.h"
#include "targets/base/time.h"

namespace targets {

/// A bucket that a key is bound to.
struct B2KeyBucket {
  std::string id;
  std::string name = {};  // empty: that bucket is gone

  bool operator==(const B2KeyBucket&) const = default;
};

/// What Backblaze B2 says of an application key and its account (b2_authorize_account).
struct B2Account {
  int version = 4;  // of the interface that answered
  std::string account_id = {};
  std::string api_url = {};
  std::string s3_api_url = {};
  std::set<std::string> capabilities = {};
  std::optional<std::vector<B2KeyBucket>> buckets = {};  // nullopt: the key is for every bucket
  std::string name_prefix = {};                          // of the files that the key is for
  std::optional<UnixTime> expires = {};                  // of the key; nullopt: never
  Secret token = {};                                     // valid for a day at most

  bool operator==(const B2Account&) const = default;
};

/// One rule of a bucket: what happens to files whose name starts with `prefix`.
struct B2LifecycleRule {
  std::string prefix = {};
  std::optional<int> days_to_hiding = {};    // after the upload; nullopt: never
  std::optional<int> days_to_deleting = {};  // after hiding, or a newer version; nullopt: never

  bool operator==(const B2LifecycleRule&) const = default;
};

/// A bucket of the account (b2_list_buckets).
struct B2Bucket {
  std::string name;
  std::string type = {};  // "allPrivate", "allPublic", ...
  std::vector<B2LifecycleRule> rules = {};
  std::string id = {};  // by which other calls know it; not remembered

  bool operator==(const B2Bucket&) const = default;
};

/// A page of the names of files (b2_list_file_names).
struct B2FileNames {
  std::vector<std::string> names;
  std::string next = {};  // where the next page begins; empty: this is the last

  bool operator==(const B2FileNames&) const = default;
};

/// What B2 answers instead.
struct B2ErrorReply {
  std::string code = {};     // "unauthorized", "transaction_cap_exceeded", ...
  std::string message = {};  // one line; may be empty

  bool operator==(const B2ErrorReply&) const = default;
};

/// A reply of b2_authorize_account, of version 3 or 4 of the interface. Unknown members are
/// ignored; an error names the member that is missing or wrong, never a value.
Result<B2Account> DecodeB2Account(std::string_view json);

/// A reply of b2_list_buckets.
Result<std::vector<B2Bucket>> DecodeB2Buckets(std::string_view json);

/// A reply of b2_list_file_names.
Result<B2FileNames> DecodeB2FileNames(std::string_view json);

/// Whatever can be read of it; nothing, if it is no JSON (a proxy's page, say).
B2ErrorReply DecodeB2Error(std::string_view json);

}  // namespace targets
