#include "runner/net/https_transport.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <istream>
#include <memory>
#include <ostream>

#include "runner/net/connect.h"
#include "runner/net/route.h"
#include "runner/net/watchdog.h"
#include "targets/base/text.h"

namespace runner {
namespace {

namespace net = Poco::Net;
using Kind = HttpError::Kind;
using Session = net::HTTPClientSession;

tl::unexpected<HttpError> Fail(Kind kind, std::string_view message) {
  return tl::unexpected<HttpError>(HttpError{kind, targets::OneLine(message, 300)});
}

/// How to get to a server.
struct Route {
  HttpUrl url;
  std::optional<HttpProxy> proxy;
  std::string certificates;

  /// Who is connected to: "127.0.0.1:3128, the proxy", "api.example.com:443".
  [[nodiscard]] std::string Peer() const {
    return proxy ? fmt::format("{}:{}, the proxy", proxy->host, proxy->port)
                 : fmt::format("{}:{}", url.host, url.port);
  }
};

HttpError Explain(const Poco::Exception& exception, const Route& route) {
  if (auto untrusted = UntrustedCertificate(exception, route.url.host))
    return *std::move(untrusted);
  if (dynamic_cast<const Poco::TimeoutException*>(&exception))
    return {Kind::kTimeout, fmt::format("{} does not answer in time", route.Peer())};
  if (dynamic_cast<const net::MessageException*>(&exception))
    return {Kind::kReply, fmt::format("{} does not answer in HTTP", route.Peer())};
  return {Kind::kUnreachable,
          targets::OneLine(
              fmt::format("cannot talk to {} ({})", route.Peer(), exception.displayText()), 300)};
}

/// Runs one request on one connection. Poco's exceptions leave it.
class Exchange {
 public:
  using Time = Watchdog::Time;

  Exchange(const HttpRequest& request, const Route& route, Stopped stopped)
      : request_(request),
        route_(route),
        stopped_(std::move(stopped)),
        deadline_(std::chrono::steady_clock::now() + request.timeout) {}

  HttpResult Run() {
    Connect();
    const Watchdog watchdog(socket_.impl()->sockfd(), deadline_, stopped_);
    HttpResult result = [&]() -> HttpResult {
      try {
        return Talk();
      } catch (const Poco::Exception& exception) {
        return tl::unexpected<HttpError>(Explain(exception, route_));
      }
    }();
    if (result) return result;
    if (watchdog.bite() == Watchdog::Bite::kStopped) return Fail(Kind::kStopped, "stopped");
    if (watchdog.bite() == Watchdog::Bite::kTimeout) {
      return Fail(Kind::kTimeout, fmt::format("{} gave no whole answer within {} seconds",
                                              route_.Peer(), request_.timeout.count() / 1000));
    }
    return result;
  }

 private:
  void Connect() {
    const auto& host = route_.proxy ? route_.proxy->host : route_.url.host;
    const auto port = route_.proxy ? route_.proxy->port : route_.url.port;
    socket_ = ConnectSocket(host, port, {deadline_, request_.connect_timeout}, stopped_);
  }

  HttpResult Talk() {
    if (!route_.url.tls) {
      Session session(socket_);
      return Send(session);
    }
    if (route_.proxy) {
      if (auto refused = OpenTunnel()) return tl::unexpected<HttpError>(*std::move(refused));
    }
    const auto context = MakeClientContext(route_.certificates);
    if (!context) return tl::unexpected<HttpError>(context.error());
    Session session(net::SecureStreamSocket::attach(socket_, route_.url.host, *context));
    return Send(session);
  }

  /// nullopt: from here on the socket leads to the server.
  std::optional<HttpError> OpenTunnel() {
    const std::string target = fmt::format("{}:{}", route_.url.host, route_.url.port);
    Session session(socket_);
    session.setKeepAlive(true);
    net::HTTPRequest connect("CONNECT", target, net::HTTPMessage::HTTP_1_1);
    connect.set("Host", target);
    if (!route_.proxy->authorization.empty())
      connect.set("Proxy-Authorization", route_.proxy->authorization);
    session.sendRequest(connect);
    net::HTTPResponse response;
    session.receiveResponse(response);
    session.detachSocket();
    if (response.getStatus() == net::HTTPResponse::HTTP_OK) return std::nullopt;
    return HttpError{
        Kind::kProxy,
        targets::OneLine(fmt::format("{} refuses to connect to {} ({} {})", route_.Peer(), target,
                                     static_cast<int>(response.getStatus()), response.getReason()),
                         300)};
  }

  HttpResult Send(Session& session) {
    const bool whole = route_.proxy && !route_.url.tls;  // a proxy for http:// wants it whole
    net::HTTPRequest head(request_.method, whole ? request_.url : route_.url.target,
                          net::HTTPMessage::HTTP_1_1);
    head.setHost(route_.url.host, route_.url.port);
    head.setKeepAlive(false);
    if (whole && !route_.proxy->authorization.empty())
      head.set("Proxy-Authorization", route_.proxy->authorization);
    for (const auto& [name, value] : request_.headers) head.set(name, value);
    if (!request_.body.empty() || request_.method != "GET")
      head.setContentLength64(static_cast<Poco::Int64>(request_.body.size()));
    session.sendRequest(head) << request_.body << std::flush;
    return Receive(session);
  }

  HttpResult Receive(Session& session) {
    net::HTTPResponse head;
    std::istream& stream = session.receiveResponse(head);
    HttpResponse response{.status = static_cast<int>(head.getStatus())};
    for (const auto& [name, value] : head) {
      std::string lower = name;
      std::ranges::transform(lower, lower.begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      response.headers[lower] = value;
    }
    std::array<char, 8192> part{};
    while (stream.read(part.data(), part.size()) || stream.gcount() > 0) {
      response.body.append(part.data(), static_cast<std::size_t>(stream.gcount()));
      if (response.body.size() > request_.reply_limit) {
        return Fail(Kind::kReply, fmt::format("the answer of {} is larger than {} bytes",
                                              route_.url.host, request_.reply_limit));
      }
    }
    if (const Poco::Exception* broken = session.networkException()) broken->rethrow();
    if (head.hasContentLength() &&
        static_cast<Poco::Int64>(response.body.size()) < head.getContentLength64())
      return Fail(Kind::kUnreachable,
                  fmt::format("{} broke off in the middle of its answer", route_.url.host));
    return response;
  }

  const HttpRequest& request_;
  const Route& route_;
  Stopped stopped_;
  Time deadline_;
  net::StreamSocket socket_;
};

}  // namespace

HttpResult HttpsTransport::Send(const HttpRequest& request, const Stopped& stopped) {
  auto url = ParseHttpUrl(request.url);
  if (!url) return Fail(Kind::kReply, url.error().message);
  auto proxy = ProxyFor(*url, environment_);
  if (!proxy) return Fail(Kind::kProxy, proxy.error().message + "; " + proxy.error().hint);
  const Route route{*std::move(url), *std::move(proxy), TrustedCertificates(environment_, files_)};
  try {
    return Exchange(request, route, stopped).Run();
  } catch (const Poco::Exception& exception) {
    return tl::unexpected<HttpError>(Explain(exception, route));
  } catch (const std::exception& exception) {
    return Fail(Kind::kUnreachable,
                fmt::format("cannot talk to {} ({})", route.Peer(), exception.what()));
  }
}

}  // namespace runner
