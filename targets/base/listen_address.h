#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "targets/base/result.h"

namespace targets {

/// Where a server waits for connections: an address of this machine and a port.
struct ListenAddress {
  std::string host = "127.0.0.1";  // an IP address as text
  std::uint16_t port = 8787;       // 0: any free one

  bool operator==(const ListenAddress&) const = default;
};

/// "127.0.0.1:8787", "[::1]:8787", "0.0.0.0:8787", "localhost:80"; without ":port" it is 8787.
/// Errors: a name other than localhost, which may mean another machine tomorrow.
Result<ListenAddress> ParseListenAddress(std::string_view text);

/// The inverse: always with a port, IPv6 in brackets.
std::string FormatListenAddress(const ListenAddress& address);

/// True if only programs of this machine can reach it.
bool IsLoopback(const ListenAddress& address);

}  // namespace targets
