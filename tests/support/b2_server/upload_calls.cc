#include <algorithm>
#include <charconv>

#include "tests/support/b2_server/call.h"

namespace runner::testing::b2 {
namespace {

constexpr std::string_view kInfo = "x-bz-info-";

Outcome<Reply> VersionReply(const Outcome<FileVersion>& version) {
  if (!version) return tl::unexpected(version.error());
  return JsonReply(200, ToJson(*version));
}

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::map<std::string, std::string> InfoOf(const Request& request) {
  std::map<std::string, std::string> info;
  for (const auto& [name, value] : request.headers) {
    const std::string lower = LowerCase(name);
    if (lower.starts_with(kInfo)) info[lower.substr(kInfo.size())] = PercentDecode(value);
  }
  return info;
}

std::string RealType(const std::string& type) {
  return type.empty() || type == "b2/x-auto" ? "application/octet-stream" : type;
}

/// The unfinished large file that the request names, if the key may touch it.
Outcome<FileVersion> LargeFile(const Call& call, const std::string& id) {
  Outcome<FileVersion> version = call.store.Version(id);
  if (!version) return BadRequest("No active upload for: " + id);
  if (auto allowed = call.Allow(version->bucket_id, version->name); !allowed)
    return tl::unexpected(allowed.error());
  return version;
}

std::string PartJson(const std::string& file_id, const Part& part) {
  return JsonObject()
      .Text("fileId", file_id)
      .Number("partNumber", part.number)
      .Number("contentLength", static_cast<std::int64_t>(part.content->size()))
      .Text("contentSha1", part.sha1)
      .Null("contentMd5")
      .Json("serverSideEncryption", R"({"algorithm":null,"mode":null})")
      .Number("uploadTimestamp", part.time_ms)
      .str();
}

std::string UploadUrl(const Call& call, const char* api, const std::string& target) {
  return call.request.origin.upload + "/b2api/v" + std::to_string(call.target.version) + "/" + api +
         "/" + target;
}

}  // namespace

Outcome<Reply> GetUploadUrl(Call& call) {
  const std::string bucket = call.fields.Text("bucketId");
  if (const auto found = call.store.FindBucket(bucket); !found)
    return tl::unexpected(found.error());
  if (!call.key.MayEnter(bucket)) return NotAllowed();
  return JsonReply(
      200, JsonObject()
               .Text("bucketId", bucket)
               .Text("uploadUrl", UploadUrl(call, "b2_upload_file", bucket))
               .Text("authorizationToken", call.keys.AddUploadToken(call.key, bucket, call.now_ms))
               .str());
}

Outcome<Reply> UploadFile(Call& call) {
  const std::string bucket = call.target.rest;
  const std::string name = PercentDecode(call.request.Header("X-Bz-File-Name"));
  if (auto allowed = call.Allow(bucket, name); !allowed) return tl::unexpected(allowed.error());
  Outcome<Call::Body> body = call.VerifiedBody();
  if (!body) return tl::unexpected(body.error());
  return VersionReply(
      call.store.Upload(bucket, {.name = name,
                                 .content = body->content,
                                 .sha1 = body->sha1,
                                 .content_type = RealType(call.request.Header("Content-Type")),
                                 .info = InfoOf(call.request)}));
}

Outcome<Reply> StartLargeFile(Call& call) {
  const std::string bucket = call.fields.Text("bucketId");
  const std::string name = call.fields.Text("fileName");
  if (auto allowed = call.Allow(bucket, name); !allowed) return tl::unexpected(allowed.error());
  return VersionReply(
      call.store.StartLarge(bucket, {.name = name,
                                     .content_type = RealType(call.fields.Text("contentType")),
                                     .info = call.fields.Map("fileInfo")}));
}

Outcome<Reply> GetUploadPartUrl(Call& call) {
  const std::string id = call.fields.Text("fileId");
  if (const auto version = LargeFile(call, id); !version) return tl::unexpected(version.error());
  return JsonReply(
      200, JsonObject()
               .Text("fileId", id)
               .Text("uploadUrl", UploadUrl(call, "b2_upload_part", id))
               .Text("authorizationToken", call.keys.AddUploadToken(call.key, id, call.now_ms))
               .str());
}

Outcome<Reply> UploadPart(Call& call) {
  const std::string& id = call.target.rest;
  Outcome<Call::Body> body = call.VerifiedBody();
  if (!body) return tl::unexpected(body.error());
  const std::string number = call.request.Header("X-Bz-Part-Number");
  Part part{.sha1 = body->sha1, .content = body->content};
  std::from_chars(number.data(), number.data() + number.size(), part.number);
  const Outcome<Part> added = call.store.AddPart(id, std::move(part));
  if (!added) return tl::unexpected(added.error());
  return JsonReply(200, PartJson(id, *added));
}

Outcome<Reply> FinishLargeFile(Call& call) {
  const std::string id = call.fields.Text("fileId");
  if (const auto version = LargeFile(call, id); !version) return tl::unexpected(version.error());
  const auto parts = call.store.Parts(id);
  if (!parts) return tl::unexpected(parts.error());
  for (const Part& part : *parts) {
    if (part.number < parts->back().number && part.content->size() < call.part_sizes.minimum)
      return BadRequest("Part number " + std::to_string(part.number) + " is smaller than " +
                        std::to_string(call.part_sizes.minimum) + " bytes");
  }
  return VersionReply(call.store.FinishLarge(id, call.fields.Texts("partSha1Array")));
}

Outcome<Reply> CancelLargeFile(Call& call) {
  const std::string id = call.fields.Text("fileId");
  if (const auto version = LargeFile(call, id); !version) return tl::unexpected(version.error());
  const auto cancelled = call.store.CancelLarge(id);
  if (!cancelled) return tl::unexpected(cancelled.error());
  return JsonReply(200, JsonObject()
                            .Text("accountId", kAccountId)
                            .Text("bucketId", cancelled->bucket_id)
                            .Text("fileId", id)
                            .Text("fileName", cancelled->name)
                            .str());
}

Outcome<Reply> ListParts(Call& call) {
  const std::string id = call.fields.Text("fileId");
  if (const auto version = LargeFile(call, id); !version) return tl::unexpected(version.error());
  const auto parts = call.store.Parts(id);
  if (!parts) return tl::unexpected(parts.error());
  const std::int64_t first = call.fields.Number("startPartNumber").value_or(1);
  const auto max = static_cast<std::size_t>(
      std::max<std::int64_t>(1, call.fields.Number("maxPartCount").value_or(100)));
  std::vector<std::string> listed;
  JsonObject reply;
  std::string next = "null";
  for (const Part& part : *parts) {
    if (part.number < first) continue;
    if (listed.size() == max) {
      next = std::to_string(part.number);
      break;
    }
    listed.push_back(PartJson(id, part));
  }
  return JsonReply(200, reply.Json("parts", JsonArray(listed)).Json("nextPartNumber", next).str());
}

Outcome<Reply> ListUnfinishedLargeFiles(Call& call) {
  const std::string bucket = call.fields.Text("bucketId");
  const std::string prefix = call.fields.Text("namePrefix");
  if (auto allowed = call.Allow(bucket, prefix); !allowed) return tl::unexpected(allowed.error());
  const auto unfinished = call.store.Unfinished(bucket);
  if (!unfinished) return tl::unexpected(unfinished.error());
  std::vector<std::string> files;
  for (const FileVersion& version : *unfinished) {
    if (version.name.starts_with(prefix)) files.push_back(ToJson(version));
  }
  return JsonReply(200, JsonObject().Json("files", JsonArray(files)).Null("nextFileId").str());
}

}  // namespace runner::testing::b2
