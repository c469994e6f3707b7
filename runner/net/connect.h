#pragma once

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runner/net/http.h"

namespace runner {

/// How long an exchange over the network may take.
struct NetLimits {
  std::chrono::steady_clock::time_point deadline;
  std::chrono::milliseconds connect_timeout{10'000};  // for each address of a host
};

/// Looks a host's addresses up. Throws Poco's exceptions.
using Resolver = std::function<std::vector<Poco::Net::IPAddress>(const std::string& host)>;

/// The addresses of `host`. A resolver that does not answer by the deadline, or while `stopped`
/// begins to say true, is left behind in a thread of its own: nothing can end it, and it ends when
/// the system gives the question up. Throws what `resolver` throws, or Poco::TimeoutException.
std::vector<Poco::Net::IPAddress> ResolveHost(const std::string& host, const NetLimits& limits,
                                              const Stopped& stopped, const Resolver& resolver);

/// A socket connected to the first address of `host` that answers, whose reads and writes end at
/// the deadline. Soon after `stopped` says true it is over. Throws Poco's exceptions.
Poco::Net::StreamSocket ConnectSocket(const std::string& host, std::uint16_t port,
                                      const NetLimits& limits, const Stopped& stopped);

/// What to say if `exception` comes of a certificate of `host` that nobody vouches for.
std::optional<HttpError> UntrustedCertificate(const Poco::Exception& exception,
                                              const std::string& host);

/// A context that checks certificate and host name against those trusted certificates (a file or
/// folder; empty: those that are built in), TLS 1.2 or later. Errors: they cannot be read.
tl::expected<Poco::Net::Context::Ptr, HttpError> MakeClientContext(const std::string& certificates);

}  // namespace runner
