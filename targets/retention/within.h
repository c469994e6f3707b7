#pragma once

#include <string>
#include <string_view>

#include "targets/base/result.h"
#include "targets/base/time.h"
#include "targets/schedule/zone.h"

namespace targets {

/// A span on the calendar, as restic's `--keep-within` counts it.
struct Within {
  int years = 0;
  int months = 0;
  int days = 0;
  int hours = 0;

  bool operator==(const Within&) const = default;
};

/// Reads "6y5m234d37h": years, months, days, hours, in any order, each at most once, each at most a
/// thousand years. Errors: anything else, and a span of zero (restic would take it for "off").
Result<Within> ParseWithin(std::string_view text);

/// The inverse: "1y6m", "30d".
std::string FormatWithin(const Within& within);

/// `time` moved back by `within`, as Go's Time.AddDate does for a time in `zone`: first the date on
/// the calendar (31 March less a month is 31 February, that is 3 March), keeping the clock time,
/// then the hours in real time. Clock times that the zone skips or repeats are read as Go does.
UnixTime MoveBack(UnixTime time, const Within& within, const Zone& zone);

/// The same on a clock that is always `offset` east of UTC.
UnixTime MoveBack(UnixTime time, const Within& within, Duration offset);

}  // namespace targets
