#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace targets {

/// The names of the IANA database, release 2026f, in alphabetical order. For hints only: whether a
/// zone exists is decided by the database of the machine.
std::vector<std::string_view> KnownZoneNames();

/// The known zone name that `word` most probably means: a spelling near it, another case, or its
/// city alone ("berlin" is Europe/Berlin).
std::optional<std::string> NearestZoneName(std::string_view word);

}  // namespace targets
