#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runner/b2/client.h"
#include "tests/support/fake_clock.h"

namespace runner::testing {

/// Backblaze B2 as a transport: one account, one key, one bucket, and a list of replies that come
/// before the right ones.
class FakeB2 final : public HttpTransport {
 public:
  explicit FakeB2(FakeClock& clock) : clock_(clock) {}

  HttpResult Send(const HttpRequest& request, const Stopped& stopped) override {
    const std::size_t slash = request.url.rfind('/');
    calls.push_back(request.url.substr(slash + 1));
    requests.push_back(request);
    clock_.Advance(takes);
    if (stopped()) return tl::unexpected(HttpError{HttpError::Kind::kStopped, "stopped"});
    if (!first.empty()) {
      HttpResult reply = std::move(first.front());
      first.pop_front();
      return reply;
    }
    if (always) return *always;
    return calls.back() == "b2_authorize_account" ? Authorize(request) : List(request);
  }

  static HttpResult Status(int status, const std::string& code = "",
                           const std::string& message = "") {
    return HttpResponse{status, {}, R"({"code":")" + code + R"(","message":")" + message + R"("})"};
  }
  static HttpResult Broken(HttpError::Kind kind, const std::string& message = "it is so") {
    return tl::unexpected(HttpError{kind, message});
  }

  std::vector<std::string> calls;
  std::vector<HttpRequest> requests;
  std::deque<HttpResult> first;
  std::optional<HttpResult> always;
  std::chrono::milliseconds takes{0};

  std::string capabilities = R"("listBuckets","listFiles","readFiles","writeFiles","deleteFiles")";
  std::string expires = "null";
  std::string api_url = "https://api004.backblazeb2.com";
  std::string bucket_type = "allPrivate";
  std::string lifecycle = R"({"daysFromHidingToDeleting":1,"fileNamePrefix":""})";
  bool knows_version_4 = true;

 private:
  HttpResult Authorize(const HttpRequest& request) {
    const bool version_4 = request.url.find("/v4/") != std::string::npos;
    if (version_4 && !knows_version_4) return Status(404, "not_found");
    const std::string key = R"("capabilities":[)" + capabilities + R"(],"namePrefix":null)";
    const std::string storage =
        version_4 ? R"("allowed":{"buckets":null,)" + key + "}" : R"("bucketId":null,)" + key;
    return HttpResponse{
        200,
        {},
        R"({"accountId":"acc","authorizationToken":"token-)" + std::to_string(++tokens_) + R"(",)" +
            R"("applicationKeyExpirationTimestamp":)" + expires +
            R"(,"apiInfo":{"storageApi":{"apiUrl":")" + api_url + R"(",)" + storage + "}}}"};
  }
  [[nodiscard]] HttpResult List(const HttpRequest& /*request*/) const {
    return HttpResponse{200,
                        {},
                        R"({"buckets":[{"bucketName":"vault","bucketType":")" + bucket_type +
                            R"(","lifecycleRules":[)" + lifecycle + "]}]}"};
  }

  FakeClock& clock_;
  int tokens_ = 0;
};

}  // namespace runner::testing
