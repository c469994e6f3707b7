#include "targets/schedule/cron_expression.h"

#include <array>
#include <bit>

#include "targets/schedule/cron_text.h"

namespace targets {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::months;
using std::chrono::year_month;
using std::chrono::year_month_day;

/// The bits from `low` upwards; `low` may be 64.
std::uint64_t BitsFrom(unsigned low) { return low >= 64 ? 0 : ~std::uint64_t{0} << low; }
/// The bits up to `high`, which is below 64.
std::uint64_t BitsUpTo(unsigned high) { return ~std::uint64_t{0} >> (63U - high); }

int Lowest(std::uint64_t bits) { return std::countr_zero(bits); }
int Highest(std::uint64_t bits) { return 63 - std::countl_zero(bits); }

unsigned LastDayOf(year_month month) {
  return static_cast<unsigned>(year_month_day{month / std::chrono::last}.day());
}

/// Weekdays (bit 0: Sunday) laid out over the days of a month (bit 1: the first), which begins on
/// `first_weekday`.
std::uint64_t SpreadWeekdays(std::uint64_t weekdays, unsigned first_weekday) {
  const std::uint64_t week =
      ((weekdays >> first_weekday) | (weekdays << (7U - first_weekday))) & 0x7FU;
  return (week | week << 7U | week << 14U | week << 21U | week << 28U) << 1U;
}

}  // namespace

Result<CronExpression> CronExpression::Parse(std::string_view text) {
  const Result<CronFields> fields = SplitCronText(text);
  if (!fields) return Fail(fields.error());
  CronExpression out;
  const std::array parts = {&out.minute_, &out.hour_, &out.day_of_month_, &out.month_,
                            &out.day_of_week_};
  constexpr std::array kKinds = {CronFieldKind::kMinute, CronFieldKind::kHour,
                                 CronFieldKind::kDayOfMonth, CronFieldKind::kMonth,
                                 CronFieldKind::kDayOfWeek};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Result<CronField> field = ParseCronField((*fields)[i], kKinds[i]);
    if (!field) return FailWithContext(QuoteCronText(text), field.error());
    *parts[i] = *field;
  }
  return out;
}

std::uint64_t CronExpression::DaysOf(year_month month) const {
  const auto first = std::chrono::weekday{local_days{month / 1}};
  const std::uint64_t by_weekday = SpreadWeekdays(day_of_week_.values, first.c_encoding());
  const bool either = !day_of_month_.starts_with_star && !day_of_week_.starts_with_star;
  const std::uint64_t matching =
      either ? day_of_month_.values | by_weekday : day_of_month_.values & by_weekday;
  return matching & BitsUpTo(LastDayOf(month));
}

bool CronExpression::HasMonth(month month) const {
  return ((month_.values >> static_cast<unsigned>(month)) & 1U) != 0;
}

bool CronExpression::Fires() const {
  if (!day_of_month_.starts_with_star && !day_of_week_.starts_with_star) return true;
  constexpr std::chrono::year kLeapYear{2000};  // every weekday falls on some 29 February, in time
  for (unsigned i = 1; i <= 12; ++i) {
    const year_month candidate{kLeapYear, month{i}};
    const std::uint64_t days_of_month = day_of_month_.values & BitsUpTo(LastDayOf(candidate));
    if (HasMonth(month{i}) && days_of_month != 0) return true;
  }
  return false;
}

std::optional<minutes> CronExpression::FirstTime(minutes from) const {
  const auto hour = static_cast<unsigned>(from.count() / 60);
  const auto minute = static_cast<unsigned>(from.count() % 60);
  if (((hour_.values >> hour) & 1U) != 0) {
    const std::uint64_t rest = minute_.values & BitsFrom(minute);
    if (rest != 0) return hours{hour} + minutes{Lowest(rest)};
  }
  const std::uint64_t later = hour_.values & BitsFrom(hour + 1);
  if (later == 0) return std::nullopt;
  return hours{Lowest(later)} + minutes{Lowest(minute_.values)};
}

std::optional<minutes> CronExpression::LastTime(minutes until) const {
  const auto hour = static_cast<unsigned>(until.count() / 60);
  const auto minute = static_cast<unsigned>(until.count() % 60);
  if (((hour_.values >> hour) & 1U) != 0) {
    const std::uint64_t rest = minute_.values & BitsUpTo(minute);
    if (rest != 0) return hours{hour} + minutes{Highest(rest)};
  }
  const std::uint64_t earlier = hour == 0 ? 0 : hour_.values & BitsUpTo(hour - 1);
  if (earlier == 0) return std::nullopt;
  return hours{Highest(earlier)} + minutes{Highest(minute_.values)};
}

std::optional<local_days> CronExpression::FirstDay(local_days from, local_days until) const {
  const year_month_day date{from};
  std::uint64_t wanted = BitsFrom(static_cast<unsigned>(date.day()));
  for (year_month month{date.year(), date.month()}; local_days{month / 1} <= until;
       month += months{1}) {
    const std::uint64_t found = HasMonth(month.month()) ? DaysOf(month) & wanted : 0;
    if (found != 0) {
      const local_days day = local_days{month / 1} + days{Lowest(found) - 1};
      return day <= until ? std::optional(day) : std::nullopt;
    }
    wanted = BitsFrom(0);
  }
  return std::nullopt;
}

std::optional<local_days> CronExpression::LastDay(local_days from, local_days until) const {
  const year_month_day date{until};
  std::uint64_t wanted = BitsUpTo(static_cast<unsigned>(date.day()));
  for (year_month month{date.year(), date.month()}; local_days{month / std::chrono::last} >= from;
       month -= months{1}) {
    const std::uint64_t found = HasMonth(month.month()) ? DaysOf(month) & wanted : 0;
    if (found != 0) {
      const local_days day = local_days{month / 1} + days{Highest(found) - 1};
      return day >= from ? std::optional(day) : std::nullopt;
    }
    wanted = BitsFrom(0);
  }
  return std::nullopt;
}

std::optional<CivilMinute> CronExpression::First(CivilMinute from, CivilMinute until) const {
  local_days start = std::chrono::floor<days>(from);
  const local_days end = std::chrono::floor<days>(until);
  minutes time = from - start;
  for (std::optional<local_days> day = FirstDay(start, end); day; day = FirstDay(start, end)) {
    if (const auto match = FirstTime(*day == start ? time : minutes{0})) {
      const CivilMinute found = *day + *match;
      return found <= until ? std::optional(found) : std::nullopt;
    }
    start = *day + days{1};
    time = minutes{0};
  }
  return std::nullopt;
}

std::optional<CivilMinute> CronExpression::Last(CivilMinute from, CivilMinute until) const {
  constexpr minutes kEndOfDay{24 * 60 - 1};
  const local_days start = std::chrono::floor<days>(from);
  local_days end = std::chrono::floor<days>(until);
  minutes time = until - end;
  for (std::optional<local_days> day = LastDay(start, end); day; day = LastDay(start, end)) {
    if (const auto match = LastTime(*day == end ? time : kEndOfDay)) {
      const CivilMinute found = *day + *match;
      return found >= from ? std::optional(found) : std::nullopt;
    }
    end = *day - days{1};
    time = kEndOfDay;
  }
  return std::nullopt;
}

}  // namespace targets
