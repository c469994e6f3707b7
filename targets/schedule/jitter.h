#pragma once

#include <cstdint>
#include <string_view>

#include "targets/base/time.h"

namespace targets {

/// The same number for the same text on every machine and in every version (FNV-1a, 64 bits, then a
/// final mix so that texts which differ in their last character only spread too): jitter must not
/// move by an upgrade.
std::uint64_t StableHash(std::string_view text);

/// How much later than its schedule `seed` runs: 0 to `jitter`, both included. Zero or less: no
/// jitter.
Duration JitterOffset(std::string_view seed, Duration jitter);

}  // namespace targets
