#include <algorithm>

#include "tests/support/b2_server/call.h"

namespace runner::testing::b2 {
namespace {

constexpr std::int64_t kMostPerPage = 10000;
constexpr std::size_t kNamesPerUnit = 1000;

Outcome<Reply> VersionReply(const Outcome<FileVersion>& version) {
  if (!version) return tl::unexpected(version.error());
  return JsonReply(200, ToJson(*version));
}

Outcome<ListQuery> QueryOf(const Call& call) {
  const std::int64_t max = call.fields.Number("maxFileCount").value_or(100);
  if (max < 1 || max > kMostPerPage) return BadRequest("maxFileCount is out of range");
  ListQuery query{.prefix = call.fields.Text("prefix"),
                  .delimiter = call.fields.Text("delimiter"),
                  .start_name = call.fields.Text("startFileName"),
                  .start_id = call.fields.Text("startFileId"),
                  .max = static_cast<std::size_t>(max)};
  if (auto allowed = call.Allow(call.fields.Text("bucketId"), query.prefix); !allowed)
    return tl::unexpected(allowed.error());
  return query;
}

Outcome<Reply> ListingReply(Call& call, const Outcome<Listing>& listing, const char* next_id) {
  if (!listing) return tl::unexpected(listing.error());
  const std::size_t thousands = (listing->files.size() + kNamesPerUnit - 1) / kNamesPerUnit;
  call.units = std::max(1, static_cast<int>(thousands));
  std::vector<std::string> files;
  for (const FileVersion& version : listing->files) files.push_back(ToJson(version));
  JsonObject reply;
  reply.Json("files", JsonArray(files))
      .TextOrNull("nextFileName", listing->next ? listing->next->name : "");
  if (next_id != nullptr) reply.TextOrNull(next_id, listing->next ? listing->next->id : "");
  return JsonReply(200, reply.str());
}

}  // namespace

Outcome<Reply> ListFileNames(Call& call) {
  const Outcome<ListQuery> query = QueryOf(call);
  if (!query) return tl::unexpected(query.error());
  return ListingReply(call, call.store.ListNames(call.fields.Text("bucketId"), *query), nullptr);
}

Outcome<Reply> ListFileVersions(Call& call) {
  const Outcome<ListQuery> query = QueryOf(call);
  if (!query) return tl::unexpected(query.error());
  return ListingReply(call, call.store.ListVersions(call.fields.Text("bucketId"), *query),
                      "nextFileId");
}

Outcome<Reply> GetFileInfo(Call& call) {
  const Outcome<FileVersion> version = call.store.Version(call.fields.Text("fileId"));
  if (!version) return tl::unexpected(version.error());
  if (auto allowed = call.Allow(version->bucket_id, version->name); !allowed)
    return tl::unexpected(allowed.error());
  return VersionReply(version);
}

Outcome<Reply> HideFile(Call& call) {
  const std::string bucket = call.fields.Text("bucketId");
  const std::string name = call.fields.Text("fileName");
  if (auto allowed = call.Allow(bucket, name); !allowed) return tl::unexpected(allowed.error());
  return VersionReply(call.store.Hide(bucket, name));
}

Outcome<Reply> DeleteFileVersion(Call& call) {
  const std::string id = call.fields.Text("fileId");
  const std::string name = call.fields.Text("fileName");
  if (const auto version = call.store.Version(id)) {
    if (auto allowed = call.Allow(version->bucket_id, name); !allowed)
      return tl::unexpected(allowed.error());
  }
  if (const auto deleted = call.store.Delete(name, id); !deleted)
    return tl::unexpected(deleted.error());
  return JsonReply(200, JsonObject().Text("fileId", id).Text("fileName", name).str());
}

Outcome<Reply> CopyFile(Call& call) {
  const Outcome<FileVersion> source = call.store.Version(call.fields.Text("sourceFileId"));
  if (!source) return tl::unexpected(source.error());
  const std::string wanted = call.fields.Text("destinationBucketId");
  const std::string bucket = wanted.empty() ? source->bucket_id : wanted;
  NewFile copy{.name = call.fields.Text("fileName"),
               .content = source->content,
               .sha1 = source->sha1,
               .content_type = source->content_type,
               .info = source->info};
  if (auto allowed = call.Allow(source->bucket_id, source->name); !allowed)
    return tl::unexpected(allowed.error());
  if (auto allowed = call.Allow(bucket, copy.name); !allowed)
    return tl::unexpected(allowed.error());
  if (!call.key.May("readFiles")) return NotAllowed();
  if (call.fields.Text("metadataDirective") == "REPLACE") {
    copy.content_type = call.fields.Text("contentType");
    copy.info = call.fields.Map("fileInfo");
  }
  return VersionReply(call.store.Upload(bucket, std::move(copy)));
}

Outcome<Reply> GetDownloadAuthorization(Call& call) {
  const std::string bucket = call.fields.Text("bucketId");
  const std::string prefix = call.fields.Text("fileNamePrefix");
  if (auto allowed = call.Allow(bucket, prefix); !allowed) return tl::unexpected(allowed.error());
  const std::int64_t seconds = call.fields.Number("validDurationInSeconds").value_or(0);
  if (seconds < 1) return BadRequest("validDurationInSeconds is out of range");
  return JsonReply(
      200, JsonObject()
               .Text("bucketId", bucket)
               .Text("fileNamePrefix", prefix)
               .Text("authorizationToken", call.keys.AddDownloadToken(call.key, bucket, prefix,
                                                                      call.now_ms + seconds * 1000))
               .str());
}

}  // namespace runner::testing::b2
