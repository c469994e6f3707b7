#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "targets/base/result.h"

namespace targets {

/// A point of real time in whole UTC seconds.
using UnixTime = std::chrono::sys_seconds;
/// A length of time in whole seconds.
using Duration = std::chrono::seconds;

inline UnixTime FromUnixSeconds(long long seconds) { return UnixTime{Duration{seconds}}; }
inline long long ToUnixSeconds(UnixTime time) { return time.time_since_epoch().count(); }

/// "2026-11-23T03:25:36Z". Years 0 to 9999.
std::string FormatRfc3339(UnixTime time);

/// RFC 3339 with any offset; fractions of a second are cut off. `2026-11-23T03:25:36.9+01:00` is
/// 02:25:36 UTC.
Result<UnixTime> ParseRfc3339(std::string_view text);

/// "1h30m", "5m", "400d", "2w", "90" (seconds). Units s, m, h, d, w, largest first, each once.
/// Error for anything else.
Result<Duration> ParseDuration(std::string_view text);

/// The inverse of ParseDuration, at most two units: "1h30m", "6h", "0s".
std::string FormatDuration(Duration duration);

}  // namespace targets
