#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/StreamSocket.h>

#include <optional>
#include <string>
#include <string_view>

#include "tests/support/b2_server/message.h"

namespace runner::testing::b2 {

/// The head of a request as it arrived.
struct Head {
  Request request;   // without a body
  std::string host;  // of a CONNECT: "api.backblazeb2.com:443"
  std::size_t body_size = 0;
  bool chunked = false;
  bool keep_alive = true;
};

/// HTTP/1.1 on an accepted socket, from the server's side. Every function ends early, and the
/// connection is then of no use, when the peer goes or `Shutdown(fd())` is called in another
/// thread. For one thread.
class Connection {
 public:
  explicit Connection(Poco::Net::StreamSocket socket) : socket_(std::move(socket)) {
    socket_.setNoDelay(true);
  }

  [[nodiscard]] int fd() const { return fd_; }
  /// Nothing: the peer is gone, or speaks no HTTP.
  std::optional<Head> ReadHead();
  /// Appends `size` bytes to the body; false if they do not come.
  bool ReadBody(std::string& body, std::size_t size);
  /// From here on the peer speaks TLS.
  bool StartTls(const Poco::Net::Context::Ptr& context);
  bool Write(std::string_view bytes);
  /// Waits, without an answer, until the peer goes.
  void WaitForEnd();
  /// Ends the connection with an RST; also below TLS.
  void Reset() const;

 private:
  bool Fill();

  Poco::Net::StreamSocket socket_;
  int fd_ = socket_.impl()->sockfd();
  std::string received_;
};

/// Makes whoever reads or writes this socket stop.
void Shutdown(int fd);

/// Status line and headers.
std::string HeadOf(const Reply& reply, bool keep_alive);

}  // namespace runner::testing::b2
