#include "runner/daemon/daemon.h"

#include <gmock/gmock.h>

#include "tests/runner/daemon/life.h"

namespace runner::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(DaemonLife, SleepsUntilTheNextInstantThatMattersAndSaysSo) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *"))};
  EXPECT_FALSE(Live("1 01:00"));
  EXPECT_THAT(done, IsEmpty());
  EXPECT_EQ(AboutDaemon().next_wakeup, At("1 02:00"));
  EXPECT_EQ(AboutDaemon().pid, 42);
  EXPECT_EQ(AboutDaemon().stopped, std::nullopt);
}

TEST_F(DaemonLife, ProvesAWaveWithOneListingAndForgetsForAllAtOnce) {
  max_parallel = 2;
  jobs = {Job("backup a", "0 2 * * *"), Job("backup b", "0 2 * * *"), Job("backup c", "0 2 * * *")};
  crew_.next = {10 * kMinute, 10 * kMinute + targets::Duration{20}, kMinute / 4};
  Live("1 03:00");
  EXPECT_EQ(done, (Lines{"1 02:10 backup a", "1 02:10:15 backup c", "1 02:10:20 backup b",
                         "1 02:20:20 prove a b c", "1 02:30:20 forget a b c"}));
}

TEST_F(DaemonLife, ALongBackupDoesNotHoldUpTheProofOfTheOthers) {
  max_parallel = 2;
  jobs = {Job("backup a", "0 2 * * *"), Job("backup b", "0 2 * * *")};
  crew_.next = {10 * kMinute, 50 * kMinute};
  Live("1 02:40");
  EXPECT_EQ(done, (Lines{"1 02:10 backup a", "1 02:21 prove a"}));
}

TEST_F(DaemonLife, WithOnePlaceTheWaveIsStillProvenOnce) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *")), KeepingAll(Job("backup b", "0 2 * * *"))};
  crew_.next = {kMinute / 2, kMinute / 2};
  Live("1 03:00");
  EXPECT_EQ(done, (Lines{"1 02:00:30 backup a", "1 02:01 backup b", "1 02:11 prove a b"}));
}

TEST_F(DaemonLife, AtStartTheRestoreCheckComesBeforeTheBackup) {
  jobs = {AtStart(KeepingAll(Job("backup a", "0 2 * * *"))), AtStart(Job("restore a"))};
  Live("1 01:00");
  EXPECT_EQ(done, (Lines{"1 00:10 restore a", "1 00:20 backup a", "1 00:30 prove a"}));
}

TEST_F(DaemonLife, ARunIsOnDiskBeforeItBegins) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *"))};
  Live("1 02:05");
  EXPECT_THAT(files_.Read("/state/targets/a/schedule", 1000).value().value(),
              HasSubstr("running=1"));
}

TEST_F(DaemonLife, AfterAPowerCutWhatWasInterruptedRunsAgainOnceAndNothingElseTwice) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *")), KeepingAll(Job("backup b", "0 1 * * *"))};
  Live("1 02:05");
  EXPECT_EQ(done, (Lines{"1 01:10 backup b", "1 01:20 prove b"}));
  done.clear();
  Live("1 03:00");
  EXPECT_EQ(done, (Lines{"1 02:15 backup a", "1 02:25 prove a"}));
}

TEST_F(DaemonLife, AForgetThatWasOwedWhenThePowerWasCutIsDoneAfterwards) {
  jobs = {Job("backup a", "0 2 * * *")};
  Live("1 02:25");
  EXPECT_EQ(done, (Lines{"1 02:10 backup a", "1 02:20 prove a"}));
  Live("1 03:00");
  EXPECT_EQ(done.back(), "1 02:35 forget a");
}

TEST_F(DaemonLife, AfterDowntimeOneRunCatchesUp) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *"))};
  Live("1 01:00");
  clock_.JumpTo(At("5 12:00"));
  Live("5 13:00");
  EXPECT_EQ(done, (Lines{"5 12:10 backup a", "5 12:20 prove a"}));
  EXPECT_THAT(events_.lines, Contains(HasSubstr("a: begins (catch-up: it was due 4d10h ago)")));
}

TEST_F(DaemonLife, NoticesThatTheClockWasSet) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *"))};
  mailbox_.Plan(At("1 01:00"), [this] {
    clock_.JumpTo(At("1 03:00"));
    mailbox_.Post(TimerFired{true});
  });
  Live("1 04:00");
  EXPECT_EQ(done, (Lines{"1 03:10 backup a", "1 03:20 prove a"}));
}

TEST_F(DaemonLife, AClockSetBackDoesNotMakeAProofWait) {
  max_parallel = 2;
  jobs = {KeepingAll(Job("backup a", "0 2 * * *")), KeepingAll(Job("backup b", "0 2 * * *"))};
  crew_.next = {10 * kMinute, 5 * kHour, targets::Duration{1}};
  mailbox_.Plan(At("1 02:10:30"), [this] {
    clock_.JumpTo(At("1 01:00"));
    mailbox_.Post(TimerFired{true});
  });
  Live("1 02:40");
  EXPECT_EQ(done, (Lines{"1 02:10 backup a", "1 01:00:01 prove a"}));
}

TEST_F(DaemonLife, AFailureIsTriedAgainAndEndsNothing) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *"))};
  outcomes["backup a"] = JobOutcome::kBlocked;
  Live("1 02:40");
  EXPECT_EQ(done, (Lines{"1 02:10 backup a", "1 02:21 backup a", "1 02:36 backup a"}));
}

TEST_F(DaemonLife, AfterADailyCapTheNextTryWaitsForItsReset) {
  jobs = {KeepingAll(Job("backup a", "0 22 */3 * *"))};
  outcomes["backup a"] = JobOutcome::kBlocked;
  cause = Cause::kCapExceeded;
  Live("2 02:00");
  EXPECT_EQ(done, (Lines{"1 22:10 backup a", "2 00:15 backup a"}));
}

TEST_F(DaemonLife, ADiskThatIsFullHoldsUpNoBackup) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *"))};
  mailbox_.Plan(At("1 01:00"), [this] { files_.SetFull(true); });
  Live("1 03:00");
  EXPECT_EQ(done, (Lines{"1 02:10 backup a", "1 02:20 prove a"}));
  EXPECT_THAT(events_.lines, Contains(HasSubstr("records cannot be stored")));
}

TEST_F(DaemonLife, AStopWaitsForWhatRunsProvesItAndStartsNothing) {
  jobs = {Job("backup a", "0 2 * * *"), Job("backup b", "0 2 * * *")};
  PlanEvent("1 02:05", StopSignalled{});
  crew_.next = {5 * kMinute + targets::Duration{30}, targets::Duration{20}};
  EXPECT_TRUE(Live("1 04:00"));
  EXPECT_EQ(done, (Lines{"1 02:05:30 backup a", "1 02:05:50 prove a"}));
  EXPECT_EQ(AboutDaemon().stopped, At("1 02:05:50"));
  EXPECT_EQ(AboutDaemon().next_wakeup, std::nullopt);
  EXPECT_EQ(hurries, 0);
}

TEST_F(DaemonLife, AStopOfAnIdleDaemonIsImmediate) {
  jobs = {Job("backup a", "0 2 * * *")};
  PlanEvent("1 01:00", StopSignalled{});
  EXPECT_TRUE(Live("1 04:00"));
  EXPECT_EQ(AboutDaemon().stopped, At("1 01:00"));
}

TEST_F(DaemonLife, WhatDoesNotEndWithinTheGraceIsHurriedOnce) {
  jobs = {Job("backup a", "0 2 * * *")};
  PlanEvent("1 02:05", StopSignalled{});
  PlanEvent("1 02:05:10", StopSignalled{});
  outcomes["backup a"] = JobOutcome::kInterrupted;
  EXPECT_TRUE(Live("1 04:00"));
  EXPECT_EQ(hurries, 1);
  EXPECT_EQ(AboutDaemon().stopped, At("1 02:10"));
}

TEST_F(DaemonLife, AfterAStopAnInterruptedRunIsTriedAgain) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *"))};
  PlanEvent("1 02:05", StopSignalled{});
  outcomes["backup a"] = JobOutcome::kInterrupted;
  EXPECT_TRUE(Live("1 04:00"));
  done.clear();
  outcomes.clear();
  Live("1 03:00");
  EXPECT_EQ(done, (Lines{"1 02:21 backup a", "1 02:31 prove a"}));
}

TEST_F(DaemonLife, WhatSomebodyAsksForRunsAtOnceAndOnlyOnce) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *"))};
  const JobKey backup = jobs.front().key;
  PlanEvent("1 01:00", JobAsked{backup});
  PlanEvent("1 01:05", JobAsked{backup});
  PlanEvent("1 01:06", JobAsked{{targets::TargetId("nobody"), targets::Stage::kBackup}});
  Live("1 01:30");
  EXPECT_EQ(done, (Lines{"1 01:10 backup a", "1 01:20 prove a"}));
  EXPECT_THAT(events_.lines, Contains(HasSubstr("begins (requested)")));
}

TEST_F(DaemonLife, AnErrandIsDoneBesideTheJobsUnlessTheDaemonStops) {
  PlanEvent("1 01:00", ErrandAsked{[this] { Tell("errand"); }});
  PlanEvent("1 02:00", StopSignalled{});
  EXPECT_TRUE(Live("1 03:00"));
  EXPECT_EQ(done, (Lines{"1 01:10 errand"}));
}

TEST_F(DaemonLife, AReloadChangesTheScheduleBetweenJobs) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *"))};
  reload = [this]() -> targets::Result<Installation> {
    return Installation{
        {KeepingAll(Job("backup a", "0 2 * * *")), KeepingAll(Job("backup b", "30 2 * * *"))},
        1,
        kMinute,
        std::make_shared<FakeWorkshop>(*this, "new ")};
  };
  PlanEvent("1 02:05", ReloadSignalled{});
  Live("1 03:00");
  EXPECT_EQ(done, (Lines{"1 02:10 backup a", "1 02:20 prove a", "1 02:40 new backup b",
                         "1 02:50 new prove b"}))
      << "what runs goes on with the old configuration";
  EXPECT_EQ(AboutDaemon().configured, At("1 02:05"));
  EXPECT_EQ(AboutDaemon().config_error, "");
}

TEST_F(DaemonLife, ComesToRestAtItsStartAndOnceAfterEachWave) {
  max_parallel = 2;
  jobs = {Job("backup a", "0 2 * * *"), KeepingAll(Job("backup b", "0 2 * * *"))};
  at_rest = [this] { Tell("rest"); };
  crew_.next = {kMinute, 10 * kMinute, 10 * kMinute + targets::Duration{20},
                kMinute, kMinute,      kMinute};
  Live("2 01:00");
  EXPECT_EQ(done, (Lines{"1 00:01 rest", "1 02:10 backup a", "1 02:10:20 backup b",
                         "1 02:11:20 prove a b", "1 02:12:20 forget a", "1 02:13:20 rest"}));
}

TEST_F(DaemonLife, AReloadIsARestToo) {
  reload = [this]() -> targets::Result<Installation> {
    return Installation{{}, 1, kMinute, workshop_, [this] { Tell("new rest"); }};
  };
  PlanEvent("1 01:00", ReloadSignalled{});
  Live("1 02:00");
  EXPECT_EQ(done, Lines{"1 01:10 new rest"});
}

TEST_F(DaemonLife, AReloadWithMistakesKeepsTheOldConfiguration) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *"))};
  reload = []() -> targets::Result<Installation> { return targets::Fail("line 3 is wrong"); };
  PlanEvent("1 01:00", ReloadSignalled{});
  Live("1 03:00");
  EXPECT_EQ(done, (Lines{"1 02:10 backup a", "1 02:20 prove a"}));
  EXPECT_EQ(AboutDaemon().config_error, "line 3 is wrong");
  EXPECT_THAT(events_.lines, Contains(HasSubstr("the old one stays: line 3 is wrong")));
}

TEST_F(DaemonLife, ADamagedRecordIsAWarningAndNoReasonToEnd) {
  jobs = {KeepingAll(Job("backup a", "0 2 * * *"))};
  files_.AddFile("/state/targets/a/schedule", "what is this\n");
  Live("1 03:00");
  EXPECT_EQ(done, (Lines{"1 02:10 backup a", "1 02:20 prove a"}));
  EXPECT_THAT(events_.lines, Contains(HasSubstr("schedule.damaged")));
}

JobReport With(JobOutcome outcome, Cause cause = Cause::kNone) {
  JobReport report;
  report.outcome = outcome;
  report.cause = cause;
  return report;
}

TEST(EndOfReports, TheWorstDecides) {
  EXPECT_EQ(EndOf({With(JobOutcome::kSuccess), With(JobOutcome::kFailed)}), JobEnd::kFailure);
  EXPECT_EQ(EndOf({With(JobOutcome::kFailed, Cause::kQuarantined)}), JobEnd::kSkipped)
      << "a person has to answer: another run would find the same";
  EXPECT_EQ(EndOf({With(JobOutcome::kBlocked)}), JobEnd::kFailure);
  EXPECT_EQ(EndOf({With(JobOutcome::kInterrupted)}), JobEnd::kFailure);
  EXPECT_EQ(EndOf({With(JobOutcome::kIncomplete)}), JobEnd::kSuccess) << "there is a snapshot";
  EXPECT_EQ(EndOf({With(JobOutcome::kSkipped), With(JobOutcome::kSuccess)}), JobEnd::kSuccess);
  EXPECT_EQ(EndOf({With(JobOutcome::kSkipped)}), JobEnd::kSkipped);
}

}  // namespace
}  // namespace runner::testing
