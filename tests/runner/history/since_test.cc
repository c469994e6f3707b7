#include "runner/history/since.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

const targets::UnixTime kNow = targets::ParseRfc3339("2026-11-23T12:00:00Z").value();

std::string Since(const std::string& text, const std::string& zone = "UTC") {
  const auto since = ParseSince(text, kNow, targets::Zone::Load(zone).value());
  return since ? targets::FormatRfc3339(*since) : since.error().message;
}

TEST(Since, IsALengthOfTime) {
  EXPECT_EQ(Since("7d"), "2026-11-16T12:00:00Z");
  EXPECT_EQ(Since("90m"), "2026-11-23T10:30:00Z");
}

TEST(Since, IsTheMidnightOfADayInTheZone) {
  EXPECT_EQ(Since("2026-11-20"), "2026-11-20T00:00:00Z");
  EXPECT_EQ(Since("2026-11-20", "Europe/Berlin"), "2026-11-19T23:00:00Z");
  EXPECT_EQ(Since("2026-07-20", "Europe/Berlin"), "2026-07-19T22:00:00Z");
  EXPECT_EQ(Since("2026-07-20", "America/New_York"), "2026-07-20T04:00:00Z");
}

TEST(Since, KnowsTheDaysOfTheClockChanges) {
  EXPECT_EQ(Since("2026-03-29", "Europe/Berlin"), "2026-03-28T23:00:00Z");
  EXPECT_EQ(Since("2026-03-30", "Europe/Berlin"), "2026-03-29T22:00:00Z");
  EXPECT_EQ(Since("2026-10-25", "Europe/Berlin"), "2026-10-24T22:00:00Z");
  EXPECT_EQ(Since("2026-10-26", "Europe/Berlin"), "2026-10-25T23:00:00Z");
}

TEST(Since, IsAnInstant) { EXPECT_EQ(Since("2026-11-20T08:00:00+01:00"), "2026-11-20T07:00:00Z"); }

TEST(Since, IsNothingElse) {
  for (const char* text : {"", "yesterday", "2026-13-01", "2026-02-30", "20.11.2026"})
    EXPECT_EQ(Since(text), "\"" + std::string(text) + "\" is no time");
}

}  // namespace
}  // namespace runner
