#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/support/b2_server/api.h"

namespace runner::testing::b2 {

/// B2 without sockets, with one bucket, and a client that is authorised as the master key.
class ApiFixture : public ::testing::Test {
 protected:
  ApiFixture()
      : bucket_(api_.With([](Store& store, Keys&) { return store.AddBucket("bucket", {})->id; })),
        master_(api_.With([](Store&, Keys& keys) { return keys.master(); })),
        token_(Authorize(master_)) {}

  std::string Authorize(const Key& key) {
    return api_.With(
        [&](Store&, Keys& keys) { return keys.Authorize(key.id, key.secret, now_)->token; });
  }
  Key AddKey(const NewKey& rights) {
    return api_.With([&](Store&, Keys& keys) { return keys.Add(rights); });
  }
  /// From now on as this key.
  void Be(const NewKey& rights) { token_ = Authorize(AddKey(rights)); }

  /// Every method but CONNECT is alike to the API.
  Reply Call(const std::string& api, const std::string& json = "{}", int version = 1) {
    return Send({.path = "/b2api/v" + std::to_string(version) + "/" + api,
                 .headers = {{"Authorization", token_}},
                 .body = std::make_shared<const std::string>(json)});
  }
  Reply Send(Request request) {
    request.origin = {"http://api", "http://download", "http://upload"};
    return api_.Handle(request).reply;
  }
  /// A whole upload of `content` under `name`, with more headers.
  Reply Upload(const std::string& name, const std::string& content,
               std::map<std::string, std::string, IgnoringCase> headers = {}) {
    const Reply url = Call("b2_get_upload_url", JsonObject().Text("bucketId", bucket_).str());
    if (url.status != 200) return url;
    headers.emplace("X-Bz-Content-Sha1", Sha1Hex(content));
    headers["X-Bz-File-Name"] = PercentEncode(name);
    headers["Authorization"] = Fields(url.Text()).Text("authorizationToken");
    return Send(
        {.path = Fields(url.Text()).Text("uploadUrl").substr(std::string("http://upload").size()),
         .headers = std::move(headers),
         .body = std::make_shared<const std::string>(content)});
  }
  Reply Download(const std::string& name, const std::string& range = "") {
    Request request{.method = "GET",
                    .path = "/file/bucket/" + PercentEncode(name),
                    .headers = {{"Authorization", token_}}};
    if (!range.empty()) request.headers["Range"] = range;
    return Send(request);
  }
  static std::string CodeOf(const Reply& reply) { return Fields(reply.Text()).Text("code"); }
  static std::string HeaderOf(const Reply& reply, const std::string& name) {
    for (const auto& [header, value] : reply.headers) {
      if (header == name) return value;
    }
    return "";
  }

  std::int64_t now_ = 1'700'000'000'000;
  Api api_{[this] { return now_; }, {.minimum = 3, .recommended = 5}};
  std::string bucket_;
  Key master_;
  std::string token_;
};

}  // namespace runner::testing::b2
