#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "runner/b2/client.h"
#include "runner/b2/failures.h"
#include "runner/net/route.h"

namespace runner {
namespace {

constexpr const char* kGetUploadUrl = "b2_get_upload_url";
constexpr const char* kUploadFile = "b2_upload_file";
constexpr int kOk = 200;

std::string Question(const std::string& bucket_id) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("bucketId");
  json.String(bucket_id);
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

/// A file's name as B2 wants it in a header.
std::string PercentEncoded(std::string_view name) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string out;
  for (const char c : name) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

/// Token and file go there: never over a network without TLS.
bool MayBeTold(const std::string& url) {
  const auto parsed = ParseHttpUrl(url);
  return parsed && (parsed->tls || IsLoopback(parsed->host));
}

/// What B2 says when another place may take the file, or the same a moment later.
bool WantsAnotherPlace(int status) { return MayPass(status) || status == 401; }

}  // namespace

Outcome<B2Client::UploadPlace> B2Client::FindUploadPlace(const targets::B2Account& account,
                                                         const std::string& bucket_id,
                                                         StopHandle& stop) {
  const auto reply = Post(account, kGetUploadUrl, Question(bucket_id), stop);
  if (!reply) return tl::unexpected<Failure>(reply.error());
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(reply->data(), reply->size());
  const auto text = [&](const char* name) -> std::string {
    if (document.HasParseError() || !document.IsObject()) return {};
    const auto found = document.FindMember(name);
    if (found == document.MemberEnd() || !found->value.IsString()) return {};
    return {found->value.GetString(), found->value.GetStringLength()};
  };
  UploadPlace place{text("uploadUrl"), targets::Secret(text("authorizationToken"))};
  if (place.token.Empty() || !MayBeTold(place.url)) {
    return tl::unexpected<Failure>(Failure{
        Cause::kUnknown, "the answer of Backblaze B2 names no place for an upload", "", {}});
  }
  return place;
}

Outcome<void> B2Client::Upload(const targets::B2Account& account, const std::string& bucket_id,
                               const B2File& file, StopHandle& stop) {
  const MonotonicTime deadline = clock_.Monotonic() + kPatience;
  for (int tries = 1;; ++tries) {
    const auto place = FindUploadPlace(account, bucket_id, stop);
    if (!place) return tl::unexpected<Failure>(place.error());
    HttpRequest request;
    request.method = "POST";
    request.url = place->url;
    request.timeout = kTimeout;
    request.headers["User-Agent"] = user_agent_;
    request.headers["Authorization"] = place->token.Expose();
    request.headers["Content-Type"] = "application/octet-stream";
    request.headers["X-Bz-File-Name"] = PercentEncoded(file.name);
    request.headers["X-Bz-Content-Sha1"] = file.sha1;
    request.body = file.content;
    const HttpResult result = transport_.Send(request, [&] { return stop.Stopped(); });
    if (!result) return tl::unexpected<Failure>(FailureOfHttp(kUploadFile, result.error()));
    if (result->status == kOk) return {};
    const bool again = WantsAnotherPlace(result->status) && tries < kTries;
    if (!again || !Wait(std::chrono::seconds(1), deadline, stop)) {
      return tl::unexpected<Failure>(FailureOfReply(kUploadFile, result->status, result->body));
    }
  }
}

}  // namespace runner
