#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "runner/base/file_system.h"
#include "targets/base/result.h"

namespace runner {

/// The parts of an address that a request needs.
struct HttpUrl {
  bool tls = true;
  std::string host;
  std::uint16_t port = 443;
  std::string target = "/";  // path and query

  bool operator==(const HttpUrl&) const = default;
};

/// Errors: neither http:// nor https://, or no host. They do not repeat the address, which may hold
/// a secret.
targets::Result<HttpUrl> ParseHttpUrl(const std::string& url);

/// True for "localhost" and the addresses of this machine itself.
bool IsLoopback(std::string_view host);

struct HttpProxy {
  std::string host;
  std::uint16_t port = 80;
  std::string authorization = {};  // of the header Proxy-Authorization; empty: none

  bool operator==(const HttpProxy&) const = default;
};

/// The proxy for that address, as restic would choose it: HTTPS_PROXY (or HTTP_PROXY for http://),
/// else the same in lower case, unless NO_PROXY names the host. This machine itself is never asked
/// through a proxy. nullopt: none. Errors: it is no http:// proxy. Ranges of addresses in NO_PROXY
/// (10.0.0.0/8) are not known.
targets::Result<std::optional<HttpProxy>> ProxyFor(
    const HttpUrl& url, const std::map<std::string, std::string>& environment);

/// The file (or folder) of the certificates that are trusted: SSL_CERT_FILE, else SSL_CERT_DIR,
/// else the usual bundle of the system; empty: those that are built in.
std::string TrustedCertificates(const std::map<std::string, std::string>& environment,
                                FileSystem& files);

}  // namespace runner
