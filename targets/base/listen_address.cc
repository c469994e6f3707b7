#include "targets/base/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

#include "targets/base/text.h"

namespace targets {
namespace {

bool IsAddress(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(family, text.c_str(), bytes.data()) == 1;
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return port;
}

/// The host and what stands behind it: nothing or ":port".
struct Parts {
  std::string host;
  std::string_view rest;
};

std::optional<Parts> SplitHost(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    Parts parts{std::string(text.substr(1, close - 1)), text.substr(close + 1)};
    if (!IsAddress(AF_INET6, parts.host)) return std::nullopt;
    return parts;
  }
  const std::size_t colon = text.find(':');
  Parts parts{std::string(text.substr(0, colon)),
              colon == std::string_view::npos ? std::string_view() : text.substr(colon)};
  if (parts.host == "localhost") parts.host = "127.0.0.1";
  if (!IsAddress(AF_INET, parts.host)) return std::nullopt;
  return parts;
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const auto wrong = [&] {
    return Fail(fmt::format("\"{}\" is no address to listen on", OneLine(text, 80)),
                "write an IP address and a port, like 127.0.0.1:8787, or off");
  };
  const auto parts = SplitHost(text);
  if (!parts) return wrong();
  ListenAddress address{parts->host};
  if (parts->rest.empty()) return address;
  const auto port = parts->rest.starts_with(':') ? ParsePort(parts->rest.substr(1)) : std::nullopt;
  if (!port) return wrong();
  address.port = *port;
  return address;
}

std::string FormatListenAddress(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", address.host, v6 ? "]" : "", address.port);
}

bool IsLoopback(const ListenAddress& address) {
  return address.host == "::1" || address.host.starts_with("127.");
}

}  // namespace targets
