#include "runner/net/connect.h"

#include <Poco/Error.h>
#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <thread>

#include "targets/base/text.h"

namespace runner {
namespace {

namespace net = Poco::Net;

constexpr int kChainDepth = 9;
constexpr std::chrono::milliseconds kStep{100};  // between two looks whether it is over

Poco::Timespan Remaining(const NetLimits& limits, std::chrono::milliseconds most) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      limits.deadline - std::chrono::steady_clock::now());
  constexpr std::chrono::milliseconds kLeast{1};
  return {std::max(std::min(left, most), kLeast).count() * 1000};
}

void ThrowIfOver(const NetLimits& limits, const Stopped& stopped) {
  if (stopped && stopped()) throw Poco::TimeoutException("stopped");
  if (std::chrono::steady_clock::now() >= limits.deadline)
    throw Poco::TimeoutException("no answer in time");
}

std::vector<net::IPAddress> AskTheSystem(const std::string& host) {
  return net::DNS::resolve(host).addresses();
}

[[noreturn]] void ThrowRefusal(int error, const net::SocketAddress& address) {
  if (error == ECONNREFUSED) throw net::ConnectionRefusedException(address.toString());
  throw net::NetException(Poco::Error::getMessage(error), address.toString());
}

net::StreamSocket ConnectTo(const net::SocketAddress& address, const NetLimits& limits,
                            const Stopped& stopped) {
  const NetLimits mine{
      std::min(limits.deadline, std::chrono::steady_clock::now() + limits.connect_timeout),
      limits.connect_timeout};
  net::StreamSocket socket;
  socket.connectNB(address);
  constexpr int kEvents = net::Socket::SELECT_WRITE | net::Socket::SELECT_ERROR;
  while (!socket.poll(Remaining(mine, kStep), kEvents)) ThrowIfOver(mine, stopped);
  if (const int error = socket.impl()->socketError(); error != 0) ThrowRefusal(error, address);
  socket.setBlocking(true);
  return socket;
}

}  // namespace

std::vector<net::IPAddress> ResolveHost(const std::string& host, const NetLimits& limits,
                                        const Stopped& stopped, const Resolver& resolver) {
  std::promise<std::vector<net::IPAddress>> promise;
  std::future<std::vector<net::IPAddress>> answer = promise.get_future();
  std::thread([host, resolver, promise = std::move(promise)]() mutable {
    try {
      promise.set_value(resolver(host));
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
  }).detach();
  constexpr std::chrono::milliseconds kNow{0};
  while (answer.wait_for(kNow) != std::future_status::ready) {
    ThrowIfOver(limits, stopped);
    answer.wait_for(kStep);
  }
  return answer.get();
}

net::StreamSocket ConnectSocket(const std::string& host, std::uint16_t port,
                                const NetLimits& limits, const Stopped& stopped) {
  const auto addresses = ResolveHost(host, limits, stopped, AskTheSystem);
  if (addresses.empty()) throw net::NoAddressFoundException(host);
  net::StreamSocket socket;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    try {
      socket = ConnectTo(net::SocketAddress(addresses[i], port), limits, stopped);
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

std::optional<HttpError> UntrustedCertificate(const Poco::Exception& exception,
                                              const std::string& host) {
  const std::string text = exception.displayText();
  const bool untrusted = dynamic_cast<const net::CertificateValidationException*>(&exception) ||
                         dynamic_cast<const net::InvalidCertificateException*>(&exception) ||
                         text.find("certificate verify failed") != std::string::npos;
  if (!untrusted) return std::nullopt;
  return HttpError{
      HttpError::Kind::kUntrusted,
      targets::OneLine(fmt::format("the certificate of {} is not trusted ({})", host, text), 300)};
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
