#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace targets {

/// The known zone name that `word` most probably means: a spelling near it, another case, or its
/// city alone
/// ("berlin" is Europe/Berlin). The list is the one of the IANA database, release 2026f, and serves
/// for hints only: whether a zone exists is decided by the database of the machine.
std::optional<std::string> NearestZoneName(std::string_view word);

}  // namespace targets
