#include "runner/http/server.h"

#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include "runner/http/exchange.h"

namespace runner {
namespace {

/// Takes one of so many places, and gives it back however its holder ends.
class Place {
 public:
  Place(std::atomic<std::size_t>& taken, std::size_t places) : taken_(taken), places_(places) {
    ++taken_;
  }
  ~Place() { --taken_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] bool IsOneTooMany() const { return taken_ > places_; }

 private:
  std::atomic<std::size_t>& taken_;
  std::size_t places_;
};

}  // namespace

using Poco::Net::StreamSocket;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

HttpServer::HttpServer(Handlers handlers, ServerLimits limits)
    : handlers_(std::move(handlers)),
      limits_(limits),
      listener_(std::make_unique<Poco::Net::ServerSocket>()),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

targets::Result<std::unique_ptr<HttpServer>> HttpServer::Start(
    const targets::ListenAddress& address, Handlers handlers, ServerLimits limits) {
  std::unique_ptr<HttpServer> server(new HttpServer(std::move(handlers), limits));
  const std::string where = targets::FormatListenAddress(address);
  try {
    constexpr int kBacklog = 64;
    constexpr bool kReuseAddress = true;  // what a daemon before this one left behind
    constexpr bool kSharePort = false;
    server->listener_->bind(Poco::Net::SocketAddress(address.host, address.port), kReuseAddress,
                            kSharePort);
    server->listener_->listen(kBacklog);
    server->listener_->setBlocking(false);
    server->address_ = {address.host, server->listener_->address().port()};
    server->thread_ = std::thread([raw = server.get()] { raw->AcceptLoop(); });
  } catch (const Poco::Exception& error) {
    return targets::Fail("cannot listen on " + where + ": " + error.displayText(),
                         "does another program use this port? server.listen names another one");
  } catch (const std::system_error& error) {
    return targets::Fail("cannot listen on " + where + ": " + error.what());
  }
  return server;
}

HttpServer::~HttpServer() {
  stopping_ = true;
  Wake();
  if (thread_.joinable()) thread_.join();
  {
    const std::lock_guard lock(mutex_);
    for (Connection& connection : connections_) shutdown(connection.socket.Get(), SHUT_RDWR);
  }
  for (Connection& connection : connections_) connection.thread.join();
}

void HttpServer::Wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_.Get(), &one, sizeof one);
}

void HttpServer::AcceptLoop() {
  while (!stopping_) {
    std::array<pollfd, 2> waiting{pollfd{listener_->impl()->sockfd(), POLLIN, 0},
                                  pollfd{wake_.Get(), POLLIN, 0}};
    poll(waiting.data(), waiting.size(), PollTimeout());
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t size = read(wake_.Get(), &count, sizeof count);
    Reap();
    EndLate();
    if (!stopping_ && (waiting[0].revents & POLLIN) != 0) Accept();
  }
}

/// Forgets the connections that ended.
void HttpServer::Reap() {
  std::list<Connection> ended;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = connections_.begin(); at != connections_.end();) {
      const auto next = std::next(at);
      if (at->done) ended.splice(ended.end(), connections_, at);
      at = next;
    }
  }
  for (Connection& connection : ended) connection.thread.join();
}

void HttpServer::EndLate() {
  const std::lock_guard lock(mutex_);
  const auto now = steady_clock::now();
  for (Connection& connection : connections_) {
    if (connection.until <= now) shutdown(connection.socket.Get(), SHUT_RDWR);
  }
}

/// Until the next connection is late; without connections for ever.
int HttpServer::PollTimeout() {
  const std::lock_guard lock(mutex_);
  if (connections_.empty()) return -1;
  const auto first = std::ranges::min_element(connections_, {}, &Connection::until);
  const auto left = std::chrono::ceil<milliseconds>(first->until - steady_clock::now()).count();
  // One that was shut down and has not ended yet must not make this spin.
  return static_cast<int>(std::clamp<std::int64_t>(left, 100, 60'000));
}

void HttpServer::Accept() try {
  const StreamSocket socket = listener_->acceptConnection();
  const int copy = fcntl(socket.impl()->sockfd(), F_DUPFD_CLOEXEC, 0);
  const std::lock_guard lock(mutex_);
  if (copy < 0 || connections_.size() >= limits_.connections) {
    UniqueFd(copy).Reset();
    return;  // closed by going out of sight
  }
  Connection& connection = connections_.emplace_back();
  connection.socket.Reset(copy);
  connection.until = steady_clock::now() + limits_.patience;
  try {
    connection.thread = std::thread([this, socket, &connection] { Serve(socket, connection); });
  } catch (const std::system_error&) {
    connections_.pop_back();
  }
} catch (const Poco::Exception&) {
  return;  // it went away before we came
}

void HttpServer::Serve(const StreamSocket& socket, Connection& connection) {
  const auto stream = [&](Poco::Net::HTTPServerResponse& response) {
    const Place place(streams_, limits_.streams);
    if (place.IsOneTooMany()) return false;
    {
      const std::lock_guard lock(mutex_);
      connection.until = steady_clock::now() + limits_.stream_life;
    }
    StreamEvents(response, connection.socket.Get(), limits_.stream_pause, handlers_.event);
    return true;
  };
  try {
    Poco::AutoPtr<Poco::Net::HTTPServerParams> parameters(new Poco::Net::HTTPServerParams);
    parameters->setKeepAlive(false);
    parameters->setTimeout(Poco::Timespan(limits_.patience.count() * 1000));
    Poco::Net::HTTPServerConnection(socket, parameters, MakeExchange(handlers_.answer, stream))
        .run();
  } catch (const std::exception&) {
    // The client is gone, or sent what is no HTTP: there is nobody to tell.
  }
  connection.done = true;
  Wake();
}

}  // namespace runner
