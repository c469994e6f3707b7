#include "runner/net/connect.h"

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/NetException.h>
#include <fmt/format.h>

#include <algorithm>

#include "targets/base/text.h"

namespace runner {
namespace {

namespace net = Poco::Net;

constexpr int kChainDepth = 9;

Poco::Timespan Remaining(const NetLimits& limits, std::chrono::milliseconds most) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      limits.deadline - std::chrono::steady_clock::now());
  constexpr std::chrono::milliseconds kLeast{1};
  return {std::max(std::min(left, most), kLeast).count() * 1000};
}

}  // namespace

net::StreamSocket ConnectSocket(const std::string& host, std::uint16_t port,
                                const NetLimits& limits, const Stopped& stopped) {
  const auto addresses = net::DNS::resolve(host).addresses();
  if (addresses.empty()) throw net::NoAddressFoundException(host);
  net::StreamSocket socket;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    try {
      socket = net::StreamSocket();
      socket.connect(net::SocketAddress(addresses[i], port),
                     Remaining(limits, limits.connect_timeout));
      break;
    } catch (const Poco::Exception&) {
      if (i + 1 == addresses.size() || (stopped && stopped())) throw;
    }
  }
  const Poco::Timespan left = Remaining(limits, std::chrono::milliseconds::max());
  socket.setReceiveTimeout(left);
  socket.setSendTimeout(left);
  return socket;
}

tl::expected<net::Context::Ptr, HttpError> MakeClientContext(const std::string& certificates) {
  try {
    net::Context::Ptr context(new net::Context(net::Context::TLS_CLIENT_USE, "", "", certificates,
                                               net::Context::VERIFY_STRICT, kChainDepth,
                                               certificates.empty()));
    context->requireMinimumProtocol(net::Context::PROTO_TLSV1_2);
    return context;
  } catch (const Poco::Exception& exception) {
    return tl::unexpected<HttpError>(HttpError{
        HttpError::Kind::kUntrusted,
        targets::OneLine(
            fmt::format("the trusted certificates cannot be read ({})", exception.displayText()),
            300)});
  }
}

}  // namespace runner
