#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "targets/base/result.h"
#include "targets/schedule/cron_field.h"

namespace targets {

/// A minute as clocks on the wall show it, without a zone.
using CivilMinute = std::chrono::local_time<std::chrono::minutes>;

/// The civil minutes that a cron expression of five fields names: minute, hour, day of month,
/// month, day of week. Also @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually.
/// Immutable; no zone, no clock. Days as in Vixie cron: with both day fields restricted one of them
/// has to match; with one that starts with `*` both have to (so `*/2` in one still counts, and a
/// plain `*` matches every day).
class CronExpression {
 public:
  static constexpr std::size_t kMaxLength = 1000;

  /// The error's message starts with the quoted expression: `"61 * * * *": minute 61 is not in
  /// 0-59`.
  static Result<CronExpression> Parse(std::string_view text);

  /// False if no date of any year matches, like 30 February.
  [[nodiscard]] bool Fires() const;
  /// True if the hour field starts with `*`: then clock changes are followed, not made up for.
  [[nodiscard]] bool FollowsTheClock() const { return hour_.starts_with_star; }

  /// The first match in [from, until], by fields: a day's search costs nanoseconds, forty years'
  /// microseconds.
  [[nodiscard]] std::optional<CivilMinute> First(CivilMinute from, CivilMinute until) const;
  /// The last match in [from, until].
  [[nodiscard]] std::optional<CivilMinute> Last(CivilMinute from, CivilMinute until) const;

  bool operator==(const CronExpression&) const = default;

 private:
  CronExpression() = default;

  [[nodiscard]] std::uint64_t DaysOf(std::chrono::year_month month) const;
  [[nodiscard]] bool HasMonth(std::chrono::month month) const;
  [[nodiscard]] std::optional<std::chrono::minutes> FirstTime(std::chrono::minutes from) const;
  [[nodiscard]] std::optional<std::chrono::minutes> LastTime(std::chrono::minutes until) const;
  [[nodiscard]] std::optional<std::chrono::local_days> FirstDay(
      std::chrono::local_days from, std::chrono::local_days until) const;
  [[nodiscard]] std::optional<std::chrono::local_days> LastDay(std::chrono::local_days from,
                                                               std::chrono::local_days until) const;

  CronField minute_;
  CronField hour_;
  CronField day_of_month_;
  CronField month_;
  CronField day_of_week_;
};

}  // namespace targets
