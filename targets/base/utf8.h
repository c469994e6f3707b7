#pragma once

#include <string>
#include <string_view>

namespace targets {

/// `text` as valid UTF-8: each byte that belongs to no character becomes U+FFFD. File names and
/// hand-written markers may hold anything; JSON may not.
std::string Utf8(std::string_view text);

}  // namespace targets
