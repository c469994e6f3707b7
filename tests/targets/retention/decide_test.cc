#include "targets/retention/decide.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "targets/base/text.h"

namespace targets {
namespace {

const UnixTime kNow = *ParseRfc3339("2026-11-23T12:00:00Z");

/// A snapshot whose id is its time, with the offset that the time has.
Snapshot Made(const std::string& time, std::vector<std::string> tags = {}) {
  Snapshot snapshot;
  snapshot.id = SnapshotId(time);
  snapshot.time = *ParseRfc3339(time);
  const UnixTime local = *ParseRfc3339(time.substr(0, 19) + "Z");
  snapshot.utc_offset = static_cast<int>((local - snapshot.time).count());
  snapshot.tags = std::move(tags);
  return snapshot;
}

std::vector<Snapshot> AllMade(const std::vector<std::string>& times) {
  std::vector<Snapshot> snapshots;
  for (const std::string& time : times) snapshots.push_back(Made(time));
  return snapshots;
}

RetentionDecision DecideInUtc(const Retention& policy, const std::vector<Snapshot>& snapshots,
                              RetentionRules rules = RetentionRules::kBeforeOldestRule) {
  return Decide(policy, snapshots, Zone(), kNow, rules);
}

/// Every kept snapshot as "id: reason, reason".
std::vector<std::string> Keeps(const RetentionDecision& decision) {
  std::vector<std::string> lines;
  for (const Kept& kept : decision.keep)
    lines.push_back(kept.id.str() + ": " + Join(kept.reasons, ", "));
  return lines;
}

std::vector<std::string> Removes(const RetentionDecision& decision) {
  std::vector<std::string> ids;
  for (const SnapshotId& id : decision.remove) ids.push_back(id.str());
  return ids;
}

using Lines = std::vector<std::string>;

const std::vector<std::string> kFourDays = {"2026-11-23T02:00:00Z", "2026-11-22T02:00:00Z",
                                            "2026-11-21T02:00:00Z", "2026-11-20T02:00:00Z"};

Retention With(int Retention::*count, int value) {
  Retention policy;
  policy.*count = value;
  return policy;
}

TEST(Decide, KeepsEverythingWithoutARule) {
  const RetentionDecision decision = DecideInUtc(Retention{}, AllMade(kFourDays));
  EXPECT_EQ(decision.keep.size(), 4U);
  EXPECT_EQ(decision.keep.front().reasons, Lines({"no rule"}));
  EXPECT_TRUE(decision.remove.empty());
}

TEST(Decide, DecidesNothingAboutNothing) {
  EXPECT_EQ(DecideInUtc(With(&Retention::last, 1), {}), RetentionDecision{});
}

TEST(Decide, KeepsTheLastOnesNewestFirstWhateverTheirOrder) {
  std::vector<Snapshot> snapshots = AllMade(kFourDays);
  std::reverse(snapshots.begin(), snapshots.end());
  const RetentionDecision decision = DecideInUtc(With(&Retention::last, 2), snapshots);
  EXPECT_EQ(Keeps(decision),
            Lines({"2026-11-23T02:00:00Z: last 1", "2026-11-22T02:00:00Z: last 2"}));
  EXPECT_EQ(Removes(decision), Lines({"2026-11-21T02:00:00Z", "2026-11-20T02:00:00Z"}));
}

TEST(Decide, KeepsTheNewestOfEachHourDayWeekMonthAndYear) {
  const Lines times = {"2026-11-23T09:30:00Z", "2026-11-23T09:10:00Z", "2026-11-23T08:59:00Z",
                       "2026-11-22T23:00:00Z", "2026-11-16T10:00:00Z", "2026-10-31T10:00:00Z",
                       "2025-12-31T10:00:00Z"};
  const auto kept = [&](int Retention::*count) {
    return Keeps(DecideInUtc(With(count, 2), AllMade(times)));
  };
  EXPECT_EQ(kept(&Retention::hourly), Lines({times[0] + ": hourly 1", times[2] + ": hourly 2"}));
  EXPECT_EQ(kept(&Retention::daily), Lines({times[0] + ": daily 1", times[3] + ": daily 2"}));
  EXPECT_EQ(kept(&Retention::weekly), Lines({times[0] + ": weekly 1", times[3] + ": weekly 2"}));
  EXPECT_EQ(kept(&Retention::monthly), Lines({times[0] + ": monthly 1", times[5] + ": monthly 2"}));
  EXPECT_EQ(kept(&Retention::yearly), Lines({times[0] + ": yearly 1", times[6] + ": yearly 2"}));
}

TEST(Decide, TakesWeeksFromMondayOverTheEndOfAYear) {
  // 1 January 2025 was a Wednesday: its week began on Monday, 30 December 2024.
  const Lines times = {"2025-01-05T10:00:00Z", "2024-12-30T10:00:00Z", "2024-12-29T10:00:00Z"};
  EXPECT_EQ(Keeps(DecideInUtc(With(&Retention::weekly, 5), AllMade(times))),
            Lines({times[0] + ": weekly 1", times[2] + ": weekly 2"}));
}

TEST(Decide, LetsOneSnapshotUseUpSeveralRules) {
  Retention policy = With(&Retention::daily, 1);
  policy.weekly = 1;
  policy.last = 1;
  EXPECT_EQ(Keeps(DecideInUtc(policy, AllMade(kFourDays))),
            Lines({"2026-11-23T02:00:00Z: last 1, daily 1, weekly 1"}));
}

TEST(Decide, CountsDaysInTheOffsetOfEachSnapshot) {
  const Lines times = {"2026-11-21T23:30:00Z",
                       "2026-11-22T00:30:00+02:00"};  // 22:30 UTC, the day before
  EXPECT_EQ(Keeps(DecideInUtc(With(&Retention::daily, 2), AllMade(times))),
            Lines({times[0] + ": daily 1", times[1] + ": daily 2"}));
}

TEST(Decide, KeepsForEverWithoutALimit) {
  const RetentionDecision decision =
      DecideInUtc(With(&Retention::daily, Retention::kUnlimited), AllMade(kFourDays));
  EXPECT_EQ(decision.keep.size(), 4U);
  EXPECT_EQ(decision.keep.back().reasons, Lines({"daily 4"}));
}

TEST(Decide, KeepsWhatIsWithinASpanOfTheNewest) {
  Retention policy;
  policy.within = "2d";
  const RetentionDecision decision = DecideInUtc(policy, AllMade(kFourDays));
  EXPECT_EQ(Keeps(decision),
            Lines({"2026-11-23T02:00:00Z: within 2d", "2026-11-22T02:00:00Z: within 2d"}));
  policy.within = "2d1h";
  EXPECT_EQ(DecideInUtc(policy, AllMade(kFourDays)).keep.size(), 3U);
}

TEST(Decide, ComparesNanosecondsAtTheEndOfASpan) {
  std::vector<Snapshot> snapshots = AllMade({"2026-11-23T02:00:00Z", "2026-11-21T02:00:00Z"});
  Retention policy;
  policy.within = "2d";
  snapshots[0].nanoseconds = 500;
  snapshots[1].nanoseconds = 501;
  EXPECT_EQ(DecideInUtc(policy, snapshots).keep.size(), 2U);
  snapshots[1].nanoseconds = 500;
  EXPECT_EQ(DecideInUtc(policy, snapshots).keep.size(), 1U);
}

TEST(Decide, KeepsOnePerPeriodWithinASpan) {
  Retention policy;
  policy.within_weekly = "8d";
  const Lines times = {"2026-11-22T02:00:00Z", "2026-11-21T02:00:00Z", "2026-11-15T02:00:00Z",
                       "2026-11-14T01:00:00Z"};
  EXPECT_EQ(Keeps(DecideInUtc(policy, AllMade(times))),
            Lines({times[0] + ": weekly within 8d", times[2] + ": weekly within 8d"}));
}

TEST(Decide, MovesSpansOnTheCalendarOfTheZoneOrOfTheOffset) {
  // Six months before 12:00 in summer is 12:00 in winter in Berlin, 11:00 on a clock that stays at
  // +02:00.
  const std::vector<Snapshot> snapshots =
      AllMade({"2025-07-01T12:00:00+02:00", "2025-01-01T10:30:00Z"});
  Retention policy;
  policy.within = "6m";
  const auto kept = [&](const char* zone) {
    return Decide(policy, snapshots, *Zone::Load(zone), kNow, RetentionRules::kBeforeOldestRule)
        .keep.size();
  };
  EXPECT_EQ(kept("UTC"), 2U);
  EXPECT_EQ(kept("Europe/Berlin"), 1U);
}

TEST(Decide, KeepsEverythingRatherThanMisreadASpan) {
  Retention policy;
  policy.within = "a while";
  EXPECT_EQ(DecideInUtc(policy, AllMade(kFourDays)).keep.size(), 4U);
}

TEST(Decide, KeepsTheOldestWhileARuleHasCountLeft) {
  const std::vector<Snapshot> snapshots =
      AllMade({"2026-11-23T02:00:00Z", "2026-05-02T02:00:00Z", "2026-05-01T02:00:00Z"});
  const auto kept = [&](int count, RetentionRules rules) {
    return Keeps(DecideInUtc(With(&Retention::yearly, count), snapshots, rules));
  };
  const Lines newest = {"2026-11-23T02:00:00Z: yearly 1"};
  EXPECT_EQ(kept(2, RetentionRules::kBeforeOldestRule), newest);
  EXPECT_EQ(kept(2, RetentionRules::kWithOldestRule),
            Lines({newest.front(), "2026-05-01T02:00:00Z: oldest yearly"}));
  EXPECT_EQ(kept(1, RetentionRules::kWithOldestRule), newest);
}

TEST(Decide, KeepsTheOldestWithinASpan) {
  Retention policy;
  policy.within_yearly = "1y";
  const std::vector<Snapshot> snapshots = AllMade({"2026-11-23T02:00:00Z", "2026-05-01T02:00:00Z"});
  EXPECT_EQ(Keeps(DecideInUtc(policy, snapshots, RetentionRules::kWithOldestRule)).back(),
            "2026-05-01T02:00:00Z: oldest yearly within 1y");
  EXPECT_EQ(DecideInUtc(policy, snapshots).remove.size(), 1U);
}

TEST(Decide, KeepsSnapshotsThatHaveAllTagsOfAList) {
  Retention policy;
  policy.keep_tags = {"a,b", "c"};
  const std::vector<Snapshot> snapshots = {
      Made("2026-11-23T02:00:00Z", {"x", "b", "a"}), Made("2026-11-22T02:00:00Z", {"a"}),
      Made("2026-11-21T02:00:00Z", {"c"}), Made("2026-11-20T02:00:00Z")};
  EXPECT_EQ(Keeps(DecideInUtc(policy, snapshots)),
            Lines({"2026-11-23T02:00:00Z: tag a,b", "2026-11-21T02:00:00Z: tag c"}));
}

TEST(Decide, NeverRemovesTheNewestGoodSnapshot) {
  Retention policy;
  policy.keep_tags = {"never-used"};
  EXPECT_EQ(Keeps(DecideInUtc(policy, AllMade(kFourDays))),
            Lines({"2026-11-23T02:00:00Z: newest good"}));
  policy.min_keep = 0;
  EXPECT_EQ(Keeps(DecideInUtc(policy, AllMade(kFourDays))),
            Lines({"2026-11-23T02:00:00Z: newest good"}));
}

TEST(Decide, KeepsAtLeastSoManyGoodOnes) {
  Retention policy = With(&Retention::yearly, 1);
  policy.min_keep = 3;
  EXPECT_EQ(Keeps(DecideInUtc(policy, AllMade(kFourDays))),
            Lines({"2026-11-23T02:00:00Z: yearly 1", "2026-11-22T02:00:00Z: min_keep",
                   "2026-11-21T02:00:00Z: min_keep"}));
  policy.min_keep = 9;
  EXPECT_TRUE(DecideInUtc(policy, AllMade(kFourDays)).remove.empty());
}

TEST(Decide, KeepsQuarantinedOnesWithoutCountingThem) {
  std::vector<Snapshot> snapshots = AllMade(kFourDays);
  snapshots[0].tags = {"target:photos", "quarantine"};
  Retention policy = With(&Retention::last, 1);
  policy.min_keep = 2;
  EXPECT_EQ(Keeps(DecideInUtc(policy, snapshots)),
            Lines({"2026-11-23T02:00:00Z: quarantined", "2026-11-22T02:00:00Z: last 1",
                   "2026-11-21T02:00:00Z: min_keep"}));
}

TEST(Decide, LetsSnapshotsOfTheFutureNotDisplaceTheNewestGoodOne) {
  const std::vector<Snapshot> snapshots =
      AllMade({"2030-01-01T00:00:00Z", "2026-11-23T02:00:00Z", "2026-11-22T02:00:00Z"});
  EXPECT_EQ(Keeps(DecideInUtc(With(&Retention::last, 1), snapshots)),
            Lines({"2030-01-01T00:00:00Z: last 1", "2026-11-23T02:00:00Z: newest good"}));
  Retention policy;
  policy.within = "1d";  // of the newest that is not in the future
  policy.min_keep = 0;
  EXPECT_EQ(Removes(DecideInUtc(policy, snapshots)), Lines({"2026-11-22T02:00:00Z"}));
}

TEST(Decide, TakesASnapshotOfThisSecondAsPresent) {
  const std::vector<Snapshot> at_now = AllMade({"2026-11-23T12:00:00Z", "2026-11-23T11:00:00Z"});
  EXPECT_EQ(Keeps(DecideInUtc(With(&Retention::last, 1), at_now)),
            Lines({"2026-11-23T12:00:00Z: last 1"}));
  const std::vector<Snapshot> after_now = AllMade({"2026-11-23T12:00:01Z", "2026-11-23T11:00:00Z"});
  EXPECT_EQ(DecideInUtc(With(&Retention::last, 1), after_now).keep.size(), 2U);
}

TEST(Decide, OrdersSnapshotsOfOneInstantByTheirIds) {
  std::vector<Snapshot> snapshots = AllMade({"2026-11-23T02:00:00Z", "2026-11-23T03:00:00+01:00"});
  const RetentionDecision decision = DecideInUtc(With(&Retention::last, 1), snapshots);
  std::swap(snapshots[0], snapshots[1]);
  EXPECT_EQ(DecideInUtc(With(&Retention::last, 1), snapshots), decision);
  EXPECT_EQ(decision.keep.front().id.str(), "2026-11-23T02:00:00Z");
}

}  // namespace
}  // namespace targets
