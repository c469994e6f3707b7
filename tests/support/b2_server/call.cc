#include "tests/support/b2_server/call.h"

#include <array>

namespace runner::testing::b2 {
namespace {

constexpr std::array kCalls = {
    CallSpec{"b2_authorize_account", Proof::kBasic, "", AuthorizeAccount},
    CallSpec{"b2_list_keys", Proof::kToken, "listKeys", ListKeys},
    CallSpec{"b2_create_key", Proof::kToken, "writeKeys", CreateKey},
    CallSpec{"b2_delete_key", Proof::kToken, "deleteKeys", DeleteKey},
    CallSpec{"b2_list_buckets", Proof::kToken, "listBuckets", ListBuckets},
    CallSpec{"b2_create_bucket", Proof::kToken, "writeBuckets", CreateBucket},
    CallSpec{"b2_update_bucket", Proof::kToken, "writeBuckets", UpdateBucket},
    CallSpec{"b2_delete_bucket", Proof::kToken, "deleteBuckets", DeleteBucket},
    CallSpec{"b2_list_file_names", Proof::kToken, "listFiles", ListFileNames},
    CallSpec{"b2_list_file_versions", Proof::kToken, "listFiles", ListFileVersions},
    CallSpec{"b2_get_file_info", Proof::kToken, "readFiles", GetFileInfo},
    CallSpec{"b2_hide_file", Proof::kToken, "writeFiles", HideFile},
    CallSpec{"b2_delete_file_version", Proof::kToken, "deleteFiles", DeleteFileVersion},
    CallSpec{"b2_copy_file", Proof::kToken, "writeFiles", CopyFile},
    CallSpec{"b2_get_download_authorization", Proof::kToken, "shareFiles",
             GetDownloadAuthorization},
    CallSpec{"b2_download_file_by_name", Proof::kDownload, "readFiles", DownloadFileByName},
    CallSpec{"b2_download_file_by_id", Proof::kDownload, "readFiles", DownloadFileById},
    CallSpec{"b2_get_upload_url", Proof::kToken, "writeFiles", GetUploadUrl},
    CallSpec{"b2_upload_file", Proof::kUploadToken, "writeFiles", UploadFile},
    CallSpec{"b2_start_large_file", Proof::kToken, "writeFiles", StartLargeFile},
    CallSpec{"b2_get_upload_part_url", Proof::kToken, "writeFiles", GetUploadPartUrl},
    CallSpec{"b2_upload_part", Proof::kUploadToken, "writeFiles", UploadPart},
    CallSpec{"b2_finish_large_file", Proof::kToken, "writeFiles", FinishLargeFile},
    CallSpec{"b2_cancel_large_file", Proof::kToken, "writeFiles", CancelLargeFile},
    CallSpec{"b2_list_parts", Proof::kToken, "writeFiles", ListParts},
    CallSpec{"b2_list_unfinished_large_files", Proof::kToken, "listFiles",
             ListUnfinishedLargeFiles},
};

constexpr std::size_t kHexSha1 = 40;

const char* WordOf(Action action) {
  switch (action) {
    case Action::kUpload:
      return "upload";
    case Action::kHide:
      return "hide";
    case Action::kStart:
      return "start";
    case Action::kFolder:
      break;
  }
  return "folder";
}

}  // namespace

const CallSpec* FindCall(const std::string& api) {
  for (const CallSpec& spec : kCalls) {
    if (api == spec.api) return &spec;
  }
  return nullptr;
}

Outcome<void> Call::Allow(const std::string& bucket_id, const std::string& name) const {
  if (!key.MayEnter(bucket_id) || !key.MayName(name)) return NotAllowed();
  return {};
}

Outcome<Call::Body> Call::VerifiedBody() const {
  std::string announced = request.Header("X-Bz-Content-Sha1");
  if (announced == "do_not_verify") return Body{request.body, "unverified:" + sha1};
  if (announced == "hex_digits_at_end") {
    const std::string_view all = request.Text();
    if (all.size() < kHexSha1) return BadRequest("Sha1 is missing at the end of the data");
    announced = std::string(all.substr(all.size() - kHexSha1));
    const std::string_view data = all.substr(0, all.size() - kHexSha1);
    if (Sha1Hex(data) != announced) return BadRequest("Sha1 did not match data received");
    return Body{std::make_shared<const std::string>(data), announced};
  }
  if (announced.size() != kHexSha1) return BadRequest("Missing header: X-Bz-Content-Sha1");
  if (announced != sha1) return BadRequest("Sha1 did not match data received");
  return Body{request.body, sha1};
}

std::string ToJson(const FileVersion& version) {
  const bool has_content = version.action == Action::kUpload || version.action == Action::kStart;
  return JsonObject()
      .Text("accountId", kAccountId)
      .Text("action", WordOf(version.action))
      .Text("bucketId", version.bucket_id)
      .Number("contentLength", static_cast<std::int64_t>(version.size()))
      .Null("contentMd5")
      .TextOrNull("contentSha1", has_content ? version.sha1 : "")
      .TextOrNull("contentType", version.content_type)
      .TextOrNull("fileId", version.id)
      .Map("fileInfo", version.info)
      .Text("fileName", version.name)
      .Json("fileRetention", R"({"isClientAuthorizedToRead":false,"value":null})")
      .Json("legalHold", R"({"isClientAuthorizedToRead":false,"value":null})")
      .Json("serverSideEncryption", R"({"algorithm":null,"mode":null})")
      .Number("size", static_cast<std::int64_t>(version.size()))  // its name in old listings
      .Number("uploadTimestamp", version.time_ms)
      .str();
}

}  // namespace runner::testing::b2
