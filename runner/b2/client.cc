#include "runner/b2/client.h"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>

#include "runner/b2/failures.h"
#include "runner/net/basic_authorization.h"
#include "runner/net/route.h"

namespace runner {
namespace {

using std::chrono::milliseconds;

constexpr const char* kHost = "https://api.backblazeb2.com";
constexpr const char* kAuthorize = "b2_authorize_account";
constexpr const char* kListBuckets = "b2_list_buckets";
constexpr const char* kListNames = "b2_list_file_names";
constexpr int kOk = 200;

/// A server that does not know this version of the call.
bool IsNotThere(int status) { return status == 400 || status == 404 || status == 405; }

/// Seconds only; a date is left to the usual wait.
std::optional<milliseconds> RetryAfter(const HttpResponse& response) {
  const auto found = response.headers.find("retry-after");
  if (found == response.headers.end()) return std::nullopt;
  const std::string& text = found->second;
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::string BucketQuestion(const targets::B2Account& account, const std::string& name) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("accountId");
  json.String(account.account_id);
  json.Key("bucketName");
  json.String(name);
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

/// From `first` on; empty: from the beginning.
std::string NamesQuestion(const std::string& bucket_id, const std::string& prefix,
                          const std::string& first) {
  constexpr int kAtOnce = 1'000;  // more cost more
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("bucketId");
  json.String(bucket_id);
  json.Key("prefix");
  json.String(prefix);
  json.Key("maxFileCount");
  json.Int(kAtOnce);
  if (!first.empty()) {
    json.Key("startFileName");
    json.String(first);
  }
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

tl::unexpected<Failure> Garbled(const std::string& call, const targets::Error& error) {
  return tl::unexpected<Failure>(Failure{
      Cause::kUnknown,
      fmt::format("the answer of Backblaze B2 to {} is not understood: {}", call, error.message),
      "check whether a proxy answered in place of Backblaze",
      {}});
}

/// The token goes there: never over a network without TLS.
bool MayBeTold(const std::string& url) {
  const auto parsed = ParseHttpUrl(url);
  return parsed && (parsed->tls || IsLoopback(parsed->host));
}

}  // namespace

bool B2Client::Wait(milliseconds time, MonotonicTime deadline, StopHandle& stop) {
  constexpr milliseconds kSlice{200};
  const MonotonicTime end = clock_.Monotonic() + time;
  if (end >= deadline) return false;
  while (!stop.Stopped() && clock_.Monotonic() < end)
    pause_(std::min(kSlice, std::chrono::ceil<milliseconds>(end - clock_.Monotonic())));
  return !stop.Stopped();
}

Outcome<B2Client::Reply> B2Client::Ask(const std::string& call, HttpRequest request,
                                       StopHandle& stop) {
  request.headers["User-Agent"] = user_agent_;
  const MonotonicTime deadline = clock_.Monotonic() + kPatience;
  milliseconds pause = std::chrono::seconds(1);
  for (int tries = 1;; ++tries, pause *= 2) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - clock_.Monotonic());
    request.timeout = std::min<milliseconds>(kTimeout, left);
    const HttpResult result = transport_.Send(request, [&] { return stop.Stopped(); });
    if (result && !MayPass(result->status)) return Reply{result->status, result->body};
    const Failure failure = result ? FailureOfReply(call, result->status, result->body)
                                   : FailureOfHttp(call, result.error());
    const bool hopeless = !result && !MayPass(result.error());
    const milliseconds wait = result ? RetryAfter(*result).value_or(pause) : pause;
    if (hopeless || tries == kTries || !Wait(wait, deadline, stop)) {
      if (!stop.Stopped()) return tl::unexpected<Failure>(failure);
      return tl::unexpected<Failure>(FailureOfHttp(call, {HttpError::Kind::kStopped, ""}));
    }
  }
}

Outcome<targets::B2Account> B2Client::Authorize(const B2Key& key, StopHandle& stop) {
  HttpRequest request;
  request.headers["Authorization"] = BasicAuthorization(key.id + ":" + key.key.Expose());
  Outcome<Reply> reply;
  for (const int version : {4, 3}) {
    request.url = fmt::format("{}/b2api/v{}/{}", kHost, version, kAuthorize);
    reply = Ask(kAuthorize, request, stop);
    if (!reply) return tl::unexpected<Failure>(reply.error());
    if (!IsNotThere(reply->status)) break;
  }
  if (reply->status != kOk)
    return tl::unexpected<Failure>(FailureOfReply(kAuthorize, reply->status, reply->body));
  auto account = targets::DecodeB2Account(reply->body);
  if (!account) return Garbled(kAuthorize, account.error());
  if (!MayBeTold(account->api_url))
    return Garbled(kAuthorize, {"apiUrl is no https:// address", ""});
  return *std::move(account);
}

Outcome<std::string> B2Client::Post(const targets::B2Account& account, const std::string& call,
                                    std::string question, StopHandle& stop) {
  HttpRequest request;
  request.method = "POST";
  request.url = fmt::format("{}/b2api/v{}/{}", account.api_url, account.version, call);
  request.headers["Authorization"] = account.token.Expose();
  request.headers["Content-Type"] = "application/json";
  request.body = std::move(question);
  auto reply = Ask(call, request, stop);
  if (!reply) return tl::unexpected<Failure>(reply.error());
  if (reply->status == kOk) return std::move(reply->body);
  return tl::unexpected<Failure>(FailureOfReply(call, reply->status, reply->body));
}

Outcome<std::vector<targets::B2Bucket>> B2Client::FindBucket(const targets::B2Account& account,
                                                             const std::string& name,
                                                             StopHandle& stop) {
  const auto reply = Post(account, kListBuckets, BucketQuestion(account, name), stop);
  if (!reply) return tl::unexpected<Failure>(reply.error());
  auto buckets = targets::DecodeB2Buckets(*reply);
  if (!buckets) return Garbled(kListBuckets, buckets.error());
  return *std::move(buckets);
}

Outcome<std::vector<std::string>> B2Client::ListNames(const targets::B2Account& account,
                                                      const std::string& bucket_id,
                                                      const std::string& prefix, StopHandle& stop) {
  std::vector<std::string> names;
  for (std::string next;;) {
    const auto reply = Post(account, kListNames, NamesQuestion(bucket_id, prefix, next), stop);
    if (!reply) return tl::unexpected<Failure>(reply.error());
    const auto page = targets::DecodeB2FileNames(*reply);
    if (!page) return Garbled(kListNames, page.error());
    names.insert(names.end(), page->names.begin(), page->names.end());
    if (page->next.empty()) return names;
    if (page->next <= next) return Garbled(kListNames, {"the pages do not go on", ""});
    next = page->next;
  }
}

}  // namespace runner
