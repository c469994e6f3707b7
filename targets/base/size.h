#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "targets/base/result.h"

namespace targets {

/// A number of bytes.
using Bytes = std::uint64_t;

/// "10GiB", "500 MB", "4096", "1.5GiB". KB, MB, ... count in thousands, KiB, MiB, ... (and K, M, G,
/// T) in 1024.
Result<Bytes> ParseSize(std::string_view text);

/// Bytes per second: ParseSize with "/s" behind it ("5MiB/s"); the "/s" may be left out.
Result<Bytes> ParseRate(std::string_view text);

/// For people: "0 B", "4.0 KiB", "1.5 GiB".
std::string FormatSize(Bytes bytes);

}  // namespace targets
