#include <algorithm>

#include "tests/support/b2_server/call.h"

namespace runner::testing::b2 {
namespace {

std::string ToJson(const Bucket& bucket) {
  return JsonObject()
      .Text("accountId", kAccountId)
      .Text("bucketId", bucket.id)
      .Text("bucketName", bucket.name)
      .Text("bucketType", bucket.settings.type)
      .Json("bucketInfo", bucket.settings.info)
      .Json("corsRules", bucket.settings.cors)
      .Json("lifecycleRules", bucket.settings.lifecycle)
      .Json("options", "[]")
      .Number("revision", bucket.revision)
      .Json("defaultServerSideEncryption",
            R"({"isClientAuthorizedToRead":true,"value":{"algorithm":null,"mode":null}})")
      .Json("fileLockConfiguration", R"({"isClientAuthorizedToRead":false,"value":null})")
      .Json("replicationConfiguration", R"({"isClientAuthorizedToRead":false,"value":null})")
      .str();
}

Outcome<Reply> BucketReply(const Outcome<Bucket>& bucket) {
  if (!bucket) return tl::unexpected(bucket.error());
  return JsonReply(200, ToJson(*bucket));
}

/// `settings` with what the request says instead.
BucketSettings Changed(BucketSettings settings, const Fields& fields) {
  if (const std::string type = fields.Text("bucketType"); !type.empty()) settings.type = type;
  settings.info = fields.Json("bucketInfo").value_or(settings.info);
  settings.lifecycle = fields.Json("lifecycleRules").value_or(settings.lifecycle);
  settings.cors = fields.Json("corsRules").value_or(settings.cors);
  return settings;
}

bool Wanted(const Bucket& bucket, const Fields& fields) {
  const std::string id = fields.Text("bucketId");
  const std::string name = fields.Text("bucketName");
  const std::vector<std::string> types = fields.Texts("bucketTypes");
  const auto has = [&](const char* type) {
    return std::find(types.begin(), types.end(), type) != types.end();
  };
  return (id.empty() || id == bucket.id) && (name.empty() || name == bucket.name) &&
         (types.empty() || has("all") || has(bucket.settings.type.c_str()));
}

}  // namespace

Outcome<Reply> ListBuckets(Call& call) {
  const bool bound = !call.key.rights.bucket_ids.empty();
  const bool narrowed = call.fields.Has("bucketId") || call.fields.Has("bucketName");
  if (bound && !narrowed) return NotAllowed();
  std::vector<std::string> buckets;
  for (const Bucket& bucket : call.store.Buckets()) {
    if (!Wanted(bucket, call.fields)) continue;
    if (!call.key.MayEnter(bucket.id)) return NotAllowed();
    buckets.push_back(ToJson(bucket));
  }
  if (bound && buckets.empty()) return NotAllowed();
  return JsonReply(200, JsonObject().Json("buckets", JsonArray(buckets)).str());
}

Outcome<Reply> CreateBucket(Call& call) {
  if (!call.key.rights.bucket_ids.empty()) return NotAllowed();
  return BucketReply(
      call.store.AddBucket(call.fields.Text("bucketName"), Changed({}, call.fields)));
}

Outcome<Reply> UpdateBucket(Call& call) {
  const std::string id = call.fields.Text("bucketId");
  const Outcome<Bucket> bucket = call.store.FindBucket(id);
  if (!bucket) return tl::unexpected(bucket.error());
  if (!call.key.MayEnter(id)) return NotAllowed();
  return BucketReply(call.store.UpdateBucket(id, Changed(bucket->settings, call.fields),
                                             call.fields.Number("ifRevisionIs")));
}

Outcome<Reply> DeleteBucket(Call& call) {
  const std::string id = call.fields.Text("bucketId");
  if (!call.key.MayEnter(id)) return NotAllowed();
  return BucketReply(call.store.RemoveBucket(id));
}

}  // namespace runner::testing::b2
