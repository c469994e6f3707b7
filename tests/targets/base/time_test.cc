#include "targets/base/time.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

TEST(Rfc3339, FormatsWholeSecondsInUtc) {
  EXPECT_EQ(FormatRfc3339(FromUnixSeconds(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatRfc3339(FromUnixSeconds(-1)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(FormatRfc3339(FromUnixSeconds(1795404336)), "2026-11-23T03:25:36Z");
}

TEST(Rfc3339, ReadsOffsetsAndCutsFractionsOff) {
  EXPECT_EQ(ParseRfc3339("2026-11-23T03:25:36Z"), FromUnixSeconds(1795404336));
  EXPECT_EQ(ParseRfc3339("2026-11-23T03:25:36.9+01:00"), FromUnixSeconds(1795404336 - 3600));
  EXPECT_EQ(ParseRfc3339("2026-11-22t22:25:36-05:00"), FromUnixSeconds(1795404336));
  EXPECT_EQ(ParseRfc3339("2026-11-23T03:25:36.123456789z"), FromUnixSeconds(1795404336));
}

TEST(Rfc3339, AcceptsRealDatesOnly) {
  EXPECT_TRUE(ParseRfc3339("2028-02-29T23:59:59Z"));
  EXPECT_FALSE(ParseRfc3339("2027-02-29T00:00:00Z"));
  EXPECT_FALSE(ParseRfc3339("2026-04-31T00:00:00Z"));
  EXPECT_FALSE(ParseRfc3339("2026-13-01T00:00:00Z"));
  EXPECT_FALSE(ParseRfc3339("2026-00-01T00:00:00Z"));
  EXPECT_FALSE(ParseRfc3339("2026-01-01T24:00:00Z"));
  EXPECT_FALSE(ParseRfc3339("2026-01-01T00:60:00Z"));
  EXPECT_TRUE(ParseRfc3339("2026-12-31T23:59:60Z"));
  EXPECT_FALSE(ParseRfc3339("2026-12-31T23:59:61Z"));
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (const char* text :
       {"", "2026-11-23", "2026-11-23T03:25:36", "2026-11-23T03:25Z", "2026-11-23T03:25:36.Z",
        "2026-11-23T03:25:36+0100", "2026-11-23T03:25:36+24:00", "2026-11-23T03:25:36+01:60",
        "2026-11-23T03:25:36Zx", "x026-11-23T03:25:36Z", "2026/11/23T03:25:36Z"}) {
    EXPECT_FALSE(ParseRfc3339(text)) << text;
  }
}

TEST(Duration, ReadsUnitsLargestFirst) {
  EXPECT_EQ(ParseDuration("90"), Duration{90});
  EXPECT_EQ(ParseDuration("0"), Duration{0});
  EXPECT_EQ(ParseDuration("1h30m"), Duration{5400});
  EXPECT_EQ(ParseDuration("2w"), Duration{14 * 86400});
  EXPECT_EQ(ParseDuration("1w2d3h4m5s"), Duration{((9 * 24 + 3) * 60 + 4) * 60 + 5});
}

TEST(Duration, RefusesEverythingElse) {
  for (const char* text :
       {"", "h", "-5m", "+5m", "1m1h", "1h1h", "1h30", "1.5h", "5 m", "5M", "1y", " 5m", "5m "}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

TEST(Duration, IsAtMostAThousandYears) {
  EXPECT_TRUE(ParseDuration("366000d"));
  EXPECT_FALSE(ParseDuration("366001d"));
  EXPECT_FALSE(ParseDuration("366000d1s"));
  EXPECT_FALSE(ParseDuration("99999999999999999999s"));
}

TEST(Duration, FormatsAtMostTwoUnits) {
  EXPECT_EQ(FormatDuration(Duration{0}), "0s");
  EXPECT_EQ(FormatDuration(Duration{59}), "59s");
  EXPECT_EQ(FormatDuration(Duration{5400}), "1h30m");
  EXPECT_EQ(FormatDuration(Duration{14 * 86400}), "14d");
  EXPECT_EQ(FormatDuration(Duration{86400 + 3600 + 60}), "1d1h");
  EXPECT_EQ(FormatDuration(Duration{86400 + 60}), "1d");
  EXPECT_EQ(FormatDuration(Duration{-5}), "-5s");
}

}  // namespace
}  // namespace targets
