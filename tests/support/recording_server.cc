#include "tests/support/recording_server.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <iterator>

namespace runner::testing {

namespace net = Poco::Net;

struct RecordingServer::State {
  std::mutex mutex;
  std::condition_variable ended;
  std::vector<Request> requests;
  int status = 200;
  std::string body = "OK";
  bool hangs = false;
  bool ending = false;
};

namespace {

class Handler final : public net::HTTPRequestHandler {
 public:
  explicit Handler(std::shared_ptr<RecordingServer::State> state) : state_(std::move(state)) {}

  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    RecordingServer::Request seen{request.getMethod(), request.getURI(), {}, {}};
    for (const auto& [name, value] : request) {
      std::string lower = name;
      std::ranges::transform(lower, lower.begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      seen.headers[lower] = value;
    }
    seen.body.assign(std::istreambuf_iterator<char>(request.stream()), {});
    std::unique_lock lock(state_->mutex);
    state_->requests.push_back(std::move(seen));
    if (state_->hangs) return state_->ended.wait(lock, [this] { return state_->ending; });
    response.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(state_->status));
    if (state_->status >= 300 && state_->status < 400) response.set("Location", "/elsewhere");
    const std::string body = state_->body;
    lock.unlock();
    response.sendBuffer(body.data(), body.size());
  }

 private:
  std::shared_ptr<RecordingServer::State> state_;
};

class Factory final : public net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(std::shared_ptr<RecordingServer::State> state) : state_(std::move(state)) {}
  net::HTTPRequestHandler* createRequestHandler(
      const net::HTTPServerRequest& /*request*/) override {
    return new Handler(state_);  // NOLINT: Poco deletes it
  }

 private:
  std::shared_ptr<RecordingServer::State> state_;
};

net::ServerSocket Listen(const RecordingServer::Certificate& certificate) {
  const net::SocketAddress anywhere("127.0.0.1", 0);
  if (certificate.file.empty()) return net::ServerSocket(anywhere);
  const net::Context::Ptr context(new net::Context(net::Context::TLS_SERVER_USE,
                                                   certificate.key_file, certificate.file, "",
                                                   net::Context::VERIFY_NONE));
  return net::SecureServerSocket(anywhere, 64, context);
}

}  // namespace

struct RecordingServer::Server {
  Server(const std::shared_ptr<State>& state, const Certificate& certificate)
      : socket(Listen(certificate)), http(new Factory(state), socket, new net::HTTPServerParams) {
    http.start();
  }
  net::ServerSocket socket;
  net::HTTPServer http;
};

RecordingServer::RecordingServer(const Certificate& certificate)
    : state_(std::make_shared<State>()),
      server_(std::make_unique<Server>(state_, certificate)),
      scheme_(certificate.file.empty() ? "http" : "https") {}

RecordingServer::~RecordingServer() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->ended.notify_all();
  server_->http.stopAll(true);
}

std::uint16_t RecordingServer::port() const { return server_->socket.address().port(); }

std::string RecordingServer::url() const {
  return scheme_ + "://127.0.0.1:" + std::to_string(port());
}

std::vector<RecordingServer::Request> RecordingServer::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

std::vector<std::string> RecordingServer::lines() const {
  std::vector<std::string> lines;
  for (const Request& request : requests()) lines.push_back(request.method + " " + request.path);
  return lines;
}

void RecordingServer::Answer(int status, const std::string& body) {
  const std::lock_guard lock(state_->mutex);
  state_->status = status;
  state_->body = body;
}

void RecordingServer::Hang() {
  const std::lock_guard lock(state_->mutex);
  state_->hangs = true;
}

}  // namespace runner::testing
