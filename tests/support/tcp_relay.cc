#include "tests/support/tcp_relay.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <algorithm>
#include <array>

namespace runner::testing {
namespace {

using Poco::Net::Socket;
using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;

/// How soon a cut or the end of the test is noticed.
const Poco::Timespan kLook(0, 20'000);

/// A reset, not an orderly end: what a client sees of a server that died.
void Reset(StreamSocket& socket) {
  socket.setLinger(true, 0);
  socket.close();
}

}  // namespace

TcpRelay::TcpRelay(std::uint16_t upstream)
    : upstream_(upstream),
      listener_(SocketAddress("127.0.0.1", 0)),
      port_(listener_.address().port()),
      accepting_([this] { Accept(); }) {}

TcpRelay::~TcpRelay() {
  ending_ = true;
  accepting_.join();
  for (std::thread& connection : connections_) connection.join();
}

void TcpRelay::Accept() {
  while (!ending_) {
    if (!listener_.poll(kLook, Socket::SELECT_READ)) continue;
    connections_.emplace_back([this, client = listener_.acceptConnection()] { Serve(client); });
  }
}

void TcpRelay::Serve(StreamSocket client) {
  try {
    StreamSocket server(SocketAddress("127.0.0.1", upstream_));
    while (!ending_ && !IsCut() && Pump(client, server)) {
    }
    if (IsCut()) Reset(client);
  } catch (const Poco::Exception&) {
    // Either end is gone; so is the connection.
  }
}

/// Carries what is there in each direction; false once an end closed.
bool TcpRelay::Pump(StreamSocket& client, StreamSocket& server) {
  Socket::SocketList readable = {client, server};
  Socket::SocketList none;
  Socket::SocketList failed;
  Socket::select(readable, none, failed, kLook);
  std::array<char, 16'384> buffer{};
  for (const Socket& socket : readable) {
    const bool from_server = socket == server;
    StreamSocket& from = from_server ? server : client;
    StreamSocket& to = from_server ? client : server;
    const int got = from.receiveBytes(buffer.data(), static_cast<int>(buffer.size()));
    if (got <= 0) return false;
    const auto bytes = static_cast<std::uint64_t>(got);
    const std::uint64_t allowed = from_server ? Take(bytes) : bytes;
    if (allowed > 0) to.sendBytes(buffer.data(), static_cast<int>(allowed));
  }
  return true;
}

/// How many of them may pass.
std::uint64_t TcpRelay::Take(std::uint64_t bytes) {
  std::uint64_t left = left_;
  while (left != kNever && !left_.compare_exchange_weak(left, left - std::min(left, bytes))) {
  }
  return left == kNever ? bytes : std::min(left, bytes);
}

}  // namespace runner::testing
