#include "targets/retention/within.h"

#include <gtest/gtest.h>

#include <string>

namespace targets {
namespace {

UnixTime At(const char* text) { return *ParseRfc3339(text); }

std::string MovedBack(const char* time, const char* within, const char* zone) {
  const Zone place = *Zone::Load(zone);
  return place.FormatRfc3339(MoveBack(At(time), *ParseWithin(within), place));
}

std::string ErrorOf(const std::string& text) {
  const Result<Within> within = ParseWithin(text);
  return within ? "no error" : within.error().message;
}

TEST(Within, ReadsEachUnit) {
  EXPECT_EQ(*ParseWithin("6y5m234d37h"), (Within{6, 5, 234, 37}));
  EXPECT_EQ(*ParseWithin("2y"), (Within{.years = 2}));
  EXPECT_EQ(*ParseWithin("7d"), (Within{.days = 7}));
  EXPECT_EQ(*ParseWithin("36h"), (Within{.hours = 36}));
  EXPECT_EQ(*ParseWithin("0y1m"), (Within{.months = 1}));
}

TEST(Within, ReadsUnitsInAnyOrderAsResticDoes) {
  EXPECT_EQ(*ParseWithin("37h234d5m6y"), *ParseWithin("6y5m234d37h"));
}

TEST(Within, TakesAThousandYearsAndNoMore) {
  EXPECT_EQ(ErrorOf("1000y"), "no error");
  EXPECT_EQ(ErrorOf("1001y"), "\"1001y\" is longer than a thousand years");
  EXPECT_EQ(ErrorOf("12000m"), "no error");
  EXPECT_EQ(ErrorOf("12001m"), "\"12001m\" is longer than a thousand years");
  EXPECT_EQ(ErrorOf("366000d"), "no error");
  EXPECT_EQ(ErrorOf("366001d"), "\"366001d\" is longer than a thousand years");
  EXPECT_EQ(ErrorOf("8784000h"), "no error");
  EXPECT_EQ(ErrorOf("8784001h"), "\"8784001h\" is longer than a thousand years");
  EXPECT_EQ(ErrorOf("99999999999999999999h"),
            "\"99999999999999999999h\" is longer than a thousand years");
}

TEST(Within, RefusesWhatIsNotASpan) {
  for (const std::string text :
       {"", "7", "d", "7 d", "-7d", "+7d", "7x", "1y2", "7D", " 7d", "7d ", "1.5d"}) {
    EXPECT_EQ(ErrorOf(text),
              "\"" + (text == " 7d" || text == "7d " ? "7d" : text) + "\" is not a span of time");
  }
  EXPECT_EQ(ErrorOf("7d7d"), "\"7d7d\" has \"d\" twice");
  EXPECT_EQ(ErrorOf("0d"), "\"0d\" is zero and would keep nothing");
  EXPECT_EQ(ErrorOf("2w"), "\"2w\" has weeks, which restic does not know");
  EXPECT_EQ(ParseWithin("2w").error().hint, "write 14d for two weeks");
}

TEST(Within, PrintsWhatItReads) {
  for (const char* text : {"6y5m234d37h", "1y", "12m", "30d", "5h", "1y1h"}) {
    EXPECT_EQ(FormatWithin(*ParseWithin(text)), text);
  }
}

TEST(Within, MovesMonthsOnTheCalendarWithOverflow) {
  EXPECT_EQ(MovedBack("2026-03-31T12:00:00Z", "1m", "UTC"), "2026-03-03T12:00:00+00:00");
  EXPECT_EQ(MovedBack("2024-03-31T12:00:00Z", "1m", "UTC"), "2024-03-02T12:00:00+00:00");
  EXPECT_EQ(MovedBack("2024-02-29T12:00:00Z", "1y", "UTC"), "2023-03-01T12:00:00+00:00");
  EXPECT_EQ(MovedBack("2026-01-15T12:00:00Z", "13m", "UTC"), "2024-12-15T12:00:00+00:00");
  EXPECT_EQ(MovedBack("2026-03-31T12:00:00Z", "1m3d1h", "UTC"), "2026-02-28T11:00:00+00:00");
}

TEST(Within, KeepsTheClockTimeOverAChangeOfTheClock) {
  EXPECT_EQ(MovedBack("2025-07-01T10:00:00Z", "6m", "Europe/Berlin"), "2025-01-01T12:00:00+01:00");
  EXPECT_EQ(MovedBack("2026-03-30T10:00:00Z", "2d", "Europe/Berlin"), "2026-03-28T12:00:00+01:00");
}

TEST(Within, CountsHoursInRealTime) {
  EXPECT_EQ(MovedBack("2026-03-30T10:00:00Z", "48h", "Europe/Berlin"), "2026-03-28T11:00:00+01:00");
}

TEST(Within, CountsWithAFixedOffsetWithoutChangesOfTheClock) {
  const UnixTime moved =
      MoveBack(At("2025-07-01T12:00:00+02:00"), *ParseWithin("6m"), std::chrono::hours{2});
  EXPECT_EQ(moved, At("2025-01-01T12:00:00+02:00"));
}

}  // namespace
}  // namespace targets
