#include "tests/support/b2_server/call.h"

namespace runner::testing::b2 {
namespace {

std::string BucketName(const Call& call, const std::string& id) {
  const Outcome<Bucket> bucket = call.store.FindBucket(id);
  return bucket ? bucket->name : "";
}

std::string OnlyBucket(const Key& key) {
  return key.rights.bucket_ids.empty() ? "" : key.rights.bucket_ids.front();
}

JsonObject& AddUrls(const Call& call, JsonObject& object) {
  const auto minimum = static_cast<std::int64_t>(call.part_sizes.minimum);
  const auto recommended = static_cast<std::int64_t>(call.part_sizes.recommended);
  return object.Number("absoluteMinimumPartSize", minimum)
      .Text("apiUrl", call.request.origin.api)
      .Text("downloadUrl", call.request.origin.download)
      .Number("recommendedPartSize", recommended)
      .Text("s3ApiUrl", "https://s3.us-west-000.backblazeb2.com");
}

/// v1 and v2: all at the top level. The bucket's name stands in v1, too: rclone, which speaks v1,
/// takes a bound key without one for that of a removed bucket.
std::string FlatReply(const Call& call, const Keys::Session& session) {
  const Key& key = session.key;
  JsonObject allowed;
  allowed.Texts("capabilities", key.rights.capabilities)
      .TextOrNull("bucketId", OnlyBucket(key))
      .TextOrNull("bucketName", BucketName(call, OnlyBucket(key)))
      .TextOrNull("namePrefix", key.rights.prefix);
  JsonObject reply;
  AddUrls(call, reply)
      .Text("accountId", kAccountId)
      .Text("authorizationToken", session.token)
      .Json("allowed", allowed.str());
  if (call.target.version == 1)
    reply.Number("minimumPartSize", static_cast<std::int64_t>(call.part_sizes.recommended));
  return reply.str();
}

/// v4: a key may be bound to several buckets.
std::string AllowedOfV4(const Call& call, const Key& key) {
  std::vector<std::string> buckets;
  for (const std::string& id : key.rights.bucket_ids)
    buckets.push_back(JsonObject().Text("id", id).TextOrNull("name", BucketName(call, id)).str());
  return JsonObject()
      .Json("buckets", buckets.empty() ? "null" : JsonArray(buckets))
      .Texts("capabilities", key.rights.capabilities)
      .TextOrNull("namePrefix", key.rights.prefix)
      .str();
}

/// v3 and v4: storage is one of several APIs.
std::string NestedReply(const Call& call, const Keys::Session& session) {
  const Key& key = session.key;
  JsonObject storage;
  AddUrls(call, storage);
  if (call.target.version >= 4) {
    storage.Json("allowed", AllowedOfV4(call, key));
  } else {
    storage.Texts("capabilities", key.rights.capabilities)
        .TextOrNull("bucketId", OnlyBucket(key))
        .TextOrNull("bucketName", BucketName(call, OnlyBucket(key)))
        .TextOrNull("namePrefix", key.rights.prefix)
        .Text("infoType", "storageApi");
  }
  JsonObject reply;
  reply.Text("accountId", kAccountId)
      .Text("authorizationToken", session.token)
      .Json("apiInfo", JsonObject().Json("storageApi", storage.str()).str());
  if (key.rights.expires_ms) {
    reply.Number("applicationKeyExpirationTimestamp", *key.rights.expires_ms);
  } else {
    reply.Null("applicationKeyExpirationTimestamp");
  }
  return reply.str();
}

JsonObject KeyJson(const Call& call, const Key& key) {
  JsonObject object;
  object.Text("accountId", kAccountId)
      .Text("applicationKeyId", key.id)
      .Text("keyName", key.rights.name)
      .Texts("capabilities", key.rights.capabilities)
      .TextOrNull("namePrefix", key.rights.prefix)
      .Json("options", R"(["s3"])");
  if (call.target.version < 4) {
    object.TextOrNull("bucketId", OnlyBucket(key));
  } else if (key.rights.bucket_ids.empty()) {
    object.Null("bucketIds");
  } else {
    object.Texts("bucketIds", key.rights.bucket_ids);
  }
  if (key.rights.expires_ms) return object.Number("expirationTimestamp", *key.rights.expires_ms);
  return object.Null("expirationTimestamp");
}

}  // namespace

Outcome<Reply> AuthorizeAccount(Call& call) {
  const std::string header = call.request.Header("Authorization");
  const std::string pair = header.starts_with("Basic ") ? Base64Decode(header.substr(6)) : "";
  const std::size_t colon = pair.find(':');
  if (colon == std::string::npos) return NotAllowed();
  const auto session =
      call.keys.Authorize(pair.substr(0, colon), pair.substr(colon + 1), call.now_ms);
  if (!session) return tl::unexpected(session.error());
  call.key = session->key;
  if (call.target.version < 4 && session->key.rights.bucket_ids.size() > 1)
    return Refuse(400, "bad_request", "A key for several buckets needs version 4 of the API");
  return JsonReply(
      200, call.target.version < 3 ? FlatReply(call, *session) : NestedReply(call, *session));
}

Outcome<Reply> ListKeys(Call& call) {
  std::vector<std::string> keys;
  for (const Key& key : call.keys.List()) {
    if (key.id != call.keys.master().id) keys.push_back(KeyJson(call, key).str());
  }
  return JsonReply(200,
                   JsonObject().Json("keys", JsonArray(keys)).Null("nextApplicationKeyId").str());
}

Outcome<Reply> CreateKey(Call& call) {
  NewKey rights{.name = call.fields.Text("keyName"),
                .capabilities = call.fields.Texts("capabilities"),
                .bucket_ids = call.fields.Texts("bucketIds"),
                .prefix = call.fields.Text("namePrefix")};
  if (rights.name.empty() || rights.capabilities.empty())
    return BadRequest("keyName and capabilities are required");
  if (const std::string id = call.fields.Text("bucketId"); !id.empty()) rights.bucket_ids = {id};
  for (const std::string& id : rights.bucket_ids) {
    if (const auto bucket = call.store.FindBucket(id); !bucket)
      return tl::unexpected(bucket.error());
  }
  if (const auto seconds = call.fields.Number("validDurationInSeconds"))
    rights.expires_ms = call.now_ms + *seconds * 1000;
  const Key key = call.keys.Add(rights);
  return JsonReply(200, KeyJson(call, key).Text("applicationKey", key.secret).str());
}

Outcome<Reply> DeleteKey(Call& call) {
  const auto key = call.keys.Remove(call.fields.Text("applicationKeyId"));
  if (!key) return tl::unexpected(key.error());
  return JsonReply(200, KeyJson(call, *key).str());
}

}  // namespace runner::testing::b2
