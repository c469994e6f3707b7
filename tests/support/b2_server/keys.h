#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/b2_server/outcome.h"

namespace runner::testing::b2 {

/// All that a key may be allowed; the master key has them all.
const std::vector<std::string>& AllCapabilities();

struct NewKey {
  std::string name = "key";
  std::vector<std::string> capabilities = {};
  /// Ids; empty: every bucket.
  std::vector<std::string> bucket_ids = {};
  std::string prefix = {};
  std::optional<std::int64_t> expires_ms = {};
};

struct Key {
  std::string id;
  std::string secret;
  NewKey rights;

  [[nodiscard]] bool May(const std::string& capability) const;
  [[nodiscard]] bool MayEnter(const std::string& bucket_id) const;
  /// A file of this name, or all files with this prefix.
  [[nodiscard]] bool MayName(const std::string& name) const;
};

/// Application keys, the tokens that clients got for them, and the tokens of upload URLs. Times are
/// milliseconds since 1970. Not thread-safe.
class Keys {
 public:
  /// Starts with a master key.
  Keys();

  [[nodiscard]] const Key& master() const { return keys_.begin()->second; }
  Key Add(NewKey rights);
  Outcome<Key> Remove(const std::string& id);
  [[nodiscard]] std::vector<Key> List() const;

  struct Session {
    Key key;
    std::string token;
  };
  /// 401 `unauthorized` if the pair is wrong or the key has expired.
  Outcome<Session> Authorize(const std::string& id, const std::string& secret, std::int64_t now_ms);
  /// The key behind a token: 401 `bad_auth_token` or `expired_auth_token` (a day old, or told to).
  [[nodiscard]] Outcome<Key> Check(const std::string& token, std::int64_t now_ms) const;
  /// A token for downloads below a prefix.
  std::string AddDownloadToken(const Key& key, const std::string& bucket_id,
                               const std::string& prefix, std::int64_t expires_ms);

  /// `target`: the bucket of files, or the large file of parts.
  std::string AddUploadToken(const Key& key, const std::string& target, std::int64_t now_ms);
  /// The key of an upload token for this target.
  [[nodiscard]] Outcome<Key> CheckUpload(const std::string& token, const std::string& target,
                                         std::int64_t now_ms) const;
  /// An upload token serves one request at a time; false while another one is under way.
  bool EnterUpload(const std::string& token) { return uploading_.insert(token).second; }
  void LeaveUpload(const std::string& token) { uploading_.erase(token); }

  /// Every token that was given out so far becomes `expired_auth_token`.
  void ExpireTokens();

 private:
  struct Token {
    Key key;
    std::string target;  // of uploads
    std::int64_t expires_ms = 0;
  };
  std::string Give(Token token);
  [[nodiscard]] Outcome<Token> Look(const std::string& token, std::int64_t now_ms) const;

  int last_key_ = 0;
  int last_token_ = 0;
  std::map<std::string, Key> keys_;
  std::map<std::string, Token> tokens_;
  std::set<std::string> uploading_;
};

}  // namespace runner::testing::b2
