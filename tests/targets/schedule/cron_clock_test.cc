#include "targets/schedule/cron_clock.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace targets {
namespace {

CronClock Clock(const std::string& expression, const std::string& zone) {
  return {*CronExpression::Parse(expression), *Zone::Load(zone)};
}

/// The occurrences of [from, to), each in UTC without its seconds. Backwards must find the same.
std::vector<std::string> Runs(const std::string& expression, const std::string& zone,
                              const std::string& from, const std::string& to) {
  const CronClock clock = Clock(expression, zone);
  const UnixTime begin = *ParseRfc3339(from + ":00Z");
  const UnixTime end = *ParseRfc3339(to + ":00Z");
  std::vector<std::string> runs;
  for (auto at = clock.Next(begin - Duration{1}); at && *at < end; at = clock.Next(*at)) {
    runs.push_back(FormatRfc3339(*at).substr(0, 16));
  }
  std::vector<std::string> backwards;
  for (auto at = clock.Previous(end - Duration{1}); at && *at >= begin;
       at = clock.Previous(*at - Duration{1})) {
    backwards.insert(backwards.begin(), FormatRfc3339(*at).substr(0, 16));
  }
  EXPECT_EQ(runs, backwards) << expression << " in " << zone;
  return runs;
}

using Times = std::vector<std::string>;

TEST(CronClock, RunsAtTheSameCivilTimeInWinterAndSummer) {
  EXPECT_EQ(Runs("30 4 * * *", "Europe/Berlin", "2026-03-28T00:00", "2026-03-31T00:00"),
            Times({"2026-03-28T03:30", "2026-03-29T02:30", "2026-03-30T02:30"}));
}

TEST(CronClock, RunsASkippedTimeAtTheInstantOfTheChange) {
  // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
  EXPECT_EQ(Runs("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00", "2026-03-31T00:00"),
            Times({"2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"}));
}

TEST(CronClock, TreatsBothEndsOfTheGapAsTheClockDoes) {
  const auto on_the_day = [](const std::string& expression) {
    return Runs(expression, "Europe/Berlin", "2026-03-29T00:00", "2026-03-29T22:00");
  };
  EXPECT_EQ(on_the_day("59 1 * * *"), Times({"2026-03-29T00:59"}));
  EXPECT_EQ(on_the_day("0 2 * * *"), Times({"2026-03-29T01:00"}));
  EXPECT_EQ(on_the_day("59 2 * * *"), Times({"2026-03-29T01:00"}));
  EXPECT_EQ(on_the_day("0 3 * * *"), Times({"2026-03-29T01:00"}));
  EXPECT_EQ(on_the_day("1 3 * * *"), Times({"2026-03-29T01:01"}));
}

TEST(CronClock, RunsSeveralSkippedTimesOnceTogether) {
  EXPECT_EQ(Runs("0,20,40 2 * * *", "Europe/Berlin", "2026-03-29T00:00", "2026-03-30T00:00"),
            Times({"2026-03-29T01:00"}));
  EXPECT_EQ(
      Runs("*/30 1-3 * * *", "Europe/Berlin", "2026-03-29T00:00", "2026-03-29T12:00"),
      Times({"2026-03-29T00:00", "2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30"}));
}

TEST(CronClock, RunsARepeatedTimeInItsFirstPassOnly) {
  // Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
  EXPECT_EQ(Runs("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00", "2026-10-27T00:00"),
            Times({"2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"}));
  EXPECT_EQ(Runs("0,59 2 * * *", "Europe/Berlin", "2026-10-25T00:00", "2026-10-26T00:00"),
            Times({"2026-10-25T00:00", "2026-10-25T00:59"}));
  EXPECT_EQ(Runs("0 3 * * *", "Europe/Berlin", "2026-10-25T00:00", "2026-10-26T00:00"),
            Times({"2026-10-25T02:00"}));
}

TEST(CronClock, FindsTheNextDayFromWithinTheSecondPass) {
  const CronClock clock = Clock("30 2 * * *", "Europe/Berlin");
  const UnixTime second_pass = *ParseRfc3339("2026-10-25T01:15:00Z");  // 02:15 again
  EXPECT_EQ(clock.Next(second_pass), *ParseRfc3339("2026-10-26T01:30:00Z"));
  EXPECT_EQ(clock.Previous(second_pass), *ParseRfc3339("2026-10-25T00:30:00Z"));
}

TEST(CronClock, FollowsTheClockThroughBothPassesForAStarInTheHour) {
  EXPECT_EQ(
      Runs("30 * * * *", "Europe/Berlin", "2026-10-24T23:00", "2026-10-25T03:00"),
      Times({"2026-10-24T23:30", "2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30"}));
  EXPECT_EQ(
      Runs("30 */2 * * *", "Europe/Berlin", "2026-10-24T22:00", "2026-10-25T04:00"),
      Times({"2026-10-24T22:30", "2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T03:30"}));
}

TEST(CronClock, AddsNothingForTheGapForAStarInTheHour) {
  EXPECT_EQ(Runs("30 * * * *", "Europe/Berlin", "2026-03-29T00:00", "2026-03-29T02:00"),
            Times({"2026-03-29T00:30", "2026-03-29T01:30"}));
  EXPECT_EQ(Runs("30 */2 * * *", "Europe/Berlin", "2026-03-28T23:00", "2026-03-29T05:00"),
            Times({"2026-03-28T23:30", "2026-03-29T02:30", "2026-03-29T04:30"}));
}

TEST(CronClock, TreatsAStarInTheMinuteAloneAsFixed) {
  EXPECT_EQ(Runs("*/30 2 * * *", "Europe/Berlin", "2026-10-25T00:00", "2026-10-26T00:00"),
            Times({"2026-10-25T00:00", "2026-10-25T00:30"}));
  EXPECT_EQ(Runs("*/30 2 * * *", "Europe/Berlin", "2026-03-29T00:00", "2026-03-29T22:00"),
            Times({"2026-03-29T01:00"}));
}

TEST(CronClock, HandlesAChangeOfHalfAnHour) {
  // Lord Howe: 02:00 becomes 02:30 on 4 October 2026 (15:30 UTC before), 02:00 becomes 01:30 on 5
  // April 2026.
  EXPECT_EQ(Runs("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00", "2026-10-05T00:00"),
            Times({"2026-10-03T15:30", "2026-10-04T15:15"}));
  EXPECT_EQ(Runs("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00", "2026-04-06T00:00"),
            Times({"2026-04-04T14:45", "2026-04-05T15:15"}));
  EXPECT_EQ(
      Runs("*/15 * * * *", "Australia/Lord_Howe", "2026-10-03T15:00", "2026-10-03T16:00"),
      Times({"2026-10-03T15:00", "2026-10-03T15:15", "2026-10-03T15:30", "2026-10-03T15:45"}));
}

TEST(CronClock, HandlesAChangeThatSkipsMidnight) {
  // Havana, 8 March 2026: 00:00 becomes 01:00 at 05:00 UTC.
  EXPECT_EQ(Runs("0 0 * * *", "America/Havana", "2026-03-07T00:00", "2026-03-10T00:00"),
            Times({"2026-03-07T05:00", "2026-03-08T05:00", "2026-03-09T04:00"}));
  EXPECT_EQ(Runs("30 0 8 3 *", "America/Havana", "2026-01-01T00:00", "2027-01-01T00:00"),
            Times({"2026-03-08T05:00"}));
}

TEST(CronClock, HandlesAChangeBackOverMidnight) {
  // Azores, 25 October 2026: 01:00 becomes 00:00 at 01:00 UTC. Sao Paulo, 18 February 2018: 00:00
  // becomes 23:00.
  EXPECT_EQ(Runs("0 0 * * *", "Atlantic/Azores", "2026-10-24T12:00", "2026-10-26T12:00"),
            Times({"2026-10-25T00:00", "2026-10-26T01:00"}));
  EXPECT_EQ(Runs("30 23 * * *", "America/Sao_Paulo", "2018-02-17T12:00", "2018-02-19T12:00"),
            Times({"2018-02-18T01:30", "2018-02-19T02:30"}));
  EXPECT_EQ(Runs("0 0 18 2 *", "America/Sao_Paulo", "2018-02-17T12:00", "2018-02-19T12:00"),
            Times({"2018-02-18T03:00"}));
}

TEST(CronClock, RunsTheTimesOfADayThatAZoneSkipsAtTheChange) {
  // Samoa had no 30 December 2011: after 29 December 23:59 came 31 December 00:00, at 10:00 UTC.
  EXPECT_EQ(
      Runs("0 2 * * *", "Pacific/Apia", "2011-12-29T00:00", "2012-01-01T00:00"),
      Times({"2011-12-29T12:00", "2011-12-30T10:00", "2011-12-30T12:00", "2011-12-31T12:00"}));
  EXPECT_EQ(Runs("0 2 30 12 *", "Pacific/Apia", "2011-01-01T00:00", "2012-01-01T00:00"),
            Times({"2011-12-30T10:00"}));
  EXPECT_EQ(Runs("0 */12 * * *", "Pacific/Apia", "2011-12-29T12:00", "2011-12-31T10:00"),
            Times({"2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"}));
}

TEST(CronClock, IsStrictlyAfterAndAtOrBefore) {
  const CronClock clock = Clock("0 2 * * *", "UTC");
  const UnixTime two = *ParseRfc3339("2026-05-04T02:00:00Z");
  EXPECT_EQ(clock.Next(two - Duration{1}), two);
  EXPECT_EQ(clock.Next(two), two + std::chrono::days{1});
  EXPECT_EQ(clock.Previous(two), two);
  EXPECT_EQ(clock.Previous(two - Duration{1}), two - std::chrono::days{1});
}

TEST(CronClock, GivesUpOnImpossibleDates) {
  const CronClock clock = Clock("0 0 30 2 *", "Europe/Berlin");
  EXPECT_EQ(clock.Next(*ParseRfc3339("2026-01-01T00:00:00Z")), std::nullopt);
  EXPECT_EQ(clock.Previous(*ParseRfc3339("2026-01-01T00:00:00Z")), std::nullopt);
}

TEST(CronClock, WaitsFortyYearsForTheRarestDate) {
  const CronClock clock = Clock("0 0 29 2 */7", "Europe/Berlin");  // Sundays
  const UnixTime last = *ParseRfc3339("2088-02-28T23:00:00Z");
  const UnixTime next = *ParseRfc3339("2128-02-28T23:00:00Z");
  EXPECT_EQ(clock.Next(last), next);
  EXPECT_EQ(clock.Previous(next - Duration{1}), last);
}

TEST(CronClock, KnowsNothingOutsideItsYears) {
  const CronClock clock = Clock("0 * * * *", "Europe/Berlin");
  EXPECT_NE(clock.Next(*ParseRfc3339("2349-12-31T22:59:59Z")), std::nullopt);
  EXPECT_EQ(clock.Next(*ParseRfc3339("2349-12-31T23:59:59Z")), std::nullopt);
  EXPECT_EQ(clock.Next(*ParseRfc3339("2350-01-01T00:00:00Z")), std::nullopt);
  EXPECT_NE(clock.Previous(*ParseRfc3339("0001-01-01T01:00:00Z")), std::nullopt);
  EXPECT_EQ(clock.Previous(*ParseRfc3339("0000-12-31T23:59:59Z")), std::nullopt);
  EXPECT_EQ(clock.Next(UnixTime::min()), std::nullopt);
  EXPECT_EQ(clock.Next(UnixTime::max()), std::nullopt);
}

}  // namespace
}  // namespace targets
