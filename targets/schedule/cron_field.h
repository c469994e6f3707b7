#pragma once

#include <cstdint>
#include <string_view>

#include "targets/base/result.h"

namespace targets {

enum class CronFieldKind { kMinute, kHour, kDayOfMonth, kMonth, kDayOfWeek };

/// The values that one field of a cron expression allows.
struct CronField {
  std::uint64_t values = 0;       // bit n: the value n; Sunday is bit 0 only
  bool starts_with_star = false;  // cron's mark of "not restricted", also for `*/2`

  bool operator==(const CronField&) const = default;
};

/// Reads `*`, `5`, `1-5`, `*/15`, `10-40/10`, names (`jan`, `MON`), and lists of these. As in Vixie
/// cron, a step needs a `*` or a range before it, a range does not wrap around, and 7 is Sunday.
/// Unlike there, what cron silently ignores (a step after a single value, a step longer than the
/// field) is an error. The error's message names the field: "minute 61 is not in 0-59".
Result<CronField> ParseCronField(std::string_view text, CronFieldKind kind);

}  // namespace targets
