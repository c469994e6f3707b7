#include "targets/base/time.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace targets {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

/// Reads exactly `width` digits at `at`; -1 if there is anything else.
int Digits(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool CharAt(std::string_view text, std::size_t at, std::string_view any_of) {
  return at < text.size() && any_of.find(text[at]) != std::string_view::npos;
}

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array kUnits = {Unit{'w', 7 * 86400}, Unit{'d', 86400}, Unit{'h', 3600},
                               Unit{'m', 60}, Unit{'s', 1}};
constexpr std::int64_t kMaxSeconds = std::int64_t{1000} * 366 * 86400;  // a thousand years

tl::unexpected<Error> NotATime(std::string_view text) {
  return Fail(fmt::format("\"{}\" is not a time in RFC 3339 form", text),
              "write it like 2026-11-23T03:25:36Z or 2026-11-23T03:25:36+01:00");
}

tl::unexpected<Error> NotADuration(std::string_view text) {
  return Fail(fmt::format("\"{}\" is not a duration", text),
              "write a number with s, m, h, d or w, like 30m, 6h or 1h30m");
}

}  // namespace

std::string FormatRfc3339(UnixTime time) {
  const auto day = std::chrono::floor<days>(time);
  const year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

Result<UnixTime> ParseRfc3339(std::string_view text) {
  const int year = Digits(text, 0, 4);
  const int month = Digits(text, 5, 2);
  const int day = Digits(text, 8, 2);
  const int hour = Digits(text, 11, 2);
  const int minute = Digits(text, 14, 2);
  const int second = Digits(text, 17, 2);
  const bool punctuated = CharAt(text, 4, "-") && CharAt(text, 7, "-") && CharAt(text, 10, "Tt ") &&
                          CharAt(text, 13, ":") && CharAt(text, 16, ":");
  const year_month_day date{std::chrono::year{year},
                            std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  if (!punctuated || year < 0 || month < 0 || day < 0 || !date.ok()) return NotATime(text);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return NotATime(text);

  std::size_t at = 19;
  if (CharAt(text, at, ".")) {
    const std::size_t first = ++at;
    while (CharAt(text, at, "0123456789")) ++at;
    if (at == first) return NotATime(text);
  }
  const UnixTime local = sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                         std::chrono::seconds{second};
  if (CharAt(text, at, "Zz") && at + 1 == text.size()) return local;
  if (!CharAt(text, at, "+-") || !CharAt(text, at + 3, ":") || at + 6 != text.size())
    return NotATime(text);
  const int offset_hours = Digits(text, at + 1, 2);
  const int offset_minutes = Digits(text, at + 4, 2);
  if (offset_hours < 0 || offset_hours > 23 || offset_minutes < 0 || offset_minutes > 59)
    return NotATime(text);
  const Duration offset = std::chrono::hours{offset_hours} + std::chrono::minutes{offset_minutes};
  return text[at] == '+' ? local - offset : local + offset;
}

Result<Duration> ParseDuration(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  if (at == end) return NotADuration(text);
  while (at != end) {
    std::int64_t number = 0;
    const auto [after, error] = std::from_chars(at, end, number);
    if (error != std::errc{} || number < 0) return NotADuration(text);
    std::size_t unit = next_unit;
    if (after == end && total == 0 && next_unit == 0) {
      unit = kUnits.size() - 1;  // a bare number counts seconds
    } else {
      while (unit < kUnits.size() && (after == end || kUnits[unit].letter != *after)) ++unit;
    }
    if (unit == kUnits.size() || number > kMaxSeconds / kUnits[unit].seconds)
      return NotADuration(text);
    total += number * kUnits[unit].seconds;
    next_unit = unit + 1;
    at = after == end ? end : after + 1;
  }
  if (total > kMaxSeconds) return NotADuration(text);
  return Duration{total};
}

std::string FormatDuration(Duration duration) {
  if (duration.count() < 0) return "-" + FormatDuration(-duration);
  std::string out;
  std::int64_t rest = duration.count();
  int units = 0;
  for (const Unit& unit : kUnits) {
    if (unit.letter == 'w') continue;  // "14d" is easier to compare than "2w"
    const std::int64_t count = rest / unit.seconds;
    rest %= unit.seconds;
    if (count == 0) {
      if (units == 1) break;
      continue;
    }
    out += fmt::format("{}{}", count, unit.letter);
    if (++units == 2) break;
  }
  return out.empty() ? "0s" : out;
}

}  // namespace targets
