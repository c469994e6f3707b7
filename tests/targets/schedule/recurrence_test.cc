#include "targets/schedule/recurrence.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "targets/schedule/jitter.h"

namespace targets {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

UnixTime At(const char* text) { return *ParseRfc3339(text); }

Schedule Cron(const std::string& expression, const std::string& zone = "UTC") {
  return {.timing = CronTiming{expression}, .timezone = zone};
}

Schedule Every(Duration period, Duration jitter = Duration{0}) {
  return {.timing = IntervalTiming{period}, .timezone = "UTC", .jitter = jitter};
}

std::string MessageOf(const Schedule& schedule) {
  const Result<Recurrence> recurrence = Recurrence::Make(schedule, "seed");
  return recurrence ? "no error" : recurrence.error().message;
}

TEST(Recurrence, IsNeverDueByItselfIfManual) {
  const Recurrence manual =
      *Recurrence::Make(Schedule{.timing = ManualTiming{}, .timezone = "UTC"}, "a");
  EXPECT_EQ(manual.Next(At("2026-01-01T00:00:00Z")), std::nullopt);
  EXPECT_EQ(manual.Previous(At("2026-01-01T00:00:00Z")), std::nullopt);
  EXPECT_EQ(manual.Period(At("2026-01-01T00:00:00Z")), std::nullopt);
}

TEST(Recurrence, CountsIntervalsFromTheUnixEpoch) {
  const Recurrence every = *Recurrence::Make(Every(hours{6}), "a");
  EXPECT_EQ(every.Next(At("2026-01-01T05:59:59Z")), At("2026-01-01T06:00:00Z"));
  EXPECT_EQ(every.Next(At("2026-01-01T06:00:00Z")), At("2026-01-01T12:00:00Z"));
  EXPECT_EQ(every.Previous(At("2026-01-01T06:00:00Z")), At("2026-01-01T06:00:00Z"));
  EXPECT_EQ(every.Previous(At("2026-01-01T05:59:59Z")), At("2026-01-01T00:00:00Z"));
  EXPECT_EQ(every.Period(At("2026-01-01T05:59:59Z")), hours{6});
}

TEST(Recurrence, CountsIntervalsBackBeyondTheEpoch) {
  const Recurrence every = *Recurrence::Make(Every(Duration{7}), "a");
  EXPECT_EQ(every.Next(FromUnixSeconds(-8)), FromUnixSeconds(-7));
  EXPECT_EQ(every.Next(FromUnixSeconds(-7)), FromUnixSeconds(0));
  EXPECT_EQ(every.Previous(FromUnixSeconds(-1)), FromUnixSeconds(-7));
}

TEST(Recurrence, MovesEveryOccurrenceByTheSameJitter) {
  Schedule schedule = Cron("0 2 * * *", "Europe/Berlin");
  const Recurrence plain = *Recurrence::Make(schedule, "photos/backup");
  schedule.jitter = minutes{10};
  const Recurrence late = *Recurrence::Make(schedule, "photos/backup");
  const Duration offset = JitterOffset("photos/backup", minutes{10});
  ASSERT_GT(offset, Duration{0});
  UnixTime at = At("2026-03-20T00:00:00Z");
  UnixTime late_at = at;
  for (int i = 0; i < 20; ++i) {  // over the change to summer time
    at = *plain.Next(at);
    late_at = *late.Next(late_at);
    EXPECT_EQ(late_at, at + offset);
    EXPECT_EQ(late.Previous(late_at), late_at);
    EXPECT_LT(*late.Previous(late_at - Duration{1}), at);
  }
}

TEST(Recurrence, AppliesJitterToIntervals) {
  const Recurrence late = *Recurrence::Make(Every(hours{1}, minutes{5}), "photos/probe");
  const UnixTime next = *late.Next(At("2026-01-01T00:30:00Z"));
  EXPECT_EQ(next, At("2026-01-01T01:00:00Z") + JitterOffset("photos/probe", minutes{5}));
  EXPECT_EQ(late.Next(next), next + hours{1});
}

TEST(Recurrence, TakesTheLongestGapAheadAsItsPeriod) {
  const Recurrence daily = *Recurrence::Make(Cron("0 2 * * *"), "a");
  EXPECT_EQ(daily.Period(At("2026-05-04T12:00:00Z")), days{1});
  const Recurrence workdays = *Recurrence::Make(Cron("0 2 * * 1-5"), "a");
  EXPECT_EQ(workdays.Period(At("2026-05-04T12:00:00Z")), days{1});  // Monday: up to Friday
  EXPECT_EQ(workdays.Period(At("2026-05-09T12:00:00Z")), days{3});  // Saturday: Friday to Monday
  const Recurrence leap = *Recurrence::Make(Cron("0 0 29 2 *"), "a");
  EXPECT_EQ(leap.Period(At("2026-01-01T00:00:00Z")), days{4 * 365 + 1});
}

TEST(Recurrence, HasNoPeriodIfItNeverFires) {
  const Recurrence never = *Recurrence::Make(Cron("0 0 30 2 *"), "a");
  EXPECT_EQ(never.Next(At("2026-01-01T00:00:00Z")), std::nullopt);
  EXPECT_EQ(never.Period(At("2026-01-01T00:00:00Z")), std::nullopt);
}

TEST(Recurrence, ReportsBadTimings) {
  EXPECT_EQ(MessageOf(Cron("61 * * * *")), "\"61 * * * *\": minute 61 is not in 0-59");
  EXPECT_EQ(MessageOf(Cron("0 2 * * *", "Europe/Berln")), "unknown time zone \"Europe/Berln\"");
  EXPECT_EQ(MessageOf(Every(Duration{0})), "every: the period is zero");
  EXPECT_EQ(MessageOf(Every(Duration{1})), "no error");
}

TEST(Recurrence, CountsInUtcWithoutAZone) {
  const Recurrence daily = *Recurrence::Make(Cron("0 2 * * *", ""), "a");
  EXPECT_EQ(daily.Next(At("2026-07-01T00:00:00Z")), At("2026-07-01T02:00:00Z"));
}

TEST(Recurrence, AnswersForAnyInstantWithoutOverflow) {
  for (const Schedule& schedule : {Cron("* * * * *"), Every(hours{1}, minutes{1})}) {
    const Recurrence recurrence = *Recurrence::Make(schedule, "a");
    for (const UnixTime at : {UnixTime::min(), UnixTime::max()}) {
      EXPECT_EQ(recurrence.Next(at), std::nullopt);
      EXPECT_EQ(recurrence.Previous(at), std::nullopt);
    }
  }
}

TEST(Jitter, StaysWithinItsBoundsAndReachesBoth) {
  std::set<long long> offsets;
  for (int i = 0; i < 1000; ++i) {
    offsets.insert(JitterOffset("target-" + std::to_string(i), Duration{9}).count());
  }
  EXPECT_EQ(offsets.size(), 10U);
  EXPECT_EQ(*offsets.begin(), 0);
  EXPECT_EQ(*offsets.rbegin(), 9);
}

TEST(Jitter, IsNoneIfNoneIsAllowed) {
  EXPECT_EQ(JitterOffset("photos/backup", Duration{0}), Duration{0});
  EXPECT_EQ(JitterOffset("photos/backup", Duration{-5}), Duration{0});
}

TEST(Jitter, SpreadsNeighbouringNames) {
  // 100 targets in an hour: no 6 minutes hold more than a fifth of them.
  std::vector<int> buckets(10);
  for (int i = 0; i < 100; ++i) {
    const Duration offset = JitterOffset("target-" + std::to_string(i) + "/backup", Duration{3599});
    ++buckets[static_cast<std::size_t>(offset.count() / 360)];
  }
  for (const int bucket : buckets) EXPECT_LE(bucket, 20);
}

TEST(Jitter, NeverMovesByAnUpgrade) {
  EXPECT_EQ(StableHash(""), 0xefd01f60ba992926ULL);
  EXPECT_EQ(JitterOffset("photos/backup", Duration{600}).count(), 12);
}

}  // namespace
}  // namespace targets
