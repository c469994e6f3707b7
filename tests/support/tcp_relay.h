#pragma once

#include <Poco/Net/ServerSocket.h>

#include <atomic>
#include <cstdint>
#include <list>
#include <thread>

namespace runner::testing {

/// A way to a server on this machine that a test can cut while data flows: every connection is
/// reset, and new ones are too, until Mend(). Listens on a free port of 127.0.0.1. Thread-safe. The
/// destructor closes everything.
class TcpRelay {
 public:
  /// `upstream`: the port of the server behind it.
  explicit TcpRelay(std::uint16_t upstream);
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// From now on, once so many more bytes came from the server.
  void CutAfter(std::uint64_t bytes) { left_ = bytes; }
  [[nodiscard]] bool IsCut() const { return left_ == 0; }
  void Mend() { left_ = kNever; }

 private:
  static constexpr std::uint64_t kNever = UINT64_MAX;

  void Accept();
  void Serve(Poco::Net::StreamSocket client);
  bool Pump(Poco::Net::StreamSocket& client, Poco::Net::StreamSocket& server);
  std::uint64_t Take(std::uint64_t bytes);

  std::uint16_t upstream_;
  Poco::Net::ServerSocket listener_;
  std::uint16_t port_;
  std::atomic<std::uint64_t> left_{kNever};
  std::atomic<bool> ending_{false};
  std::list<std::thread> connections_;  // of the accepting thread, until it ended
  std::thread accepting_;
};

}  // namespace runner::testing
