#include "runner/status/next_run.h"

#include <gtest/gtest.h>

#include "runner/schedule/scheduler.h"

namespace runner {
namespace {

using targets::Duration;
using targets::FromUnixSeconds;
using targets::UnixTime;

const UnixTime kNow = FromUnixSeconds(1'800'000'000);  // a Friday, 08:00 UTC
constexpr Duration kHour{3600};
constexpr Duration kDay{24 * 3600};
const UnixTime kDue = kNow - 6 * kHour;

JobSpec Job(targets::Timing timing = targets::CronTiming{"0 2 * * *"}) {
  targets::Schedule schedule;
  schedule.timing = std::move(timing);
  schedule.timezone = "UTC";
  return {{targets::TargetId("photos"), targets::Stage::kBackup},
          targets::Recurrence::Make(schedule, "photos/backup").value()};
}

JobRecord Settled(UnixTime due) {
  JobRecord record;
  record.settled_due = due;
  return record;
}

/// Of the occurrence that is settled last.
JobRecord Failed(UnixTime retry_at, int retries) {
  JobRecord record = Settled(kDue);
  record.retry_at = retry_at;
  record.retries = retries;
  return record;
}

NextRun Next(const JobRecord& record, Daemon daemon = Daemon::kRuns, Work work = Work::kIdle) {
  return FindNextRun(Job(), record, kNow, daemon, work);
}

TEST(NextRun, IsTheNextOccurrenceIfAllIsSettled) {
  EXPECT_EQ(Next(Settled(kDue)), (NextRun{NextKind::kScheduled, kDue + kDay}));
}

TEST(NextRun, OfAJobThatNobodyRecordedIsTheNextOccurrence) {
  EXPECT_EQ(Next({}), (NextRun{NextKind::kScheduled, kDue + kDay}));
}

TEST(NextRun, IsOverdueSinceTheFirstOccurrenceThatNobodyBegan) {
  EXPECT_EQ(Next(Settled(kDue - kDay)), (NextRun{NextKind::kOverdue, kDue}));
  EXPECT_EQ(Next(Settled(kDue - 3 * kDay)), (NextRun{NextKind::kOverdue, kDue - 2 * kDay}));
}

TEST(NextRun, IsNeverOverdueWithoutADaemon) {
  EXPECT_EQ(Next(Settled(kDue - kDay), Daemon::kDoesNotRun),
            (NextRun{NextKind::kScheduled, kDue + kDay}));
}

TEST(NextRun, IsTheRetryOfAFailedRun) {
  const JobRecord failed = Failed(kNow + kHour, 4);
  EXPECT_EQ(Next(failed), (NextRun{NextKind::kRetry, kNow + kHour, 4}));
  EXPECT_EQ(Next(failed, Daemon::kDoesNotRun), (NextRun{NextKind::kScheduled, kDue + kDay}))
      << "nobody is there to try it again";
}

TEST(NextRun, IsNotKnownWhileItRuns) {
  EXPECT_EQ(Next(Failed(kNow, 1), Daemon::kRuns, Work::kAtWork), NextRun{NextKind::kAfterRun});
}

TEST(NextRun, OfAManualJobIsNever) {
  EXPECT_EQ(FindNextRun(Job(targets::ManualTiming{}), {}, kNow, Daemon::kRuns, Work::kIdle),
            NextRun{NextKind::kNever});
}

TEST(NextRun, DoesNotWaitForOccurrencesThatCatchUpSkips) {
  JobSpec job = Job();
  job.catch_up = targets::CatchUp::kSkip;
  const JobRecord missed = Settled(kDue - kDay);
  const UnixTime late = kDue + Scheduler::kLate;
  EXPECT_EQ(MissedSince(job, missed, late), kDue);
  EXPECT_EQ(MissedSince(job, missed, late + Duration{1}), std::nullopt);
}

TEST(NextRun, IsNotSilencedByAClockThatWasFarAhead) {
  EXPECT_EQ(Next(Settled(kNow + 365 * kDay)), (NextRun{NextKind::kScheduled, kDue + kDay}));
  EXPECT_EQ(Next(Settled(kDue + kDay)), (NextRun{NextKind::kScheduled, kDue + 2 * kDay}))
      << "set back by less than a period: nothing runs twice";
}

TEST(NextRun, AgreesWithTheScheduler) {
  for (const JobRecord& record :
       {Settled(kDue), Settled(kDue - 5 * kDay), Settled(kDue + kDay), Failed(kNow + kHour, 2)}) {
    Scheduler scheduler({Job()}, 1);
    const SchedulerActions actions = scheduler.On(Started{kNow, {{Job().key, record}}});
    const NextRun next = Next(record);
    EXPECT_EQ(next.kind == NextKind::kOverdue, !actions.start.empty());
    EXPECT_EQ(next.at, actions.start.empty() ? scheduler.View(Job().key)->next_due
                                             : std::optional(actions.start.front().due));
  }
}

}  // namespace
}  // namespace runner
