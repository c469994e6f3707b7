// The real HTTPS transport against a real server on this machine.
#include "runner/net/https_transport.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>

#include "runner/base/posix_file_system.h"
#include "tests/support/b2_server/b2_server.h"

namespace runner {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::B2Server;
using ::testing::HasSubstr;
using Fault = B2Server::Fault;
using Kind = HttpError::Kind;

class HttpsTransportTest : public ::testing::Test {
 protected:
  HttpsTransportTest() {
    std::string name = std::filesystem::temp_directory_path() / "https-transport-XXXXXX";
    folder_ = mkdtemp(name.data());
    server_ = std::make_unique<B2Server>(B2Server::Options{.folder = folder_ + "/b2"});
    environment_ = {{"HTTPS_PROXY", server_->proxy_url()}, {"SSL_CERT_FILE", server_->ca_file()}};
  }
  ~HttpsTransportTest() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  HttpResult Send(const HttpRequest& request, const Stopped& stopped = {}) {
    HttpsTransport transport(environment_, files_);
    const auto start = std::chrono::steady_clock::now();
    HttpResult result = transport.Send(request, stopped);
    took_ = std::chrono::steady_clock::now() - start;
    return result;
  }
  HttpRequest Request() {
    return {.url = "https://api.backblazeb2.com/b2api/v4/b2_authorize_account"};
  }
  /// "kind: message", or the status.
  std::string Said(const HttpResult& result) {
    if (result) return std::to_string(result->status);
    constexpr std::array kNames = {"unreachable", "timeout", "untrusted",
                                   "proxy",       "reply",   "stopped"};
    return kNames.at(static_cast<std::size_t>(result.error().kind)) +
           (": " + result.error().message);
  }

  PosixFileSystem files_;
  std::string folder_;
  std::unique_ptr<B2Server> server_;
  std::map<std::string, std::string> environment_;
  std::chrono::steady_clock::duration took_{};
};

TEST_F(HttpsTransportTest, GetsStatusHeadersAndBody) {
  const HttpResult result = Send(Request());
  ASSERT_EQ(Said(result), "401");
  EXPECT_THAT(result->body, HasSubstr("\"unauthorized\""));
  EXPECT_THAT(result->headers.at("content-type"), HasSubstr("application/json"));
  server_->Inject({.status = 429, .retry_after = 7});
  EXPECT_EQ(Send(Request())->headers.at("retry-after"), "7");
}

TEST_F(HttpsTransportTest, SpeaksPlainHttpWithThisMachineItself) {
  HttpRequest request = Request();
  request.url = server_->url() + "/b2api/v4/b2_authorize_account";
  environment_["HTTP_PROXY"] = "http://127.0.0.1:9";
  EXPECT_EQ(Said(Send(request)), "401");
}

TEST_F(HttpsTransportTest, RefusesACertificateThatNobodyVouchesFor) {
  environment_.erase("SSL_CERT_FILE");
  EXPECT_THAT(Said(Send(Request())),
              HasSubstr("untrusted: the certificate of api.backblazeb2.com is not trusted"));
  environment_["SSL_CERT_FILE"] = folder_ + "/absent.pem";
  EXPECT_THAT(Said(Send(Request())), HasSubstr("untrusted: "));
  EXPECT_EQ(server_->log().CountIf([](const auto& request) { return request.status == 401; }), 0);
}

/// A star stands for one label.
TEST_F(HttpsTransportTest, RefusesTheCertificateOfAnotherHost) {
  HttpRequest request = Request();
  request.url = "https://a.b.backblazeb2.com/b2api/v4/b2_authorize_account";
  EXPECT_THAT(Said(Send(request)),
              HasSubstr("untrusted: the certificate of a.b.backblazeb2.com is not trusted"));
}

TEST_F(HttpsTransportTest, SaysThatTheProxyRefusesAHost) {
  HttpRequest request = Request();
  request.url = "https://example.com/";
  EXPECT_THAT(Said(Send(request)), AllOf(HasSubstr("proxy: 127.0.0.1:"),
                                         HasSubstr("refuses to connect to example.com:443")));
}

TEST_F(HttpsTransportTest, SaysThatNobodyListens) {
  environment_["HTTPS_PROXY"] = "http://127.0.0.1:9";
  EXPECT_THAT(Said(Send(Request())),
              HasSubstr("unreachable: cannot talk to 127.0.0.1:9, the proxy"));
  environment_["HTTPS_PROXY"] = "http://no-such-host.invalid:80";
  EXPECT_THAT(Said(Send(Request())),
              HasSubstr("unreachable: cannot talk to no-such-host.invalid:80"));
}

TEST_F(HttpsTransportTest, EndsWithABrokenConnection) {
  for (const Fault::Kind kind : {Fault::Kind::kReset, Fault::Kind::kTruncate}) {
    server_->Inject({.kind = kind});
    EXPECT_THAT(Said(Send(Request())), HasSubstr("unreachable: "));
  }
}

TEST_F(HttpsTransportTest, EndsAtItsTimeoutWhateverTheServerDoes) {
  for (const Fault::Kind kind : {Fault::Kind::kHang, Fault::Kind::kStall}) {
    server_->Inject({.kind = kind});
    HttpRequest request = Request();
    request.timeout = milliseconds(400);
    EXPECT_THAT(Said(Send(request)), HasSubstr("timeout: "));
    EXPECT_GE(took_, milliseconds(400));
    EXPECT_LT(took_, seconds(10));
  }
}

TEST_F(HttpsTransportTest, StopsWhenItIsTold) {
  server_->Inject({.kind = Fault::Kind::kHang});
  int looks = 0;
  EXPECT_THAT(Said(Send(Request(), [&] { return ++looks > 2; })), "stopped: stopped");
  EXPECT_LT(took_, seconds(10));
}

TEST_F(HttpsTransportTest, TakesNoMoreThanItsLimit) {
  server_->Inject({.status = 200, .body = std::string(5000, 'x'), .count = 2});
  HttpRequest request = Request();
  request.reply_limit = 4999;
  EXPECT_THAT(Said(Send(request)), HasSubstr("reply: the answer of api.backblazeb2.com is larger"));
  request.reply_limit = 5000;
  EXPECT_EQ(Said(Send(request)), "200");
}

TEST_F(HttpsTransportTest, RefusesWhatIsNoAddress) {
  HttpRequest request = Request();
  request.url = "api.backblazeb2.com";
  EXPECT_THAT(Said(Send(request)), HasSubstr("reply: "));
  environment_["HTTPS_PROXY"] = "socks5://127.0.0.1:1";
  EXPECT_THAT(Said(Send(Request())), HasSubstr("proxy: the proxy of HTTPS_PROXY is no http://"));
}

/// Listens, and takes no connection: as behind a firewall that drops what it gets.
class DeafServer {
 public:
  DeafServer() {
    socket_.bind(Poco::Net::SocketAddress("127.0.0.1", 0));
    socket_.listen(0);
    for (Poco::Net::StreamSocket& caller : callers_) caller.connectNB(socket_.address());
  }
  std::string url() const { return "http://" + socket_.address().toString() + "/"; }

 private:
  Poco::Net::ServerSocket socket_;
  std::array<Poco::Net::StreamSocket, 4> callers_;  // more than it lets wait
};

TEST_F(HttpsTransportTest, AStopIsHeardWhileNobodyTakesTheConnection) {
  const DeafServer deaf;
  int asked = 0;
  const HttpResult result =
      Send({.url = deaf.url(), .connect_timeout = seconds(60), .timeout = seconds(60)},
           [&] { return ++asked > 2; });
  EXPECT_FALSE(result);
  EXPECT_GE(asked, 3);
  EXPECT_LT(took_, seconds(20));
}

TEST_F(HttpsTransportTest, AConnectionThatNobodyTakesEndsInTime) {
  const DeafServer deaf;
  EXPECT_THAT(Said(Send({.url = deaf.url(), .connect_timeout = milliseconds(300)})),
              HasSubstr("timeout: " + deaf.url().substr(7, deaf.url().size() - 8)));
  EXPECT_LT(took_, seconds(20));
}

}  // namespace
}  // namespace runner
