#include "targets/retention/within.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "targets/base/text.h"

namespace targets {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::local_seconds;

constexpr int kMostYears = 1000;
constexpr const char* kHint =
    "write years, months, days and hours, like 1y6m, 30d or 36h; `m` is months";

tl::unexpected<Error> NotASpan(std::string_view text, std::string_view why,
                               const std::string& hint = kHint) {
  return Fail(fmt::format("\"{}\" {}", OneLine(text, 40), why), hint);
}

/// The field of a unit's letter and the most of it that makes sense.
struct Unit {
  int Within::*field;
  int most;
};

std::optional<Unit> UnitOf(char letter) {
  switch (letter) {
    case 'y':
      return Unit{&Within::years, kMostYears};
    case 'm':
      return Unit{&Within::months, kMostYears * 12};
    case 'd':
      return Unit{&Within::days, kMostYears * 366};
    case 'h':
      return Unit{&Within::hours, kMostYears * 366 * 24};
    default:
      return std::nullopt;
  }
}

/// Where the civil time of an instant is moved to, still as civil time; hours not counted.
local_seconds MoveDate(local_seconds civil, const Within& within) {
  const local_days day = std::chrono::floor<days>(civil);
  const std::chrono::year_month_day date{day};
  const std::chrono::year_month month = date.year() / date.month() -
                                        std::chrono::months{within.months} -
                                        std::chrono::years{within.years};
  const days into_month{static_cast<int>(static_cast<unsigned>(date.day())) - 1 - within.days};
  return local_days{month / 1} + into_month + (civil - day);
}

}  // namespace

Result<Within> ParseWithin(std::string_view text) {
  constexpr int kLarge = 100'000'000;
  if (text.empty()) return NotASpan(text, "is not a span of time");
  Within within;
  std::string seen;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t first_digit = at;
    int number = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      number = std::min(number * 10 + (text[at] - '0'), kLarge);
    }
    if (at == first_digit || at == text.size()) return NotASpan(text, "is not a span of time");
    const char letter = text[at];
    if (letter == 'w')
      return NotASpan(text, "has weeks, which restic does not know", "write 14d for two weeks");
    const std::optional<Unit> unit = UnitOf(letter);
    if (!unit) return NotASpan(text, "is not a span of time");
    if (seen.find(letter) != seen.npos)
      return NotASpan(text, fmt::format("has \"{}\" twice", letter));
    if (number > unit->most) return NotASpan(text, "is longer than a thousand years");
    seen += letter;
    within.*unit->field = number;
  }
  if (within == Within{})
    return NotASpan(text, "is zero and would keep nothing", "leave the rule out");
  return within;
}

std::string FormatWithin(const Within& within) {
  std::string out;
  if (within.years != 0) out += fmt::format("{}y", within.years);
  if (within.months != 0) out += fmt::format("{}m", within.months);
  if (within.days != 0) out += fmt::format("{}d", within.days);
  if (within.hours != 0) out += fmt::format("{}h", within.hours);
  return out;
}

UnixTime MoveBack(UnixTime time, const Within& within, Duration offset) {
  const local_seconds moved = MoveDate(local_seconds{time.time_since_epoch() + offset}, within);
  return UnixTime{moved.time_since_epoch() - offset} - std::chrono::hours{within.hours};
}

UnixTime MoveBack(UnixTime time, const Within& within, const Zone& zone) {
  const local_seconds moved =
      MoveDate(local_seconds{time.time_since_epoch() + zone.OffsetAt(time)}, within);
  // Go guesses the offset by reading the civil time as UTC, and corrects the guess once.
  const UnixTime as_utc{moved.time_since_epoch()};
  const UnixTime guess = as_utc - zone.OffsetAt(as_utc);
  return as_utc - zone.OffsetAt(guess) - std::chrono::hours{within.hours};
}

}  // namespace targets
