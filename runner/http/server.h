#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "runner/http/message.h"
#include "runner/process/unique_fd.h"
#include "targets/base/listen_address.h"
#include "targets/base/result.h"

namespace Poco::Net {
class ServerSocket;
class StreamSocket;
}  // namespace Poco::Net

namespace runner {

struct ServerLimits {
  std::size_t connections = 32;               // more are closed at once
  std::size_t streams = 8;                    // of them; more get 503
  std::chrono::milliseconds patience{15000};  // for a whole connection that is no stream
  std::chrono::minutes stream_life{10};       // browsers come again by themselves
  std::chrono::milliseconds stream_pause{2000};
};

/// An HTTP/1.1 server, one request a connection. A thread waits for connections without waking up
/// by itself; each connection has a thread of its own, gone when it ends. What a client controls is
/// bounded: the number of connections, sizes, and the time that each may take as a whole.
/// None of its threads starts a process.
class HttpServer {
 public:
  struct Handlers {
    std::function<Response(const Request&)> answer;  // any thread; does not throw
    std::function<std::string()> event;              // of a stream; any thread; empty: nothing new
  };

  /// Errors: the address is taken or is none of this machine's.
  static targets::Result<std::unique_ptr<HttpServer>> Start(const targets::ListenAddress& address,
                                                            Handlers handlers,
                                                            ServerLimits limits = {});
  /// Ends all connections, and returns when their threads are gone.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// With the port that was chosen.
  [[nodiscard]] const targets::ListenAddress& address() const { return address_; }

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  struct Connection {
    UniqueFd socket;  // of our own, so that it can be shut down from another thread
    Deadline until;
    std::atomic<bool> done = false;
    std::thread thread;
  };
  HttpServer(Handlers handlers, ServerLimits limits);
  void AcceptLoop();
  void Accept();
  void Serve(const Poco::Net::StreamSocket& socket, Connection& connection);
  void Reap();
  void EndLate();
  [[nodiscard]] int PollTimeout();
  void Wake() const;

  Handlers handlers_;
  ServerLimits limits_;
  targets::ListenAddress address_;
  std::unique_ptr<Poco::Net::ServerSocket> listener_;
  UniqueFd wake_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> streams_ = 0;
  std::mutex mutex_;
  std::list<Connection> connections_;
  std::thread thread_;
};

}  // namespace runner
