#include "runner/net/route.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "runner/net/basic_authorization.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using Environment = std::map<std::string, std::string>;

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// The first of them that is set and not empty.
std::string Variable(const Environment& environment, const std::string& name) {
  for (const std::string& each : {name, Lower(name)}) {
    const auto found = environment.find(each);
    if (found != environment.end() && !found->second.empty()) return found->second;
  }
  return {};
}

/// "example.com" is for it and all below it, ".example.com" only for those below it.
bool Names(std::string_view entry, const HttpUrl& url) {
  if (entry == "*") return true;
  const std::size_t colon = entry.rfind(':');
  if (colon != std::string_view::npos && entry.find(':') == colon) {
    if (entry.substr(colon + 1) != std::to_string(url.port)) return false;
    entry = entry.substr(0, colon);
  }
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.empty()) return false;
  const std::string host = Lower(url.host);
  const std::string name = Lower(entry);
  if (name.front() == '.') return host.ends_with(name);
  return host == name || host.ends_with("." + name);
}

bool IsExcepted(const HttpUrl& url, const Environment& environment) {
  const std::string list = Variable(environment, "NO_PROXY");
  return std::ranges::any_of(targets::Split(list, ','), [&](std::string_view entry) {
    return Names(targets::TrimSpace(entry), url);
  });
}

}  // namespace

targets::Result<HttpUrl> ParseHttpUrl(const std::string& url) {
  try {
    const Poco::URI parsed(url);
    const bool tls = parsed.getScheme() == "https";
    if ((!tls && parsed.getScheme() != "http") || parsed.getHost().empty())
      return targets::Fail("it is no https:// address with a host");
    const std::string target = parsed.getPathAndQuery();
    return HttpUrl{tls, parsed.getHost(), parsed.getPort(), target.empty() ? "/" : target};
  } catch (const Poco::Exception&) {
    return targets::Fail("it is no address");
  }
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host.starts_with("127.") || host == "::1" || host == "[::1]";
}

targets::Result<std::optional<HttpProxy>> ProxyFor(const HttpUrl& url,
                                                   const Environment& environment) {
  const char* name = url.tls ? "HTTPS_PROXY" : "HTTP_PROXY";
  std::string text = Variable(environment, name);
  if (text.empty() || IsLoopback(url.host) || IsExcepted(url, environment)) return std::nullopt;
  if (text.find("://") == std::string::npos) text = "http://" + text;
  const auto fail = [&] {
    return targets::Fail(fmt::format("the proxy of {} is no http:// address", name),
                         fmt::format("write {}=http://HOST:PORT", name));
  };
  try {
    const Poco::URI parsed(text);
    if (parsed.getScheme() != "http" || parsed.getHost().empty()) return fail();
    HttpProxy proxy{parsed.getHost(), parsed.getPort(), {}};
    std::string user;
    Poco::URI::decode(parsed.getUserInfo(), user);
    if (!user.empty()) proxy.authorization = BasicAuthorization(user);
    return proxy;
  } catch (const Poco::Exception&) {
    return fail();
  }
}

std::string TrustedCertificates(const Environment& environment, FileSystem& files) {
  for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR"}) {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) return found->second;
  }
  constexpr std::array kBundles = {
      "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora
      "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/ssl/ca-bundle.pem",  // openSUSE
      "/etc/ssl/cert.pem",
  };
  for (const char* bundle : kBundles) {
    const auto info = files.Stat(bundle, LinkHandling::kFollow);
    if (info && info->has_value()) return bundle;
  }
  return {};
}

}  // namespace runner
