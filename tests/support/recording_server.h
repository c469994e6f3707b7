#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace runner::testing {

/// A web server on this machine that keeps what it is asked, and answers what a test tells it.
/// Thread-safe. The destructor ends it.
class RecordingServer {
 public:
  struct Request {
    std::string method;
    std::string path;                            // with its query
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
  };
  /// PEM files; with them it speaks HTTPS.
  struct Certificate {
    std::string file;
    std::string key_file;
  };

  RecordingServer() : RecordingServer(Certificate{}) {}
  explicit RecordingServer(const Certificate& certificate);
  ~RecordingServer();
  RecordingServer(const RecordingServer&) = delete;
  RecordingServer& operator=(const RecordingServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// "http://127.0.0.1:4711" (https:// with a certificate).
  [[nodiscard]] std::string url() const;

  [[nodiscard]] std::vector<Request> requests() const;
  /// "POST /path" of each, in order.
  [[nodiscard]] std::vector<std::string> lines() const;

  /// From now on. A redirection leads to /elsewhere.
  void Answer(int status, const std::string& body = "");
  /// From now on requests are read and not answered until the end.
  void Hang();

  struct State;  // for the implementation

 private:
  struct Server;

  std::shared_ptr<State> state_;
  std::unique_ptr<Server> server_;
  std::string scheme_;
};

}  // namespace runner::testing
