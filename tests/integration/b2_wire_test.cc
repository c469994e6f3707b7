// What the B2 test server does on the wire, faults above all; the client is Poco's.
#include <Poco/Exception.h>
#include <Poco/Net/HTTPBasicCredentials.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>
#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "tests/support/b2_server/b2_server.h"
#include "tests/support/workspace.h"

namespace runner::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using Kind = B2Server::Fault::Kind;
using Headers = std::map<std::string, std::string>;

/// An answer as a client got it.
struct Got {
  int status = 0;
  std::string body;
  std::string retry_after;
};

class B2WireTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = std::make_unique<B2Server>(B2Server::Options{.folder = ws_.Path("b2")});
    bucket_ = server_->AddBucket("test-bucket");
    const Poco::URI uri(server_->url());
    Connect(std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort()));
    Authorize();
  }

  void Connect(std::unique_ptr<Poco::Net::HTTPClientSession> client) {
    client_ = std::move(client);
    client_->setKeepAlive(true);
    client_->setTimeout(Poco::Timespan(60, 0));
  }

  /// From now on through the proxy and TLS, to a host that only the server knows.
  void ConnectByProxy(const std::string& host) {
    const Poco::Net::Context::Ptr trust =
        new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", "", server_->ca_file(),
                               Poco::Net::Context::VERIFY_STRICT);
    auto client = std::make_unique<Poco::Net::HTTPSClientSession>(host, 443, trust);
    const Poco::URI proxy(server_->proxy_url());
    client->setProxy(proxy.getHost(), proxy.getPort());
    Connect(std::move(client));
  }

  /// Nothing: the connection ended before the answer did.
  std::optional<Got> Ask(const std::string& method, const std::string& path,
                         const std::string& body, const Headers& headers) {
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
    for (const auto& [name, value] : headers) request.set(name, value);
    request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    try {
      client_->sendRequest(request) << body;
      Poco::Net::HTTPResponse response;
      std::istream& stream = client_->receiveResponse(response);
      Got got{static_cast<int>(response.getStatus()), {}, response.get("Retry-After", "")};
      Poco::StreamCopier::copyToString(stream, got.body);
      if (static_cast<Poco::Int64>(got.body.size()) == response.getContentLength64()) return got;
    } catch (const Poco::Exception&) {
      // The end of the connection, in one of its forms.
    }
    client_->reset();
    return std::nullopt;
  }

  void Authorize() {
    Poco::Net::HTTPRequest request;
    const B2Server::Credentials key = server_->master_key();
    Poco::Net::HTTPBasicCredentials(key.id, key.secret).authenticate(request);
    const auto got = Ask("POST", "/b2api/v1/b2_authorize_account", "{}",
                         {{"Authorization", request.get("Authorization")}});
    ASSERT_TRUE(got);
    token_ = b2::Fields(got->body).Text("authorizationToken");
    server_->log().Clear();
  }

  std::optional<Got> Call(const std::string& api, const std::string& json = "{}") {
    return Ask("POST", "/b2api/v1/" + api, json, {{"Authorization", token_}});
  }
  std::optional<Got> Download(const std::string& name) {
    return Ask("GET", "/file/test-bucket/" + name, "", {{"Authorization", token_}});
  }
  std::string UploadToken() {
    const auto url = Call("b2_get_upload_url", b2::JsonObject().Text("bucketId", bucket_).str());
    return url ? b2::Fields(url->body).Text("authorizationToken") : "";
  }
  std::optional<Got> UploadWith(const std::string& token, const std::string& name,
                                const std::string& content) {
    return Ask("POST", "/b2api/v1/b2_upload_file/" + bucket_, content,
               {{"Authorization", token},
                {"X-Bz-File-Name", name},
                {"X-Bz-Content-Sha1", b2::Sha1Hex(content)}});
  }
  std::optional<Got> Upload(const std::string& name, const std::string& content) {
    return UploadWith(UploadToken(), name, content);
  }
  /// Of a client that gives up after `patience`, whether it was left without an answer.
  bool Waits(milliseconds patience, const std::function<std::optional<Got>()>& ask) {
    client_->reset();  // the next connection has this timeout
    client_->setTimeout(Poco::Timespan(patience.count() * 1000));
    const bool nothing = !ask();
    client_->setTimeout(Poco::Timespan(60, 0));
    return nothing;
  }

  Workspace ws_;
  std::unique_ptr<B2Server> server_;
  std::unique_ptr<Poco::Net::HTTPClientSession> client_;
  std::string bucket_;
  std::string token_;
};

TEST_F(B2WireTest, ServesManyRequestsOnOneConnection) {
  ASSERT_EQ(Upload("a", "content")->status, 200);
  EXPECT_EQ(Call("b2_no_such_call", "a body that nobody needs")->status, 404);
  EXPECT_EQ(Download("a")->body, "content");
  EXPECT_EQ(Download("a")->body, "content");
}

TEST_F(B2WireTest, AnswersAsTheHostsOfB2ThroughTheProxy) {
  ASSERT_EQ(Upload("a", "content")->status, 200);
  ConnectByProxy("f001.backblazeb2.com");
  EXPECT_EQ(Download("a")->body, "content");
  EXPECT_EQ(Download("a")->body, "content");
  EXPECT_EQ(server_->log().Count("CONNECT"), 1);
}

TEST_F(B2WireTest, SendsClientsOfTheProxyOnToTheHostsOfB2) {
  ConnectByProxy("api.backblazeb2.com");
  Authorize();
  const auto url = Call("b2_get_upload_url", b2::JsonObject().Text("bucketId", bucket_).str());
  ASSERT_TRUE(url);
  EXPECT_THAT(url->body, HasSubstr("https://pod-000-1001-01.backblazeb2.com/"));
}

TEST_F(B2WireTest, RefusesEveryOtherHost) {
  for (const char* host : {"example.com", "backblazeb2.com.example.com", "notbackblazeb2.com"}) {
    ConnectByProxy(host);
    EXPECT_FALSE(Download("a")) << host;
  }
  EXPECT_THAT(server_->log().Requests(), Each(Field(&b2::Logged::status, 403)));
}

TEST_F(B2WireTest, LogsWhatCameAndWhatWent) {
  Upload("a", "12345");
  Download("a");
  const std::vector<b2::Logged> requests = server_->log().Requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[1].api, "b2_upload_file");
  EXPECT_EQ(requests[1].price_class, 'A');
  EXPECT_EQ(requests[1].name, "a");
  EXPECT_EQ(requests[1].bytes_in, 5U);
  EXPECT_EQ(requests[1].key_id, server_->master_key().id);
  EXPECT_EQ(requests[2].bytes_out, 5U);
  EXPECT_GT(requests[2].time_ms, 0);
}

TEST_F(B2WireTest, RefusesABodyOfUnknownLength) {
  EXPECT_EQ(Ask("POST", "/b2api/v1/b2_list_buckets", "",
                {{"Authorization", token_}, {"Transfer-Encoding", "chunked"}})
                ->status,
            411);
  client_->reset();
  EXPECT_EQ(Call("b2_list_buckets")->status, 200);
}

TEST_F(B2WireTest, RefusesWithAStatusAndStoresNothing) {
  server_->Inject({.api = "b2_upload_file", .status = 429, .retry_after = 3});
  const std::string token = UploadToken();
  const auto refused = UploadWith(token, "a", "content");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->retry_after, "3");
  EXPECT_THAT(refused->body, HasSubstr("too_many_requests"));
  EXPECT_TRUE(server_->Versions("test-bucket").empty());
  EXPECT_EQ(UploadWith(token, "a", "content")->status, 200) << "same connection, same token";
}

TEST_F(B2WireTest, RefusesInTheMiddleOfABody) {
  server_->Inject({.api = "b2_upload_file", .status = 401, .mid_body = true});
  const auto refused = Upload("a", std::string(1'000'000, 'x'));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 401);
  client_->reset();
  EXPECT_TRUE(server_->Versions("test-bucket").empty());
  EXPECT_EQ(Upload("a", "x")->status, 200);
}

TEST_F(B2WireTest, SendsWhatIsNoJson) {
  server_->Inject({.api = "b2_list_buckets", .status = 200, .body = "<html>"});
  EXPECT_EQ(Call("b2_list_buckets")->body, "<html>");
}

TEST_F(B2WireTest, ResetsTheConnection) {
  server_->Inject({.api = "b2_list_buckets", .kind = Kind::kReset});
  server_->Inject({.api = "b2_upload_file", .kind = Kind::kReset, .mid_body = true});
  EXPECT_FALSE(Call("b2_list_buckets"));
  EXPECT_FALSE(Upload("a", std::string(1'000'000, 'x')));
  EXPECT_TRUE(server_->Versions("test-bucket").empty());
  EXPECT_EQ(server_->log().CountIf([](const auto& request) { return request.status == 0; }), 2);
  EXPECT_TRUE(Call("b2_list_buckets"));
}

TEST_F(B2WireTest, ResetsBelowTlsToo) {
  ConnectByProxy("api001.backblazeb2.com");
  server_->Inject({.api = "b2_list_buckets", .kind = Kind::kReset});
  EXPECT_FALSE(Call("b2_list_buckets"));
  EXPECT_TRUE(Call("b2_list_buckets"));
}

TEST_F(B2WireTest, LosesAReplyAfterItStored) {
  server_->Inject({.api = "b2_upload_file", .kind = Kind::kLostReply});
  EXPECT_FALSE(Upload("a", "content"));
  EXPECT_EQ(server_->Versions("test-bucket").size(), 1U);
}

TEST_F(B2WireTest, TruncatesAndCorruptsDownloads) {
  Upload("a", "0123456789");
  server_->Inject({.api = "b2_download_file_by_name", .kind = Kind::kTruncate});
  EXPECT_FALSE(Download("a"));
  server_->Inject({.api = "b2_download_file_by_name", .kind = Kind::kCorrupt});
  const auto corrupt = Download("a");
  ASSERT_TRUE(corrupt);
  EXPECT_EQ(corrupt->body.size(), 10U);
  EXPECT_NE(corrupt->body, "0123456789");
  EXPECT_EQ(Download("a")->body, "0123456789");
}

TEST_F(B2WireTest, HangsAndStallsUntilTheClientGoes) {
  Upload("a", std::string(100'000, 'x'));
  server_->Inject({.api = "b2_list_buckets", .kind = Kind::kHang});
  server_->Inject({.api = "b2_download_file_by_name", .kind = Kind::kStall});
  EXPECT_TRUE(Waits(milliseconds(200), [&] { return Call("b2_list_buckets"); }));
  EXPECT_TRUE(Waits(milliseconds(200), [&] { return Download("a"); }));
  EXPECT_TRUE(Download("a"));
}

TEST_F(B2WireTest, Delays) {
  server_->Inject({.api = "b2_list_buckets", .kind = Kind::kDelay, .delay = milliseconds(300)});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Call("b2_list_buckets")->status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(300));
}

TEST_F(B2WireTest, EndsWhileAClientHangs) {
  server_->Inject({.api = "b2_list_buckets", .kind = Kind::kHang});
  auto hanging = std::async(std::launch::async, [&] { return Call("b2_list_buckets"); });
  ASSERT_TRUE(Eventually([&] { return server_->log().Count("b2_list_buckets") == 1; }));
  server_.reset();
  EXPECT_FALSE(hanging.get());
}

TEST_F(B2WireTest, EndsDuringALongDelay) {
  server_->Inject({.api = "b2_list_keys", .kind = Kind::kDelay, .delay = std::chrono::hours(1)});
  auto delayed = std::async(std::launch::async, [&] { return Call("b2_list_keys"); });
  ASSERT_TRUE(Eventually([&] { return server_->log().Count("b2_list_keys") == 1; }));
  server_.reset();
  EXPECT_FALSE(delayed.get());
}

TEST_F(B2WireTest, AnUploadTokenServesOneRequestAtATime) {
  const std::string token = UploadToken();
  const Poco::URI uri(server_->url());
  Poco::Net::StreamSocket first(Poco::Net::SocketAddress(uri.getHost(), uri.getPort()));
  const std::string head = "POST /b2api/v1/b2_upload_file/" + bucket_ +
                           " HTTP/1.1\r\nAuthorization: " + token +
                           "\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n";
  first.sendBytes(head.data(), static_cast<int>(head.size()));
  std::string answer(25, '\0');
  ASSERT_EQ(first.receiveBytes(answer.data(), 25), 25);
  EXPECT_EQ(answer, "HTTP/1.1 100 Continue\r\n\r\n");
  const auto second = UploadWith(token, "b", "y");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->status, 400);
  EXPECT_THAT(second->body, HasSubstr("more than one upload using auth token"));
  first.close();
  EXPECT_TRUE(Eventually([&] { return UploadWith(token, "b", "y")->status == 200; }));
}

TEST_F(B2WireTest, TokensExpireOnDemand) {
  server_->ExpireTokens();
  EXPECT_THAT(Call("b2_list_buckets")->body, HasSubstr("expired_auth_token"));
  Authorize();
  EXPECT_EQ(Call("b2_list_buckets")->status, 200);
}

TEST_F(B2WireTest, CountsAHotLoop) {
  for (int i = 0; i < 50; ++i) Call("b2_list_buckets");
  EXPECT_EQ(server_->log().MostWithin(60'000), 50);
}

}  // namespace
}  // namespace runner::testing
