// What a client may do to the server: it asks over a real connection of this machine.
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>
#include <gmock/gmock.h>

#include <mutex>

#include "runner/http/server.h"

namespace runner {
namespace {

using Poco::Net::StreamSocket;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Server : public ::testing::Test {
 protected:
  void Start(ServerLimits limits = {}) {
    auto started = HttpServer::Start(
        {"127.0.0.1", 0},
        {[this](const Request& request) { return Answer(request); }, [] { return "data: x\n\n"; }},
        limits);
    ASSERT_TRUE(started) << started.error().message;
    server_ = *std::move(started);
  }
  Response Answer(const Request& request) {
    const std::lock_guard lock(mutex_);
    last_ = request;
    return {.type = "text/plain", .body = "answer\n", .stream = request.path == "/events"};
  }
  Request Last() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

  StreamSocket Connect() {
    StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", server_->address().port));
    socket.setReceiveTimeout(Poco::Timespan(60, 0));
    return socket;
  }
  static void Send(StreamSocket& socket, const std::string& text) {
    socket.sendBytes(text.data(), static_cast<int>(text.size()));
  }
  /// Everything until the server ends the connection.
  static std::string ReadAll(StreamSocket& socket) {
    std::string all;
    std::string piece(4096, '\0');
    while (true) {
      const int size = socket.receiveBytes(piece.data(), static_cast<int>(piece.size()));
      if (size <= 0) return all;
      all.append(piece, 0, static_cast<std::size_t>(size));
    }
  }
  std::string Ask(const std::string& text) {
    StreamSocket socket = Connect();
    Send(socket, text);
    try {
      return ReadAll(socket);
    } catch (const Poco::Exception&) {
      return "reset";  // it did not read all that was sent
    }
  }

  std::mutex mutex_;
  Request last_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(Server, HandsOnWhatARequestSays) {
  Start();
  const std::string answer =
      Ask("GET /a%20b?x=1 HTTP/1.1\r\nHost: Nas:1\r\nCookie: a=b; runner_session=s\r\n"
          "Authorization: Bearer t\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\nanswer\n"));
  Request expected{.method = Method::kGet, .path = "/a b", .query = {{"x", "1"}}, .host = "nas"};
  expected.authority = "Nas:1";
  expected.session = "s";
  expected.authorization = "t";
  EXPECT_EQ(Last(), expected);
}

TEST_F(Server, AHeadHasNoBody) {
  Start();
  const std::string answer = Ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 7"));
  EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\n"));
}

TEST_F(Server, TakesAShortFormAndNoLongOne) {
  Start();
  const auto post = [](std::size_t length) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: Text/Plain; x=y\r\nContent-Length: " +
           std::to_string(length) + "\r\n\r\n" + std::string(length, 'x');
  };
  EXPECT_THAT(Ask(post(kLongestBody)), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(Last().body.size(), kLongestBody);
  EXPECT_EQ(Last().content_type, "text/plain");
  EXPECT_THAT(Ask(post(kLongestBody + 1)), ::testing::AnyOf(StartsWith("HTTP/1.1 413"), "reset"));
  EXPECT_THAT(Ask("POST / HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 411"));
  EXPECT_THAT(Ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 411"));
}

TEST_F(Server, RefusesWhatItDoesNotKnow) {
  Start();
  EXPECT_THAT(Ask("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(Ask("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(Ask("GET /" + std::string(kLongestTarget, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
  Ask("\x16\x03\x01 no HTTP at all\r\n\r\n");
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 200")) << "it goes on";
}

TEST_F(Server, EndsAConnectionThatIsTooSlow) {
  Start({.patience = std::chrono::milliseconds(200)});
  StreamSocket slow = Connect();
  Send(slow, "GET / HTTP/1.1\r\nHo");
  std::string answer;
  try {
    answer = ReadAll(slow);
  } catch (const Poco::Exception&) {
    answer = "reset";
  }
  EXPECT_THAT(answer, ::testing::Not(HasSubstr("200 OK"))) << "and the test has ended";
}

TEST_F(Server, ClosesConnectionsBeyondItsLimit) {
  Start({.connections = 1});
  StreamSocket first = Connect();
  Send(first, "GET / HTTP/1.1\r\n");
  StreamSocket second = Connect();
  std::string answer;
  try {
    answer = ReadAll(second);
  } catch (const Poco::Exception&) {
    answer = "reset";
  }
  EXPECT_THAT(answer, ::testing::AnyOf("", "reset"));
  Send(first, "Host: a\r\n\r\n");
  EXPECT_THAT(ReadAll(first), StartsWith("HTTP/1.1 200"));
}

TEST_F(Server, StreamsEventsToAFew) {
  Start({.streams = 1});
  const std::string ask = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n";
  StreamSocket reader = Connect();
  Send(reader, ask);
  std::string said;
  std::string piece(1024, '\0');
  while (said.find("data: x\n\n") == std::string::npos) {
    const int size = reader.receiveBytes(piece.data(), static_cast<int>(piece.size()));
    ASSERT_GT(size, 0) << said;
    said.append(piece, 0, static_cast<std::size_t>(size));
  }
  EXPECT_THAT(Ask(ask), StartsWith("HTTP/1.1 503"));
  server_.reset();
  EXPECT_EQ(reader.receiveBytes(piece.data(), 1), 0) << "an open stream does not hold up the end";
}

TEST_F(Server, SaysWhoCannotHaveTheAddress) {
  Start();
  const auto second = HttpServer::Start(server_->address(), {});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("cannot listen on 127.0.0.1:"));
  EXPECT_FALSE(HttpServer::Start({"192.0.2.1", 0}, {})) << "no address of this machine";
}

}  // namespace
}  // namespace runner
