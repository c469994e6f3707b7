#include "runner/history/since.h"

#include <fmt/format.h>

#include "targets/base/text.h"

namespace runner {
namespace {

using targets::UnixTime;

/// Where midnight falls into a clock change, an hour more or less does no harm.
UnixTime LocalMidnight(UnixTime utc_midnight, const targets::Zone& zone) {
  const UnixTime near = utc_midnight - zone.OffsetAt(utc_midnight);
  return utc_midnight - zone.OffsetAt(near);
}

}  // namespace

targets::Result<UnixTime> ParseSince(std::string_view text, UnixTime now,
                                     const targets::Zone& zone) {
  if (const auto length = targets::ParseDuration(text)) return now - *length;
  if (const auto day = targets::ParseRfc3339(std::string(text) + "T00:00:00Z"))
    return LocalMidnight(*day, zone);
  if (const auto instant = targets::ParseRfc3339(text)) return *instant;
  return targets::Fail(fmt::format("\"{}\" is no time", targets::OneLine(text, 40)),
                       "write a length of time like 7d, a day like 2026-11-20, or an instant like "
                       "2026-11-20T08:00:00Z");
}

}  // namespace runner
