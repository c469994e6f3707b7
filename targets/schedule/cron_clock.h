#pragma once

#include <optional>
#include <utility>

#include "targets/base/time.h"
#include "targets/schedule/cron_expression.h"
#include "targets/schedule/zone.h"

namespace targets {

/// A cron expression on the clock of a zone: civil minutes become instants. Immutable, thread-safe.
/// Clock changes, as cron(8) has it: each civil time of an ordinary expression happens once; those
/// that a change skips happen together at the instant of the change, those that it repeats in their
/// first pass. An expression whose hour field starts with `*` follows the clock as people see it:
/// in both passes, and nothing for what was skipped.
class CronClock {
 public:
  /// Search ends this far away: more than the 40 years that may lie between two 29 February of one
  /// weekday.
  static constexpr Duration kHorizon = std::chrono::days{41 * 366};

  CronClock(CronExpression expression, Zone zone)
      : expression_(expression), zone_(std::move(zone)) {}

  /// The first occurrence strictly after `after`; nullopt: none in 41 years. Knows the years 1 to
  /// 2349; outside them nothing occurs.
  [[nodiscard]] std::optional<UnixTime> Next(UnixTime after) const;
  /// The last occurrence at or before `at`; nullopt as above.
  [[nodiscard]] std::optional<UnixTime> Previous(UnixTime at) const;

 private:
  [[nodiscard]] CivilMinute NextBegin(UnixTime after, Duration offset) const;

  CronExpression expression_;
  Zone zone_;
};

}  // namespace targets
