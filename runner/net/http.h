#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <tl/expected.hpp>

namespace runner {

struct HttpRequest {
  std::string method = "GET";
  std::string url;                                  // https://host[:port]/path, or http://
  std::map<std::string, std::string> headers = {};  // beside Host and Content-Length
  std::string body = {};
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds timeout{30'000};  // from the first byte to the last, connecting too
  std::size_t reply_limit = std::size_t{1} << 20;
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers = {};  // names in lower case; the last of each
  std::string body = {};

  bool operator==(const HttpResponse&) const = default;
};

/// Why there was no response at all.
struct HttpError {
  enum class Kind {
    kUnreachable,  // no address, refused, broken off
    kTimeout,
    kUntrusted,  // the server's certificate, or what it should be checked with
    kProxy,      // it refused, or is of a kind that is not known
    kReply,      // larger than allowed, or not HTTP
    kStopped,
  };
  Kind kind = Kind::kUnreachable;
  std::string message;  // one line; names the host, no secret

  bool operator==(const HttpError&) const = default;
};

using HttpResult = tl::expected<HttpResponse, HttpError>;

/// Asked again and again while a request lasts: true ends it.
using Stopped = std::function<bool()>;

/// Sends one request and waits for the whole response. Retries nothing, follows no redirection.
/// Thread-safe.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual HttpResult Send(const HttpRequest& request, const Stopped& stopped) = 0;
};

}  // namespace runner
