#include "tests/support/b2_server/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace runner::testing::b2 {
namespace {

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;

}  // namespace

const std::vector<std::string>& AllCapabilities() {
  static const std::vector<std::string> all = {"listKeys",
                                               "writeKeys",
                                               "deleteKeys",
                                               "listBuckets",
                                               "writeBuckets",
                                               "deleteBuckets",
                                               "readBuckets",
                                               "listFiles",
                                               "readFiles",
                                               "shareFiles",
                                               "writeFiles",
                                               "deleteFiles",
                                               "listAllBucketNames",
                                               "readBucketEncryption",
                                               "writeBucketEncryption"};
  return all;
}

bool Key::May(const std::string& capability) const {
  const auto& all = rights.capabilities;
  return std::find(all.begin(), all.end(), capability) != all.end();
}

bool Key::MayEnter(const std::string& bucket_id) const {
  const auto& ids = rights.bucket_ids;
  return ids.empty() || std::find(ids.begin(), ids.end(), bucket_id) != ids.end();
}

bool Key::MayName(const std::string& name) const { return name.starts_with(rights.prefix); }

Keys::Keys() { Add({.name = "master", .capabilities = AllCapabilities()}); }

Key Keys::Add(NewKey rights) {
  ++last_key_;
  const std::string id = fmt::format("005b2test00000{:011}", last_key_);
  Key key{id, fmt::format("K005-secret-{:019x}", 0x5eed * last_key_), std::move(rights)};
  return keys_[id] = std::move(key);
}

Outcome<Key> Keys::Remove(const std::string& id) {
  const auto found = keys_.find(id);
  if (found == keys_.end()) return Refuse(400, "bad_request", "Application key not found: " + id);
  Key key = found->second;
  keys_.erase(found);
  return key;
}

std::vector<Key> Keys::List() const {
  std::vector<Key> keys;
  for (const auto& [id, key] : keys_) keys.push_back(key);
  return keys;
}

Outcome<Keys::Session> Keys::Authorize(const std::string& id, const std::string& secret,
                                       std::int64_t now_ms) {
  const auto found = keys_.find(id);
  if (found == keys_.end() || found->second.secret != secret) return NotAllowed();
  const Key& key = found->second;
  const std::int64_t end = key.rights.expires_ms.value_or(std::numeric_limits<std::int64_t>::max());
  if (end <= now_ms) return NotAllowed();
  return Session{key, Give({key, "", std::min(end, now_ms + kDayMs)})};
}

std::string Keys::Give(Token token) {
  std::string text = fmt::format("4_{}_{:08}_token=", token.key.id, ++last_token_);
  tokens_[text] = std::move(token);
  return text;
}

Outcome<Keys::Token> Keys::Look(const std::string& token, std::int64_t now_ms) const {
  const auto found = tokens_.find(token);
  if (found == tokens_.end()) return Refuse(401, "bad_auth_token", "Invalid authorization token");
  if (found->second.expires_ms <= now_ms || !keys_.contains(found->second.key.id))
    return Refuse(401, "expired_auth_token", "Authorization token has expired");
  return found->second;
}

Outcome<Key> Keys::Check(const std::string& token, std::int64_t now_ms) const {
  Outcome<Token> found = Look(token, now_ms);
  if (!found) return tl::unexpected(found.error());
  if (!found->target.empty()) return Refuse(401, "bad_auth_token", "Invalid authorization token");
  return found->key;
}

std::string Keys::AddDownloadToken(const Key& key, const std::string& bucket_id,
                                   const std::string& prefix, std::int64_t expires_ms) {
  Key narrow = key;
  narrow.rights.capabilities = {"readFiles"};
  narrow.rights.bucket_ids = {bucket_id};
  narrow.rights.prefix = prefix;
  return Give({narrow, "", expires_ms});
}

std::string Keys::AddUploadToken(const Key& key, const std::string& target, std::int64_t now_ms) {
  return Give({key, target, now_ms + kDayMs});
}

Outcome<Key> Keys::CheckUpload(const std::string& token, const std::string& target,
                               std::int64_t now_ms) const {
  Outcome<Token> found = Look(token, now_ms);
  if (!found) return tl::unexpected(found.error());
  if (found->target != target) return Refuse(401, "bad_auth_token", "Invalid authorization token");
  return found->key;
}

void Keys::ExpireTokens() {
  for (auto& [text, token] : tokens_) token.expires_ms = 0;
}

}  // namespace runner::testing::b2
