#include "runner/http/exchange.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <poll.h>

#include <optional>
#include <string_view>

#include "targets/base/text.h"

namespace runner {
namespace {

using Poco::Net::HTTPMessage;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

Response Refuse(int status, const char* why) {
  return {.status = status, .type = "text/plain; charset=utf-8", .body = std::string(why) + "\n"};
}

std::optional<Method> MethodOf(const std::string& name) {
  if (name == "GET") return Method::kGet;
  if (name == "HEAD") return Method::kHead;
  if (name == "POST") return Method::kPost;
  return std::nullopt;
}

std::string LowerUntil(std::string_view text, char end) {
  std::string out(targets::TrimSpace(text.substr(0, text.find(end))));
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

void ReadHeaders(const HTTPServerRequest& from, Request& request) {
  request.authority = from.get("Host", "");
  request.host = HostOf(request.authority);
  request.origin = from.get("Origin", "");
  request.content_type = LowerUntil(from.get("Content-Type", ""), ';');
  request.session = ReadCookie(from.get("Cookie", ""), kSessionCookie);
  const std::string authorization = from.get("Authorization", "");
  constexpr std::string_view kBearer = "Bearer ";
  if (authorization.starts_with(kBearer))
    request.authorization = authorization.substr(kBearer.size());
}

/// The refusal of a body that is too long or of unknown length.
std::optional<Response> ReadBody(HTTPServerRequest& from, Request& request) {
  if (from.getChunkedTransferEncoding() || !from.hasContentLength())
    return Refuse(411, "The request must say how long it is.");
  const auto length = from.getContentLength64();
  if (length < 0 || length > static_cast<Poco::Int64>(kLongestBody))
    return Refuse(413, "The request is too long.");
  request.body.resize(static_cast<std::size_t>(length));
  from.stream().read(request.body.data(), static_cast<std::streamsize>(length));
  if (from.stream().gcount() != length) return Refuse(400, "The request is cut off.");
  return std::nullopt;
}

class Exchange final : public Poco::Net::HTTPRequestHandler {
 public:
  Exchange(const std::function<Response(const Request&)>& answer,
           const std::function<bool(HTTPServerResponse&)>& stream)
      : answer_(answer), stream_(stream) {}

  void handleRequest(HTTPServerRequest& from, HTTPServerResponse& to) override {
    const Response response = Answer(from);
    if (response.stream && from.getMethod() == HTTPMessageGet()) {
      Fill(response, to);
      if (stream_(to)) return;
      return Send(Refuse(503, "There are too many readers already."), to);
    }
    Send(response, to);
  }

 private:
  static const std::string& HTTPMessageGet() { return Poco::Net::HTTPRequest::HTTP_GET; }

  [[nodiscard]] Response Answer(HTTPServerRequest& from) const {
    Request request;
    const auto method = MethodOf(from.getMethod());
    if (!method) return Refuse(405, "Only GET, HEAD and POST are known here.");
    auto destination = ParseDestination(from.getURI());
    if (!destination) return Refuse(400, "This address is malformed or too long.");
    request.method = *method;
    request.path = std::move(destination->path);
    request.query = std::move(destination->query);
    ReadHeaders(from, request);
    if (request.method == Method::kPost) {
      if (auto refusal = ReadBody(from, request)) return *std::move(refusal);
    }
    return answer_(request);
  }

  static void Fill(const Response& response, HTTPServerResponse& to) {
    to.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(response.status));
    to.setContentType(response.type);
    to.setKeepAlive(false);
    for (const auto& [name, value] : response.headers) to.add(name, value);
  }

  static void Send(const Response& response, HTTPServerResponse& to) {
    Fill(response, to);
    to.setContentLength64(static_cast<Poco::Int64>(response.body.size()));
    to.sendBuffer(response.body.data(), response.body.size());
  }

  const std::function<Response(const Request&)>& answer_;
  const std::function<bool(HTTPServerResponse&)>& stream_;
};

class Factory final : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  Factory(std::function<Response(const Request&)> answer,
          std::function<bool(HTTPServerResponse&)> stream)
      : answer_(std::move(answer)), stream_(std::move(stream)) {}

  Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
    return new Exchange(answer_, stream_);  // NOLINT: the library deletes it
  }

 private:
  std::function<Response(const Request&)> answer_;
  std::function<bool(HTTPServerResponse&)> stream_;
};

}  // namespace

void StreamEvents(HTTPServerResponse& response, int socket, std::chrono::milliseconds pause,
                  const std::function<std::string()>& event) {
  response.setChunkedTransferEncoding(false);
  std::ostream& out = response.send();
  std::string last;
  while (out.good()) {
    std::string now = event();
    if (!now.empty() && now != last) {
      out << now << std::flush;
      last = std::move(now);
    }
    // A client of events sends nothing more: whatever comes is its end.
    pollfd client{socket, POLLIN | POLLRDHUP, 0};
    if (poll(&client, 1, static_cast<int>(pause.count())) != 0) return;
  }
}

Poco::Net::HTTPRequestHandlerFactory::Ptr MakeExchange(
    std::function<Response(const Request&)> answer,
    std::function<bool(HTTPServerResponse&)> stream) {
  return new Factory(std::move(answer), std::move(stream));
}

}  // namespace runner
