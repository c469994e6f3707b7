#include "runner/schedule/scheduler.h"

#include <gtest/gtest.h>

#include "tests/runner/schedule/story.h"

namespace runner::testing {
namespace {

using Starts = Story::Starts;

const Starts kNothing;

// Due times and waking up.

TEST(Scheduler, StartsAJobWhenItIsDueAndNotBefore) {
  Story story({Job("backup a", "0 2 * * *")});
  EXPECT_EQ(story.Start("1 00:00"), kNothing);
  EXPECT_EQ(story.wake(), "1 02:00");
  EXPECT_EQ(story.Timer("1 01:59:59"), kNothing);
  EXPECT_EQ(story.wake(), "1 02:00");
  EXPECT_EQ(story.Timer("1 02:00"), Starts{"backup a: scheduled"});
}

TEST(Scheduler, NothingStartsBeforeStarted) {
  Story story({AtStart(Job("backup a", "0 2 * * *"))});
  EXPECT_EQ(story.Timer("1 02:00"), kNothing);
  EXPECT_EQ(story.wake(), "never");
  EXPECT_FALSE(story.last().stopped);
  EXPECT_EQ(story.Start("1 02:01"), Starts{"backup a: daemon start"});
}

TEST(Scheduler, SleepsUntilAnEventWhileAllJobsRun) {
  Story story({KeepingAll(Job("backup a", "0 2 * * *"))});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  EXPECT_EQ(story.wake(), "never");
  EXPECT_EQ(story.Succeed("1 02:10", "backup a"), kNothing);
  EXPECT_EQ(story.wake(), "2 02:00");
}

TEST(Scheduler, WakesForTheEarliestOfAllJobs) {
  Story story({Job("backup a", "0 2 * * *"), Job("backup b", "0 1 * * *"), Job("drill a")});
  story.Start("1 00:00");
  EXPECT_EQ(story.wake(), "1 01:00");
}

TEST(Scheduler, HandlesWhatIsDueInAnyEventSoThatItNeverAsksToWakeInThePast) {
  Story story({Job("backup a", "0 2 * * *"), Job("probe")}, 2);
  story.Start("1 00:00");
  EXPECT_EQ(story.Request("1 02:00:30", "probe"),
            (Starts{"backup a: scheduled", "probe: requested"}));
  EXPECT_EQ(story.wake(), "never");
}

TEST(Scheduler, AJobSeenForTheFirstTimeHasMissedNothing) {
  Story story({Job("backup a", "0 2 * * *")});
  EXPECT_EQ(story.Start("1 12:00"), kNothing);
  EXPECT_EQ(story.disk.at(Key("backup a")).settled_due, At("1 12:00"));
  EXPECT_EQ(story.wake(), "2 02:00");
}

TEST(Scheduler, AFirstSightSurvivesARestart) {
  Story story({Job("backup a", "0 2 * * *")});
  story.Start("1 12:00");
  EXPECT_EQ(story.CrashAndStart("2 12:00"), Starts{"backup a: catch-up"});
}

TEST(Scheduler, RecordsAttemptSuccessAndDueApart) {
  Story story({KeepingAll(Job("backup a", "0 2 * * *"))});
  story.Start("1 00:00");
  story.Timer("1 02:00:05");
  JobRecord expected;
  expected.settled_due = At("1 02:00");
  expected.last_attempt = At("1 02:00:05");
  expected.running = true;
  EXPECT_EQ(story.disk.at(Key("backup a")), expected);
  story.Succeed("1 02:30", "backup a");
  expected.running = false;
  expected.last_success = At("1 02:30");
  EXPECT_EQ(story.disk.at(Key("backup a")), expected);
}

// Catching up.

TEST(Scheduler, CatchesUpOnceAfterALongDowntime) {
  Story story({KeepingAll(Job("backup a", "0 2 * * *"))});
  story.Start("1 00:00");
  EXPECT_EQ(story.CrashAndStart("5 12:00"), Starts{"backup a: catch-up"});
  EXPECT_EQ(story.last().start.at(0).due, At("1 02:00"));
  story.Succeed("5 12:30", "backup a");
  EXPECT_EQ(story.wake(), "6 02:00");
}

TEST(Scheduler, SkipsWhatWasMissedIfToldSo) {
  Story story({Skipping(Job("backup a", "0 2 * * *"))});
  story.Start("1 00:00");
  EXPECT_EQ(story.CrashAndStart("5 12:00"), kNothing);
  EXPECT_EQ(story.disk.at(Key("backup a")).settled_due, At("5 02:00"));
  EXPECT_EQ(story.wake(), "6 02:00");
}

TEST(Scheduler, SkipsTheRetryOfASlotThatIsOver) {
  Story story({Skipping(Job("backup a", "0 2 * * *"))});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Fail("1 02:10", "backup a");
  EXPECT_EQ(Story(story).CrashAndStart("1 12:00"), Starts{"backup a: retry"});
  EXPECT_EQ(story.CrashAndStart("2 12:00"), kNothing);
  EXPECT_EQ(story.wake(), "3 02:00");
}

TEST(Scheduler, ARestartOfAFewMinutesMissesNothingEvenIfMissedRunsAreSkipped) {
  Story story({Skipping(Job("backup a", "0 2 * * *"))});
  story.Start("1 00:00");
  EXPECT_EQ(story.CrashAndStart("1 02:10"), Starts{"backup a: scheduled"});
  Story later({Skipping(Job("backup a", "0 2 * * *"))});
  later.Start("1 00:00");
  EXPECT_EQ(later.CrashAndStart("1 02:10:01"), kNothing);
}

TEST(Scheduler, AMachineThatSleptCatchesUpOnceOrSkips) {
  Story story({Job("backup a", "0 2 * * *"), Skipping(Job("backup b", "0 2 * * *"))}, 2);
  story.Start("1 00:00");
  EXPECT_EQ(story.Timer("4 09:00"), Starts{"backup a: catch-up"});
}

TEST(Scheduler, OccurrencesDuringALongRunAreOneRunAfterIt) {
  Story story({KeepingAll(Job("backup a", "0 * * * *"))});
  story.Start("1 00:30");
  story.Timer("1 01:00");
  EXPECT_EQ(story.Timer("1 02:00"), kNothing);
  EXPECT_EQ(story.Succeed("1 04:30", "backup a"), Starts{"backup a: catch-up"});
  EXPECT_EQ(story.last().start.at(0).due, At("1 02:00"));
  EXPECT_EQ(story.Succeed("1 04:40", "backup a"), kNothing);
  EXPECT_EQ(story.wake(), "1 05:00");
}

// The start of the daemon.

TEST(Scheduler, RunsAtEveryStartWhatIsToldSo) {
  Story story({AtStart(KeepingAll(Job("backup a", "0 2 * * *"))), Job("backup b", "0 2 * * *")}, 2);
  EXPECT_EQ(story.Start("1 00:00"), Starts{"backup a: daemon start"});
  story.Succeed("1 00:10", "backup a");
  EXPECT_EQ(story.CrashAndStart("1 01:00"), Starts{"backup a: daemon start"});
}

TEST(Scheduler, AStartAndAMissedOccurrenceAreOneRun) {
  Story story({AtStart(KeepingAll(Job("backup a", "0 2 * * *")))});
  story.Start("1 00:00");
  story.Succeed("1 00:10", "backup a");
  EXPECT_EQ(story.CrashAndStart("2 12:00"), Starts{"backup a: catch-up"});
  EXPECT_EQ(story.Succeed("2 12:10", "backup a"), kNothing);
}

TEST(Scheduler, AtStartTheRestoreCheckComesFirstThenTheBackupThenTheRest) {
  Story story({AtStart(Job("backup a", "0 2 * * *")), AtStart(Job("restore a")),
               Job("prune", "0 4 * * 0")});
  story.Start("1 00:00");
  story.Stop("1 00:01");
  EXPECT_EQ(story.CrashAndStart("20 12:00"), Starts{"restore a: interrupted before"});
  EXPECT_EQ(story.Succeed("20 12:01", "restore a"), Starts{"backup a: catch-up"});
  EXPECT_EQ(story.Succeed("20 12:30", "backup a"), Starts{"prune: catch-up"});
  EXPECT_EQ(story.Succeed("20 12:50", "prune"), Starts{"forget [a]: after backups"});
}

TEST(Scheduler, ARestoreGoesBeforeAMoreOverdueBackupOfItsTargetOnly) {
  Story story(
      {Job("backup a", "0 2 * * *"), Job("backup b", "0 2 * * *"), AtStart(Job("restore b"))}, 3);
  story.Start("1 00:00");
  story.Succeed("1 00:01", "restore b");
  EXPECT_EQ(story.CrashAndStart("2 12:00"),
            (Starts{"restore b: daemon start", "backup a: catch-up"}));
  EXPECT_EQ(story.Succeed("2 12:01", "restore b"), Starts{"backup b: catch-up"});
}

// Retries.

TEST(Scheduler, TriesAFailedRunAgainAfterOneFiveFifteenAndSixtyMinutes) {
  Story story({Job("backup a", "0 2 * * *")});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  EXPECT_EQ(story.Fail("1 02:10", "backup a"), kNothing);
  EXPECT_EQ(story.wake(), "1 02:11");
  EXPECT_EQ(story.Timer("1 02:10:59"), kNothing);
  EXPECT_EQ(story.Timer("1 02:11"), Starts{"backup a: retry"});
  story.Fail("1 02:12", "backup a");
  EXPECT_EQ(story.wake(), "1 02:17");
  story.Timer("1 02:17");
  story.Fail("1 02:18", "backup a");
  EXPECT_EQ(story.wake(), "1 02:33");
  story.Timer("1 02:33");
  story.Fail("1 02:34", "backup a");
  EXPECT_EQ(story.wake(), "1 03:34");
  story.Timer("1 03:34");
  story.Fail("1 03:35", "backup a");
  EXPECT_EQ(story.wake(), "2 02:00") << "four retries, then the next occurrence";
}

TEST(Scheduler, ANewSlotBeginsAnewWithTheFirstRetry) {
  Story story({Job("backup a", "0 2 * * *")});
  story.Start("1 00:00");
  for (const char* at : {"1 02:00", "1 02:01", "1 02:06"}) {
    story.Timer(at);
    story.Fail(at, "backup a");
  }
  EXPECT_EQ(story.disk.at(Key("backup a")).retries, 3);
  story.Timer("1 02:21");
  story.Succeed("1 02:30", "backup a");
  EXPECT_EQ(story.disk.at(Key("backup a")).retries, 0);
  story.Succeed("1 02:31", "forget");
  story.Timer("2 02:00");
  story.Fail("2 02:00", "backup a");
  EXPECT_EQ(story.wake(), "2 02:01");
}

TEST(Scheduler, ASlotThatFailedToItsEndGivesTheNextOneItsRetries) {
  Story story({Job("backup a", "0 2 * * *")});
  story.Start("1 00:00");
  for (const char* at : {"1 02:00", "1 02:01", "1 02:06", "1 02:21", "1 03:21"}) {
    EXPECT_EQ(story.Timer(at).size(), 1U) << at;
    story.Fail(at, "backup a");
  }
  EXPECT_EQ(story.wake(), "2 02:00");
  story.Timer("2 02:00");
  story.Fail("2 02:00", "backup a");
  EXPECT_EQ(story.wake(), "2 02:01");
}

TEST(Scheduler, NoRetryReachesTheNextOccurrence) {
  Story story({Job("backup a", "*/5 * * * *")});
  story.Start("1 00:01");
  story.Timer("1 00:05");
  story.Fail("1 00:08:59", "backup a");
  EXPECT_EQ(story.wake(), "1 00:09:59");
  story.Timer("1 00:09:59");
  story.Fail("1 00:09:59", "backup a");
  EXPECT_EQ(story.wake(), "1 00:10");
  EXPECT_EQ(story.Timer("1 00:10"), Starts{"backup a: scheduled"});
  story.Fail("1 00:14", "backup a");
  EXPECT_EQ(story.disk.at(Key("backup a")).retry_at, std::nullopt) << "it would be at the next";
  EXPECT_EQ(story.Timer("1 00:15"), Starts{"backup a: scheduled"});
}

TEST(Scheduler, ARetryWaitsAsLongAsItIsTold) {
  Story story({Job("backup a", "0 2 * * *")});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.FailUntil("1 02:10", "backup a", "1 23:30");
  EXPECT_EQ(story.wake(), "1 23:30");
  story.Timer("1 23:30");
  story.FailUntil("1 23:31", "backup a", "1 23:00");
  EXPECT_EQ(story.wake(), "1 23:36") << "an earlier instant does not shorten the backoff";
  story.Timer("1 23:36");
  story.FailUntil("1 23:40", "backup a", "2 02:00");
  EXPECT_EQ(story.wake(), "2 02:00");
  EXPECT_EQ(story.disk.at(Key("backup a")).retry_at, std::nullopt);
}

TEST(Scheduler, NoRetryWaitsLongerThanADayAndAnHour) {
  Story story({Job("check", "0 2 1 * *")});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.FailUntil("1 03:00", "check", "20 00:00");
  EXPECT_EQ(story.wake(), "2 04:00");
}

TEST(Scheduler, ARetryAndAnOccurrenceAreOneRun) {
  Story story({Job("backup a", "0 2 * * *"), Job("backup b", "50 1 * * *")});
  story.Start("1 00:00");
  story.Timer("1 01:50");
  story.Fail("1 01:55", "backup b");
  story.Request("1 01:55:10", "backup a");
  EXPECT_EQ(story.Timer("1 01:56"), kNothing) << "the retry waits behind a";
  EXPECT_EQ(story.Fail("2 01:55", "backup a"), Starts{"backup b: retry"});
  EXPECT_EQ(story.disk.at(Key("backup b")).settled_due, At("2 01:50"));
  EXPECT_EQ(story.disk.at(Key("backup b")).retries, 0) << "it belongs to the new slot";
}

TEST(Scheduler, ASkippedRunIsNeitherASuccessNorTriedAgain) {
  Story story({Job("backup a", "0 2 * * *")});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  EXPECT_EQ(story.Skip("1 02:01", "backup a"), kNothing);
  EXPECT_EQ(story.wake(), "2 02:00");
  EXPECT_EQ(story.disk.at(Key("backup a")).last_success, std::nullopt);
}

TEST(Scheduler, ARetryIsRememberedAcrossARestart) {
  Story story({Job("backup a", "0 2 * * *")});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Fail("1 02:10", "backup a");
  EXPECT_EQ(story.CrashAndStart("1 02:10:30"), kNothing);
  EXPECT_EQ(story.wake(), "1 02:11");
  EXPECT_EQ(story.CrashAndStart("1 02:20"), Starts{"backup a: retry"});
}

// Requests.

TEST(Scheduler, ARequestRunsNowAndLeavesTheScheduleAlone) {
  Story story({KeepingAll(Job("backup a", "0 2 * * *"))});
  story.Start("1 00:00");
  EXPECT_EQ(story.Request("1 01:00", "backup a"), Starts{"backup a: requested"});
  EXPECT_EQ(story.Request("1 01:01", "backup a"), kNothing) << "the present run is the answer";
  EXPECT_EQ(story.Succeed("1 01:10", "backup a"), kNothing);
  EXPECT_EQ(story.wake(), "1 02:00");
}

TEST(Scheduler, ARequestForAJobThatIsUnknownDoesNothing) {
  Story story({Job("backup a", "0 2 * * *")});
  story.Start("1 00:00");
  EXPECT_EQ(story.Request("1 01:00", "backup b"), kNothing);
}

TEST(Scheduler, ARequestAndAWaitingRunAreOne) {
  Story story({KeepingAll(Job("backup a", "0 2 * * *")), Job("check")});
  story.Start("1 00:00");
  story.Request("1 01:00", "check");
  story.Timer("1 02:00");
  story.Request("1 02:05", "backup a");
  EXPECT_EQ(story.Succeed("1 03:00", "check"), Starts{"backup a: scheduled"});
  EXPECT_EQ(story.Succeed("1 03:10", "backup a"), kNothing);
}

TEST(Scheduler, AFailedRequestHasAllRetriesEvenIfTheSlotHasNoneLeft) {
  Story story({Job("backup a")});
  story.Start("1 00:00");
  story.Request("1 02:00", "backup a");
  for (const char* at : {"1 02:00", "1 02:01", "1 02:06", "1 02:21", "1 03:21"}) {
    story.Timer(at);
    story.Fail(at, "backup a");
  }
  EXPECT_EQ(story.wake(), "never");
  story.Request("1 10:00", "backup a");
  story.Fail("1 10:00", "backup a");
  EXPECT_EQ(story.wake(), "1 10:01");
}

// Stopping.

TEST(Scheduler, StartsNothingWhileStoppingAndSaysWhenTheLastJobEnded) {
  Story story(
      {Job("backup a", "0 2 * * *"), Job("backup b", "0 2 * * *"), Job("backup c", "5 2 * * *")},
      2);
  story.Start("1 00:00");
  story.Timer("1 02:00");
  EXPECT_EQ(story.Stop("1 02:03"), kNothing);
  EXPECT_FALSE(story.last().stopped);
  EXPECT_EQ(story.wake(), "never");
  EXPECT_EQ(story.Succeed("1 02:06", "backup a"), kNothing);
  EXPECT_FALSE(story.last().stopped);
  EXPECT_EQ(story.Fail("1 02:07", "backup b"), kNothing);
  EXPECT_TRUE(story.last().stopped);
}

TEST(Scheduler, StopsAtOnceIfNothingRuns) {
  Story story({Job("backup a", "0 2 * * *")});
  story.Start("1 00:00");
  EXPECT_FALSE(story.last().stopped);
  story.Stop("1 00:01");
  EXPECT_TRUE(story.last().stopped);
}

TEST(Scheduler, WhatAStopPreventedIsCaughtUp) {
  Story story({Job("backup a", "0 2 * * *"), Job("backup b", "0 2 * * *")});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Stop("1 02:01");
  story.Fail("1 02:02", "backup a");
  EXPECT_EQ(story.CrashAndStart("1 03:00"), Starts{"backup b: catch-up"});
  EXPECT_TRUE(story.Waits("backup a"));
}

}  // namespace
}  // namespace runner::testing
