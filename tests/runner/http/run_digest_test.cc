#include "runner/http/run_digest.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using std::chrono::days;
using targets::Duration;
using targets::TargetId;
using targets::UnixTime;

const UnixTime kNoon = *targets::ParseRfc3339("2026-11-23T12:00:00Z");

RunOutline RunAt(UnixTime started, const char* outcome, std::optional<targets::Bytes> size = {}) {
  return {1, TargetId("photos"), started, outcome, size};
}

class RunDigestTest : public ::testing::Test {
 protected:
  [[nodiscard]] DayOfRuns Day(std::size_t ago) const {
    return digest_.StripOf(TargetId("photos"), kNoon)[kStripDays - 1 - ago];
  }
  RunDigest digest_{targets::Zone()};
};

TEST_F(RunDigestTest, CountsTheRunsOfEachDay) {
  digest_.Add(RunAt(kNoon - days(2), "failed"));
  digest_.Add(RunAt(kNoon - days(2) + Duration{60}, "success", 7));
  digest_.Add(RunAt(kNoon, "incomplete", 9));
  EXPECT_EQ(Day(2), (DayOfRuns{1, 0, 1, 7}));
  EXPECT_EQ(Day(1), DayOfRuns{});
  EXPECT_EQ(Day(0), (DayOfRuns{0, 1, 0, 9}));
}

TEST_F(RunDigestTest, ShowsThirtyDaysAndNoMore) {
  digest_.Add(RunAt(kNoon - days(29), "success"));
  digest_.Add(RunAt(kNoon - days(30), "failed"));
  EXPECT_EQ(Day(29), (DayOfRuns{1, 0, 0, {}}));
  EXPECT_LE(RunDigest::Since(kNoon), kNoon - days(29) - Duration{12 * 3600});
}

TEST_F(RunDigestTest, ForgetsOldDays) {
  digest_.Add(RunAt(kNoon, "success"));
  digest_.Trim(kNoon + days(29));
  EXPECT_EQ(Day(0).good, 1);
  digest_.Trim(kNoon + days(30));
  EXPECT_EQ(Day(0).good, 0);
}

TEST_F(RunDigestTest, HasNothingOfAnUnknownTarget) {
  EXPECT_EQ(digest_.StripOf(TargetId("other"), kNoon), Strip{});
}

TEST(RunDigest, ADayIsOneOfLocalClocks) {
  RunDigest digest(*targets::Zone::Load("Europe/Berlin"));
  const UnixTime late = *targets::ParseRfc3339("2026-11-22T23:30:00Z");  // the 23rd in Berlin
  digest.Add(RunAt(late, "success"));
  EXPECT_EQ(digest.StripOf(TargetId("photos"), kNoon).back().good, 1);
}

TEST(DayMark, IsGoodOnlyIfNothingWentWrong) {
  EXPECT_EQ(MarkOf({}), DayMark::kNone);
  EXPECT_EQ(MarkOf({2, 0, 0, {}}), DayMark::kGood);
  EXPECT_EQ(MarkOf({1, 1, 0, {}}), DayMark::kGood);
  EXPECT_EQ(MarkOf({1, 0, 1, {}}), DayMark::kMixed);
  EXPECT_EQ(MarkOf({0, 1, 0, {}}), DayMark::kIncomplete);
  EXPECT_EQ(MarkOf({0, 1, 1, {}}), DayMark::kFailed);
}

TEST_F(RunDigestTest, ASkippedOrInterruptedRunIsNone) {
  digest_.Add(RunAt(kNoon, "skipped"));
  digest_.Add(RunAt(kNoon, "interrupted"));
  EXPECT_EQ(MarkOf(Day(0)), DayMark::kNone);
}

}  // namespace
}  // namespace runner
