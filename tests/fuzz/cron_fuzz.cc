// Any text is either refused with a message or gives occurrences that are in order, the same in
// both directions.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "targets/schedule/cron_clock.h"

namespace {

using targets::CronClock;
using targets::CronExpression;
using targets::Duration;
using targets::UnixTime;
using targets::Zone;

void Require(bool condition) {
  if (!condition) std::abort();
}

const Zone& ZoneOf(std::uint8_t choice) {
  static const std::array zones = {
      Zone(),
      *Zone::Load("Europe/Berlin"),
      *Zone::Load("Australia/Lord_Howe"),
      *Zone::Load("America/Havana"),
      *Zone::Load("Pacific/Apia"),
      *Zone::Load("Africa/Casablanca"),
  };
  return zones[choice % zones.size()];
}

void CheckOccurrences(const CronClock& clock, UnixTime start) {
  UnixTime at = start;
  for (int i = 0; i < 5; ++i) {
    const auto next = clock.Next(at);
    if (!next) return;
    Require(*next > at);
    Require(clock.Previous(*next) == next);
    Require(clock.Next(*next - Duration{1}) == next);
    const auto before = clock.Previous(*next - Duration{1});
    Require(!before || *before <= at);
    at = *next;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHead = 6;  // zone and start
  if (size < kHead) return 0;
  std::int64_t seconds = 0;
  for (std::size_t i = 1; i < kHead; ++i) seconds = seconds * 256 + data[i];
  std::string_view text;
  if (size > kHead) text = {reinterpret_cast<const char*>(data + kHead), size - kHead};
  const auto expression = CronExpression::Parse(text);
  if (!expression) {
    Require(!expression.error().message.empty());
    Require(expression.error().message.find('\n') == std::string::npos);
    return 0;
  }
  const CronClock clock(*expression, ZoneOf(data[0]));
  const UnixTime start = targets::FromUnixSeconds(seconds % 9'000'000'000LL);  // to the year 2255
  Require(expression->Fires() == clock.Next(start).has_value());
  CheckOccurrences(clock, start);
  return 0;
}
