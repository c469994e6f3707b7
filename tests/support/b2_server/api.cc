#include "tests/support/b2_server/api.h"

namespace runner::testing::b2 {
namespace {

bool IsUpload(const std::string& api) { return api == "b2_upload_file" || api == "b2_upload_part"; }

/// Of downloads: the header, or the parameter in the URL.
std::string DownloadToken(const Request& request) {
  const std::string header = request.Header("Authorization");
  constexpr std::string_view kParameter = "Authorization=";
  const std::size_t at = request.query.find(kParameter);
  if (!header.empty() || at == std::string::npos) return header;
  const std::size_t from = at + kParameter.size();
  return PercentDecode(request.query.substr(from, request.query.find('&', from) - from));
}

}  // namespace

Reply RefusalReply(const Refusal& refusal) {
  return JsonReply(refusal.status, JsonObject()
                                       .Number("status", refusal.status)
                                       .Text("code", refusal.code)
                                       .Text("message", refusal.message)
                                       .str());
}

Outcome<Key> Api::KeyOf(const CallSpec& spec, const Call& call) {
  const std::string token = call.request.Header("Authorization");
  switch (spec.proof) {
    case Proof::kBasic:
      return Key{};
    case Proof::kToken:
      return keys_.Check(token, call.now_ms);
    case Proof::kUploadToken:
      return keys_.CheckUpload(token, call.target.rest, call.now_ms);
    case Proof::kDownload:
      break;
  }
  return keys_.Check(DownloadToken(call.request), call.now_ms);
}

Outcome<Reply> Api::Perform(const CallSpec& spec, Call& call) {
  Outcome<Key> key = KeyOf(spec, call);
  if (!key) return tl::unexpected(key.error());
  call.key = *std::move(key);
  if (*spec.capability != '\0' && !call.key.May(spec.capability)) return NotAllowed();
  if (!call.fields.valid()) return BadRequest("The body is no JSON object");
  return spec.handle(call);
}

Api::Answer Api::Handle(const Request& request) {
  const Target target = TargetOf(request.path);
  const CallSpec* spec = FindCall(target.api);
  if (spec == nullptr)
    return {.reply = RefusalReply({404, "not_found", "Unknown call: " + request.path})};
  const bool upload = IsUpload(target.api);
  const std::string sha1 = upload ? Sha1Hex(request.Text()) : "";
  const std::lock_guard lock(mutex_);
  Call call{.request = request,
            .target = target,
            .fields = Fields(upload ? std::string_view() : request.Text()),
            .store = store_,
            .keys = keys_,
            .now_ms = now_(),
            .part_sizes = part_sizes_,
            .sha1 = sha1};
  Outcome<Reply> reply = Perform(*spec, call);
  return {.reply = reply ? *std::move(reply) : RefusalReply(reply.error()),
          .key_id = call.key.id,
          .units = call.units};
}

std::string Api::NameOf(const Request& request) {
  const Target target = TargetOf(request.path);
  if (target.api == "b2_download_file_by_name")
    return PercentDecode(target.rest.substr(target.rest.find('/') + 1));
  if (target.api == "b2_upload_file") return PercentDecode(request.Header("X-Bz-File-Name"));
  std::string id = target.rest;
  if (target.api != "b2_upload_part") {
    const Fields fields(request.Text());
    for (const char* member : {"fileName", "prefix", "namePrefix"}) {
      if (fields.Has(member)) return fields.Text(member);
    }
    id = fields.Text("fileId");
  }
  const std::lock_guard lock(mutex_);
  const Outcome<FileVersion> version = store_.Version(id);
  return version ? version->name : "";
}

bool Api::EnterUpload(const Request& request) {
  if (!IsUpload(TargetOf(request.path).api)) return true;
  const std::lock_guard lock(mutex_);
  return keys_.EnterUpload(request.Header("Authorization"));
}

void Api::LeaveUpload(const Request& request) {
  if (!IsUpload(TargetOf(request.path).api)) return;
  const std::lock_guard lock(mutex_);
  keys_.LeaveUpload(request.Header("Authorization"));
}

}  // namespace runner::testing::b2
