#include "runner/http/parts.h"

#include <gmock/gmock.h>

namespace runner {
namespace {

using ::testing::HasSubstr;

Strip StripOf(std::initializer_list<DayOfRuns> last_days) {
  Strip strip;
  std::size_t at = strip.size() - last_days.size();
  for (const DayOfRuns& day : last_days) strip[at++] = day;
  return strip;
}

TEST(Parts, AStripCountsItsDaysInWords) {
  const Html picture = StripPicture(StripOf({{2, 0, 0, {}}, {1, 0, 1, {}}, {0, 0, 1, {}}}));
  EXPECT_THAT(picture.str(), HasSubstr("last 30 days: 1 good, 1 with failures and successes, "
                                       "1 failed, 27 without a backup"));
}

TEST(Parts, GrowthIsToldOnceThereAreTwoSizes) {
  EXPECT_TRUE(GrowthPicture(StripOf({{1, 0, 0, 1024}})).empty());
  EXPECT_THAT(GrowthPicture(StripOf({{1, 0, 0, 1024}, {}, {1, 0, 0, 3072}})).str(),
              HasSubstr("+2.0 KiB in 2 days"));
  EXPECT_THAT(GrowthPicture(StripOf({{1, 0, 0, 3072}, {1, 0, 0, 1024}})).str(),
              HasSubstr("\u2212"
                        "2.0 KiB in 1 day"));
  EXPECT_THAT(GrowthPicture(StripOf({{1, 0, 0, 5}, {1, 0, 0, 5}})).str(),
              HasSubstr("unchanged in 1 day"));
}

TEST(Parts, TheNewestSizeIsTheLastThatWasCounted) {
  EXPECT_EQ(NewestSize(StripOf({{1, 0, 0, 5}, {1, 0, 0, 7}, {0, 0, 1, {}}})), 7U);
  EXPECT_EQ(NewestSize(Strip{}), std::nullopt);
}

TEST(Parts, AStateHasAWordBesideItsColour) {
  EXPECT_THAT(StateBadge(StatusWord::kNoSource, HealthLevel::kUnhealthy).str(),
              HasSubstr("</span> no source</span>"));
  EXPECT_THAT(StateBadge(StatusWord::kOk, HealthLevel::kInfo).str(), HasSubstr("good"));
}

TEST(Parts, TimesArePastOrToCome) {
  const targets::UnixTime now = targets::FromUnixSeconds(1'800'000'000);
  const targets::Zone utc;
  EXPECT_THAT(TimeTag(now - targets::Duration{7200}, now, utc).str(), HasSubstr(">2h ago<"));
  EXPECT_THAT(TimeTag(now + targets::Duration{60}, now, utc).str(), HasSubstr(">in 1m<"));
  EXPECT_THAT(MomentOrNever(std::nullopt, now, utc).str(), HasSubstr("never"));
  EXPECT_THAT(NextDue(NextRun{NextKind::kOverdue, now - targets::Duration{60}}, now, utc).str(),
              HasSubstr("overdue since"));
  EXPECT_THAT(NextDue(std::nullopt, now, utc).str(), HasSubstr("off"));
}

TEST(Parts, ProblemsHaveTheirHints) {
  const Problem problem{{HealthLevel::kWarning, "x", {}, "the <disk> is full"}, "make room"};
  EXPECT_THAT(ProblemList({problem}).str(), HasSubstr("The &lt;disk&gt; is full."));
  EXPECT_THAT(ProblemList({problem}).str(), HasSubstr("Make room."));
  EXPECT_TRUE(ProblemList({}).empty());
}

}  // namespace
}  // namespace runner
