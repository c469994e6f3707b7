#include "targets/guard/guard.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

Guards Shrink(double share) {
  Guards guards;
  guards.max_shrink = share;
  return guards;
}

Guards Changed(double share) {
  Guards guards;
  guards.max_changed = share;
  return guards;
}

TEST(ShrinkGuard, LooksAtTheFilesOnBothSidesOfItsLimit) {
  EXPECT_EQ(FindShrinkage(Shrink(0.5), {100, 1000}, {50, 1000}), "");
  EXPECT_EQ(FindShrinkage(Shrink(0.5), {100, 1000}, {49, 1000}),
            "it lost 51 % of the files (49 are left of 100), more than guard.max_shrink: 50 %");
}

TEST(ShrinkGuard, LooksAtTheBytesOnBothSidesOfItsLimit) {
  EXPECT_EQ(FindShrinkage(Shrink(0.25), {7, 4096}, {7, 3072}), "");
  EXPECT_EQ(FindShrinkage(Shrink(0.25), {7, 4096}, {9, 3071}),
            "it lost 25.02 % of the bytes (3.0 KiB are left of 4.0 KiB), more than "
            "guard.max_shrink: 25 %");
}

TEST(ShrinkGuard, IsNotDeceivedByTheRoundingOfDecimalFractions) {
  for (int percent = 1; percent < 100; ++percent) {
    const auto left = static_cast<std::uint64_t>(1000 - 10 * percent);
    EXPECT_EQ(FindShrinkage(Shrink(percent / 100.0), {1000, 1}, {left, 1}), "") << percent;
    EXPECT_NE(FindShrinkage(Shrink(percent / 100.0), {1000, 1}, {left - 1, 1}), "") << percent;
  }
}

TEST(ShrinkGuard, OfZeroAllowsNoLossAndOfAllAllowsEveryLoss) {
  EXPECT_EQ(FindShrinkage(Shrink(0), {10, 10}, {10, 10}), "");
  EXPECT_NE(FindShrinkage(Shrink(0), {10, 10}, {9, 10}), "");
  EXPECT_EQ(FindShrinkage(Shrink(1), {10, 10}, {0, 0}), "");
}

TEST(ShrinkGuard, FindsNothingInGrowthOrWhereNothingWas) {
  EXPECT_EQ(FindShrinkage(Shrink(0), {10, 10}, {1000, 1000}), "");
  EXPECT_EQ(FindShrinkage(Shrink(0), {0, 0}, {0, 0}), "");
}

TEST(ShrinkGuard, IsOffByDefault) { EXPECT_EQ(FindShrinkage({}, {100, 100}, {0, 0}), ""); }

TEST(ChurnGuard, CountsChangedAndGoneFilesOnBothSidesOfItsLimit) {
  EXPECT_EQ(FindChurn(Changed(0.8), 10, {5, 3}), "");
  EXPECT_EQ(FindChurn(Changed(0.8), 10, {5, 4}),
            "90 % of the 10 files of the last good snapshot are changed (5) or gone (4), more than "
            "guard.max_changed: 80 %");
  EXPECT_NE(FindChurn(Changed(0.8), 10, {0, 9}), "") << "malware may rename what it encrypts";
  EXPECT_NE(FindChurn(Changed(0.8), 10, {9, 0}), "");
}

TEST(ChurnGuard, FindsNothingWhereNothingWas) { EXPECT_EQ(FindChurn(Changed(0), 0, {0, 0}), ""); }

TEST(ChurnGuard, IsOffByDefault) { EXPECT_EQ(FindChurn({}, 10, {10, 0}), ""); }

TEST(SnapshotGuards, ConcernTheTargetsThatHaveThem) {
  Target target;
  EXPECT_FALSE(GuardsSnapshots(target));
  target.guard = Shrink(0.5);
  EXPECT_TRUE(GuardsSnapshots(target));
  EXPECT_FALSE(GuardsAgainstChurn(target));
  target.guard = Changed(0.5);
  EXPECT_TRUE(GuardsSnapshots(target));
  EXPECT_TRUE(GuardsAgainstChurn(target));
}

TEST(SnapshotGuards, DoNotAskAStreamHowMuchOfItChanged) {
  Target target;
  target.source = CommandSource{{"pg_dump"}, "app.sql"};
  target.guard = Changed(0.5);
  EXPECT_FALSE(GuardsSnapshots(target));
  target.guard.max_shrink = 0.5;
  EXPECT_TRUE(GuardsSnapshots(target));
  EXPECT_FALSE(GuardsAgainstChurn(target));
}

class ClockJump : public ::testing::Test {
 protected:
  const UnixTime before_ = FromUnixSeconds(1'800'000'000);
};

TEST_F(ClockJump, IsADistanceThatNoScheduleExplains) {
  EXPECT_EQ(FindClockJump(before_, before_ + kFarApart, std::nullopt), "");
  EXPECT_EQ(FindClockJump(before_, before_ + kFarApart + Duration{1}, Duration{86400}),
            "the clock showed 2027-07-14T08:00:01Z, 180d after the backup before it "
            "(2027-01-15T08:00:00Z)");
}

TEST_F(ClockJump, IsMeasuredByTheScheduleIfThatIsRare) {
  const Duration year{366 * 24 * 3600};
  EXPECT_EQ(FindClockJump(before_, before_ + 2 * year, year), "");
  EXPECT_NE(FindClockJump(before_, before_ + 2 * year + Duration{1}, year), "");
}

TEST_F(ClockJump, IsNoneBackwards) {
  EXPECT_EQ(FindClockJump(before_, before_ - 2 * kFarApart, std::nullopt), "");
}

}  // namespace
}  // namespace targets
