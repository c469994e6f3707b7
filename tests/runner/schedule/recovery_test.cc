// Crashes, clocks that are set, and new configurations.
#include <gtest/gtest.h>

#include "tests/runner/schedule/story.h"

namespace runner::testing {
namespace {

using Starts = Story::Starts;

const Starts kNothing;

JobSpec Nightly() { return KeepingAll(Job("backup a", "0 2 * * *")); }

// Crashes.

TEST(Crash, AnInterruptedRunRunsAgainAtOnce) {
  Story story({Nightly()});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  EXPECT_EQ(story.CrashAndStart("1 02:05"), Starts{"backup a: interrupted before"});
  EXPECT_EQ(story.Succeed("1 03:00", "backup a"), kNothing);
  EXPECT_EQ(story.wake(), "2 02:00");
}

TEST(Crash, WhatKillsTheProgramDoesNotDoSoInALoop) {
  Story story({AtStart(Nightly())});
  EXPECT_EQ(story.Start("1 03:00"), Starts{"backup a: daemon start"});
  EXPECT_EQ(story.CrashAndStart("1 03:00:10"), Starts{"backup a: interrupted before"});
  EXPECT_EQ(story.CrashAndStart("1 03:00:20"), kNothing);
  EXPECT_EQ(story.wake(), "1 03:05:20");
  EXPECT_EQ(story.Timer("1 03:05:20"), Starts{"backup a: retry"});
  EXPECT_EQ(story.CrashAndStart("1 03:06"), kNothing);
  EXPECT_EQ(story.wake(), "1 03:21");
  story.Timer("1 03:21");
  EXPECT_EQ(story.CrashAndStart("1 03:22"), kNothing);
  EXPECT_EQ(story.wake(), "1 04:22");
  story.Timer("1 04:22");
  EXPECT_EQ(story.CrashAndStart("1 04:23"), kNothing);
  EXPECT_EQ(story.wake(), "2 02:00") << "no try is left in this slot";
  EXPECT_EQ(story.Timer("2 02:00"), Starts{"backup a: scheduled"});
}

TEST(Crash, ACrashWhileOthersRunDelaysNoneThatDidNotRun) {
  Story story({AtStart(Nightly()), AtStart(KeepingAll(Job("backup b")))}, 2);
  story.Start("1 03:00");
  story.Succeed("1 03:01", "backup b");
  story.CrashAndStart("1 03:02");
  story.Succeed("1 03:03", "backup b");
  EXPECT_EQ(story.CrashAndStart("1 03:04"), Starts{"backup b: daemon start"});
  EXPECT_EQ(story.wake(), "1 03:09");
}

TEST(Crash, ARunThatWasRecordedButNeverBegunRunsAgain) {
  Story story({Nightly()});
  story.Start("1 00:00");
  const auto before = story.disk;
  story.Timer("1 02:00");
  const auto after = story.disk;
  EXPECT_EQ(story.CrashAndStart("1 02:01"), Starts{"backup a: interrupted before"});
  story.disk = before;
  EXPECT_EQ(story.CrashAndStart("1 02:02"), Starts{"backup a: scheduled"}) << "nothing was stored";
  EXPECT_NE(before, after);
}

TEST(Crash, AnInterruptedRunThatAlsoMissedOccurrencesRunsOnce) {
  Story story({Nightly()});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  EXPECT_EQ(story.CrashAndStart("4 12:00"), Starts{"backup a: interrupted before"});
  EXPECT_EQ(story.last().start.at(0).due, At("1 02:00"));
  EXPECT_EQ(story.Succeed("4 12:30", "backup a"), kNothing);
  EXPECT_EQ(story.wake(), "5 02:00");
}

// Clocks.

TEST(SetClock, BackByFiveMinutesNothingRunsTwice) {
  Story story({Nightly()});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Succeed("1 02:01", "backup a");
  EXPECT_EQ(story.ClockSet("1 01:57"), kNothing);
  EXPECT_EQ(story.wake(), "2 02:00");
  EXPECT_EQ(story.Timer("1 02:00"), kNothing);
  EXPECT_EQ(story.CrashAndStart("1 01:59"), kNothing);
  EXPECT_EQ(story.wake(), "2 02:00");
}

TEST(SetClock, BackByAYearNoJobIsSilencedForEver) {
  Story story({Nightly()});
  story.Start("366 00:00");
  story.Timer("366 02:00");
  story.Succeed("366 02:01", "backup a");
  EXPECT_EQ(story.ClockSet("1 12:00"), kNothing);
  EXPECT_EQ(story.wake(), "2 02:00");
  EXPECT_EQ(story.CrashAndStart("1 12:00"), kNothing);
  EXPECT_EQ(story.Timer("2 02:00"), Starts{"backup a: scheduled"});
  EXPECT_EQ(story.disk.at(Key("backup a")).settled_due, At("2 02:00"));
}

TEST(SetClock, AMachineThatBootsInThePastRunsNothingTwiceOnceItKnowsTheTime) {
  Story story({Nightly()});
  story.Start("366 00:00");
  story.Timer("366 02:00");
  story.Succeed("366 02:01", "backup a");
  EXPECT_EQ(story.CrashAndStart("1 00:00"), kNothing);
  EXPECT_EQ(story.ClockSet("1 00:05"), kNothing) << "still wrong";
  EXPECT_EQ(story.wake(), "1 02:00");
  EXPECT_EQ(story.ClockSet("366 12:00"), kNothing);
  EXPECT_EQ(story.wake(), "367 02:00");
}

TEST(SetClock, SmallStepsOfAClockThatIsFarBehindLoseNoOccurrence) {
  Story story({Nightly()});
  story.Start("366 00:00");
  story.Timer("366 02:00");
  story.Succeed("366 02:01", "backup a");
  story.ClockSet("1 01:59:59");
  EXPECT_EQ(story.ClockSet("1 02:00:03"), Starts{"backup a: scheduled"});
}

TEST(SetClock, ForwardItCatchesUpOnce) {
  Story story({Nightly(), Skipping(Job("backup b", "0 2 * * *"))}, 2);
  story.Start("1 00:00");
  EXPECT_EQ(story.ClockSet("300 12:00"), Starts{"backup a: catch-up"});
  story.Succeed("300 12:01", "backup a");
  EXPECT_EQ(story.wake(), "301 02:00");
}

TEST(SetClock, ForwardAndBackItGoesOnByTheOldTime) {
  Story story({Nightly()});
  story.Start("1 00:00");
  story.ClockSet("300 12:00");
  story.Succeed("300 12:01", "backup a");
  EXPECT_EQ(story.ClockSet("1 00:10"), kNothing);
  EXPECT_EQ(story.wake(), "1 02:00");
}

TEST(SetClock, ARunThatWaitsIsNotDueAnyMoreIfTheClockGoesBackBeforeIt) {
  Story story({Nightly(), Job("check")});
  story.Start("1 00:00");
  story.Request("1 01:00", "check");
  story.Timer("1 02:00");
  EXPECT_TRUE(story.Waits("backup a"));
  story.ClockSet("1 01:55");
  EXPECT_FALSE(story.Waits("backup a"));
  EXPECT_EQ(story.Succeed("1 01:56", "check"), kNothing);
  EXPECT_EQ(story.Timer("1 02:00"), Starts{"backup a: scheduled"});
}

TEST(SetClock, BackItIsNoticedByTheNextEventEvenIfNobodySaysSo) {
  Story story({Nightly(), Job("check")});
  story.Start("1 00:00");
  story.Request("1 01:00", "check");
  story.Timer("1 02:00");
  EXPECT_EQ(story.Succeed("1 01:56", "check"), kNothing);
  EXPECT_EQ(story.wake(), "1 02:00");
}

TEST(SetClock, AReturnToTheRightTimeIsNoticedByTheTimerEvenIfNobodySaysSo) {
  Story story({Nightly()});
  story.Start("366 00:00");
  story.Timer("366 02:00");
  story.Succeed("366 02:01", "backup a");
  story.ClockSet("1 00:00");
  EXPECT_EQ(story.wake(), "1 02:00");
  EXPECT_EQ(story.Timer("366 12:00"), kNothing);
  EXPECT_EQ(story.wake(), "367 02:00");
}

TEST(SetClock, ARequestThatWaitsIsKeptIfTheClockGoesBack) {
  Story story({Nightly(), Job("check"), Job("backup b", "0 1 * * *")});
  story.Start("1 00:00");
  story.Request("1 00:10", "check");
  story.Request("1 01:50", "backup a");
  story.Timer("1 01:50");
  story.ClockSet("1 00:05");
  EXPECT_EQ(story.Succeed("1 00:06", "check"), Starts{"backup a: requested"});
}

TEST(SetClock, AStartThatMetAMissedOccurrenceIsKeptIfTheClockGoesBackBeforeThat) {
  Story story({AtStart(Nightly()), KeepingAll(Job("backup b", "0 1 * * *"))});
  story.disk[Key("backup a")].settled_due = At("9 02:00");
  story.disk[Key("backup b")].settled_due = At("1 01:00");
  EXPECT_EQ(story.Start("20 12:00"), Starts{"backup b: catch-up"});
  EXPECT_TRUE(story.Waits("backup a"));
  story.ClockSet("10 01:00");
  EXPECT_EQ(story.Succeed("10 01:10", "backup b"), Starts{"backup a: daemon start"});
}

TEST(SetClock, ARunThatWaitsIsTakenBackIfItTurnsOutToBeSettled) {
  Story story({Nightly(), Job("check")});
  story.disk[Key("backup a")].settled_due = At("20 02:00");
  story.Start("1 00:00");
  story.Request("1 01:00", "check");
  story.Timer("1 02:00");
  EXPECT_TRUE(story.Waits("backup a"));
  story.ClockSet("20 12:00");
  EXPECT_EQ(story.Succeed("20 12:10", "check"), kNothing);
  EXPECT_EQ(story.wake(), "21 02:00");
}

TEST(SetClock, ARetryOfAClockThatWasFarAheadIsDueNow) {
  Story story({Job("check", "0 2 1 * *")});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Fail("20 02:00", "check");
  EXPECT_EQ(story.ClockSet("1 03:00"), Starts{"check: retry"});
}

TEST(SetClock, PatienceBeginsAnewWithATimeThatWasSetBack) {
  Story story({Job("prune"), KeepingAll(Job("backup a")), KeepingAll(Job("backup b", "0 6 * * *")),
               KeepingAll(Job("backup c", "30 6 * * *"))},
              3);
  story.Start("366 00:00");
  story.Request("366 01:00", "backup a");
  story.Request("366 01:30", "prune");
  story.ClockSet("1 00:30");
  EXPECT_EQ(story.Timer("1 06:00"), Starts{"backup b: scheduled"});
  story.Succeed("1 06:10", "backup a");
  EXPECT_EQ(story.Timer("1 06:30"), kNothing) << "prune has waited for six hours";
  EXPECT_EQ(story.wake(), "1 12:00") << "b has run for six hours then";
  EXPECT_EQ(story.Succeed("1 06:40", "backup b"), Starts{"prune: requested"});
}

// New configurations.

TEST(Reconfigure, RunningJobsGoOnAndNewOnesHaveMissedNothing) {
  Story story({Nightly()});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  EXPECT_EQ(story.Reconfigure(
                "1 02:10", {Nightly(), AtStart(Job("backup b", "0 1 * * *")), Job("drill c")}, 2),
            Starts{"backup b: daemon start"});
  EXPECT_EQ(story.Fail("1 02:20", "backup b"), kNothing);
  EXPECT_EQ(story.Succeed("1 02:20:30", "backup a"), kNothing);
  EXPECT_EQ(story.wake(), "1 02:21");
}

TEST(Reconfigure, ARemovedJobIsForgottenWhetherItWaitsSleepsOrRuns) {
  Story story({Nightly(), Job("backup b", "0 2 * * *"), Job("backup c", "0 3 * * *")});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  EXPECT_EQ(story.Reconfigure("1 02:10", {Job("drill d", "0 9 * * *")}), kNothing);
  EXPECT_FALSE(story.scheduler().View(Key("backup b")));
  EXPECT_FALSE(story.scheduler().View(Key("backup c")));
  EXPECT_TRUE(story.scheduler().View(Key("backup a"))) << "it runs";
  EXPECT_EQ(story.Fail("1 02:20", "backup a"), kNothing);
  EXPECT_FALSE(story.scheduler().View(Key("backup a")));
  EXPECT_EQ(story.wake(), "1 09:00");
}

TEST(Reconfigure, ARemovedJobStillKeepsItsTargetAndItsPlaceWhileItRuns) {
  Story story({Nightly()});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Reconfigure("1 02:10", {Job("drill a"), Job("check")}, 4);
  EXPECT_EQ(story.Request("1 02:11", "drill a"), kNothing);
  EXPECT_EQ(story.Request("1 02:12", "check"), kNothing);
  EXPECT_EQ(story.Succeed("1 02:13", "backup a"), Starts{"drill a: requested"});
}

TEST(Reconfigure, AJobThatComesBackWhileItRunsIsTheSame) {
  Story story({Nightly()});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Reconfigure("1 02:10", {});
  EXPECT_EQ(story.Reconfigure("1 02:11", {Nightly()}), kNothing);
  EXPECT_EQ(story.Succeed("1 02:20", "backup a"), kNothing);
  EXPECT_EQ(story.wake(), "2 02:00");
}

TEST(Reconfigure, AChangedScheduleHasMissedNothing) {
  Story story({Nightly()});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Succeed("1 02:10", "backup a");
  EXPECT_EQ(story.Reconfigure("1 12:00", {KeepingAll(Job("backup a", "0 10 * * *"))}), kNothing);
  EXPECT_EQ(story.wake(), "2 10:00");
  EXPECT_EQ(story.disk.at(Key("backup a")).settled_due, At("1 10:00"));
}

TEST(Reconfigure, AnUnchangedScheduleKeepsWhatItMissedWhileTheJobRan) {
  Story story({KeepingAll(Job("backup a", "0 * * * *"))});
  story.Start("1 00:30");
  story.Timer("1 01:00");
  EXPECT_EQ(story.Reconfigure("1 02:10", {KeepingAll(Job("backup a", "0 * * * *"))}), kNothing);
  EXPECT_EQ(story.Succeed("1 02:15", "backup a"), Starts{"backup a: catch-up"});
}

TEST(Reconfigure, ARunThatWaitsIsKept) {
  Story story({Nightly(), Job("check", "0 1 * * *")});
  story.Start("1 00:00");
  story.Timer("1 01:00");
  story.Timer("1 02:00");
  story.Reconfigure("1 02:10",
                    {KeepingAll(Job("backup a", "0 10 * * *")), Job("check", "0 1 * * *")});
  EXPECT_EQ(story.Succeed("1 02:20", "check"), Starts{"backup a: scheduled"});
}

TEST(Reconfigure, MoreInParallelStartsMoreAtOnceAndFewerWaitsForRunningOnes) {
  std::vector<JobSpec> jobs;
  for (const char* id : {"backup a", "backup b", "backup c"}) jobs.push_back(Job(id, "0 2 * * *"));
  Story story(jobs);
  story.Start("1 00:00");
  EXPECT_EQ(story.Timer("1 02:00").size(), 1U);
  EXPECT_EQ(story.Reconfigure("1 02:01", jobs, 2), Starts{"backup b: scheduled"});
  EXPECT_EQ(story.Reconfigure("1 02:02", jobs, 1), kNothing);
  EXPECT_EQ(story.Fail("1 02:03", "backup a"), kNothing);
  EXPECT_EQ(story.Fail("1 02:03:30", "backup b"), Starts{"backup c: scheduled"});
}

}  // namespace
}  // namespace runner::testing
