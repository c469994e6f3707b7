// Who runs beside whom and in which order, and what a wave of backups leaves to forget.
#include <gtest/gtest.h>

#include "tests/runner/schedule/story.h"

namespace runner::testing {
namespace {

using Starts = Story::Starts;

const Starts kNothing;

std::vector<JobSpec> Nightly(const std::vector<std::string>& targets) {
  std::vector<JobSpec> jobs;
  for (const std::string& target : targets) jobs.push_back(Job("backup " + target, "0 2 * * *"));
  return jobs;
}

TEST(Turns, AtMostMaxParallelSharedJobsRun) {
  Story story(Nightly({"a", "b", "c", "d"}), 3);
  story.Start("1 00:00");
  EXPECT_EQ(story.Timer("1 02:00"),
            (Starts{"backup a: scheduled", "backup b: scheduled", "backup c: scheduled"}));
  EXPECT_EQ(story.Succeed("1 02:10", "backup b"), Starts{"backup d: scheduled"});
}

TEST(Turns, ABackupThatWaitsForItsProofTakesNoPlace) {
  Story story(Nightly({"a", "b"}), 1);
  story.Start("1 00:00");
  EXPECT_EQ(story.Timer("1 02:00"), Starts{"backup a: scheduled"});
  EXPECT_EQ(story.Yield("1 02:10", "backup a"), Starts{"backup b: scheduled"});
  EXPECT_EQ(story.Succeed("1 02:20", "backup a"), kNothing);
  EXPECT_EQ(story.Succeed("1 02:20", "backup b"), Starts{"forget [a b]: after backups"});
}

TEST(Turns, AnUnprovenBackupKeepsItsTargetAndHoldsUpExclusiveJobs) {
  Story story({Job("backup a"), Job("drill a"), Job("prune"), KeepingAll(Job("backup b"))}, 2);
  story.Start("1 00:00");
  story.Request("1 02:00", "backup a");
  story.Yield("1 02:10", "backup a");
  EXPECT_EQ(story.Request("1 02:11", "drill a"), kNothing);
  EXPECT_EQ(story.Request("1 02:12", "prune"), kNothing);
  EXPECT_EQ(story.Request("1 02:13", "backup b"), Starts{"backup b: requested"});
  EXPECT_EQ(story.Yield("1 02:14", "drill a"), kNothing);
}

TEST(Turns, FewerThanOneInParallelIsOne) {
  Story story(Nightly({"a", "b"}), 0);
  story.Start("1 00:00");
  EXPECT_EQ(story.Timer("1 02:00"), Starts{"backup a: scheduled"});
}

TEST(Turns, TheMostOverdueGoesFirst) {
  Story story({Job("backup a", "30 1 * * *"), Job("backup b", "0 1 * * *"),
               Job("backup c", "15 1 * * *"), Job("check")});
  story.Start("1 00:00");
  story.Request("1 00:10", "check");
  story.Timer("1 01:00");
  story.Timer("1 01:15");
  story.Timer("1 01:30");
  EXPECT_EQ(story.Succeed("1 02:00", "check"), Starts{"backup b: scheduled"});
  EXPECT_EQ(story.Fail("1 02:01", "backup b"), Starts{"backup c: scheduled"});
  EXPECT_EQ(story.Fail("1 02:02", "backup c"), Starts{"backup a: scheduled"});
}

TEST(Turns, JobsOfOneInstantGoInTheOrderOfTheirStages) {
  Story story({Job("check", "0 2 * * *"), Job("prune", "0 2 * * *"), Job("probe", "0 2 * * *"),
               Job("drill a", "0 2 * * *"), KeepingAll(Job("backup b", "0 2 * * *")),
               Job("restore c", "0 2 * * *")});
  story.Start("1 00:00");
  EXPECT_EQ(story.Timer("1 02:00"), Starts{"restore c: scheduled"});
  EXPECT_EQ(story.Succeed("1 02:01", "restore c"), Starts{"backup b: scheduled"});
  EXPECT_EQ(story.Succeed("1 02:02", "backup b"), Starts{"drill a: scheduled"});
  EXPECT_EQ(story.Succeed("1 02:03", "drill a"), Starts{"probe: scheduled"});
  EXPECT_EQ(story.Succeed("1 02:04", "probe"), Starts{"prune: scheduled"});
  EXPECT_EQ(story.Succeed("1 02:05", "prune"), Starts{"check: scheduled"});
}

TEST(Turns, ATargetHasOneRunAtATimeAndOthersGoPast) {
  Story story(
      {Job("backup a", "0 2 * * *"), Job("drill a", "5 2 * * *"), Job("backup b", "10 2 * * *")},
      2);
  story.Start("1 00:00");
  EXPECT_EQ(story.Timer("1 02:00"), Starts{"backup a: scheduled"});
  EXPECT_EQ(story.Timer("1 02:05"), kNothing);
  EXPECT_TRUE(story.Waits("drill a"));
  EXPECT_EQ(story.Timer("1 02:10"), Starts{"backup b: scheduled"});
  EXPECT_EQ(story.Fail("1 02:20", "backup a"), Starts{"drill a: scheduled"});
}

TEST(Turns, AnExclusiveJobRunsAlone) {
  Story story({Job("check", "0 2 * * *"), Job("backup a", "5 2 * * *"), Job("prune", "6 2 * * *")},
              4);
  story.Start("1 00:00");
  EXPECT_EQ(story.Timer("1 02:00"), Starts{"check: scheduled"});
  EXPECT_EQ(story.Timer("1 02:05"), kNothing);
  EXPECT_EQ(story.Timer("1 02:06"), kNothing);
  EXPECT_EQ(story.Succeed("1 03:00", "check"), Starts{"backup a: scheduled"});
  EXPECT_EQ(story.Fail("1 03:01", "backup a"), Starts{"prune: scheduled"});
}

TEST(Turns, SharedJobsPassAnExclusiveOneThatWaitsUntilItsPatienceEnds) {
  Story story({Job("prune", "0 2 * * *"), KeepingAll(Job("backup a", "0 1 * * *")),
               KeepingAll(Job("backup b", "30 7 * * *")), KeepingAll(Job("backup c", "58 7 * * *")),
               KeepingAll(Job("backup d", "0 8 * * *"))},
              3);
  story.Start("1 00:00");
  story.Timer("1 01:00");
  EXPECT_EQ(story.Timer("1 02:00"), kNothing);
  EXPECT_EQ(story.wake(), "1 07:30") << "waiting needs no timer";
  EXPECT_EQ(story.Timer("1 07:30"), Starts{"backup b: scheduled"});
  story.Succeed("1 07:40", "backup a");
  EXPECT_EQ(story.Timer("1 07:58"), Starts{"backup c: scheduled"});
  EXPECT_EQ(story.Timer("1 08:00"), kNothing) << "six hours: nobody goes past any more";
  EXPECT_EQ(story.Succeed("1 08:05", "backup b"), kNothing);
  EXPECT_EQ(story.Succeed("1 08:06", "backup c"), Starts{"prune: scheduled"});
  EXPECT_EQ(story.Succeed("1 09:00", "prune"), Starts{"backup d: scheduled"});
}

TEST(Turns, ARunOfManyHoursIsNotWaitedForByTheOthers) {
  Story story({Job("prune", "0 2 * * *"), Job("backup a", "0 1 * * *"),
               KeepingAll(Job("backup b", "30 8 * * *")), KeepingAll(Job("backup c", "0 9 * * *"))},
              2);
  story.Start("1 00:00");
  story.Timer("1 01:00");
  story.Timer("1 02:00");
  EXPECT_EQ(story.Timer("1 08:30"), Starts{"backup b: scheduled"}) << "a runs for 7.5 hours";
  EXPECT_EQ(story.Succeed("1 08:40", "backup b"), kNothing);
  EXPECT_EQ(story.Timer("1 09:00"), Starts{"backup c: scheduled"});
}

TEST(Turns, AHoldEndsWhenTheOldestRunBecomesLong) {
  Story story({Job("prune", "0 2 * * *"), KeepingAll(Job("backup a", "59 1 * * *")),
               KeepingAll(Job("backup b", "0 7 * * *")), KeepingAll(Job("backup c", "0 9 * * *"))},
              2);
  story.Start("1 00:00");
  story.Timer("1 01:59");
  story.Timer("1 02:00");
  EXPECT_EQ(story.Timer("1 07:00"), Starts{"backup b: scheduled"});
  story.Succeed("1 07:30", "backup a");
  EXPECT_EQ(story.Timer("1 09:00"), kNothing);
  EXPECT_EQ(story.wake(), "1 13:00") << "b runs for six hours then";
  EXPECT_EQ(story.Timer("1 12:59:59"), kNothing);
  EXPECT_EQ(story.Timer("1 13:00"), Starts{"backup c: scheduled"});
}

TEST(Turns, ManyTargetsAreRestoredBeforeTheirOverdueBackups) {
  std::vector<JobSpec> jobs = Nightly({"a", "b", "c"});
  for (const char* id : {"restore a", "restore b", "restore c"}) jobs.push_back(AtStart(Job(id)));
  Story story(jobs, 2);
  story.Start("1 00:00");
  for (const char* id : {"restore a", "restore b", "restore c"}) story.Succeed("1 00:01", id);
  EXPECT_EQ(story.CrashAndStart("2 12:00"),
            (Starts{"restore a: daemon start", "restore b: daemon start"}));
  EXPECT_EQ(story.Succeed("2 12:01", "restore b"), Starts{"restore c: daemon start"});
}

// Forgetting.

TEST(Forget, OnceAfterAWaveForAllTargetsThatSucceeded) {
  Story story(Nightly({"a", "b", "c"}), 2);
  story.Start("1 00:00");
  story.Timer("1 02:00");
  EXPECT_EQ(story.Succeed("1 02:10", "backup a"), Starts{"backup c: scheduled"});
  EXPECT_EQ(story.Fail("1 02:20", "backup b"), kNothing);
  EXPECT_EQ(story.Succeed("1 02:20:30", "backup c"), Starts{"forget [a c]: after backups"});
  EXPECT_EQ(story.Timer("1 02:21"), kNothing);
  EXPECT_EQ(story.Succeed("1 02:22", "forget"), Starts{"backup b: retry"});
  EXPECT_EQ(story.Succeed("1 02:23", "backup b"), Starts{"forget [b]: after backups"});
  EXPECT_EQ(story.Succeed("1 02:24", "forget"), kNothing);
  EXPECT_EQ(story.wake(), "2 02:00");
}

TEST(Forget, NotAfterASkippedOrFailedBackupNorWithoutARetention) {
  std::vector<JobSpec> jobs = Nightly({"a", "b"});
  jobs.push_back(KeepingAll(Job("backup c", "0 2 * * *")));
  Story story(jobs, 3);
  story.Start("1 00:00");
  story.Timer("1 02:00");
  EXPECT_EQ(story.Skip("1 02:10", "backup a"), kNothing);
  EXPECT_EQ(story.Succeed("1 02:10", "backup c"), kNothing);
  EXPECT_EQ(story.Fail("1 02:10", "backup b"), kNothing);
  EXPECT_FALSE(story.Waits("forget"));
}

TEST(Forget, AFailedOneIsTriedAgainWithItsTargetsAndNewOnes) {
  Story story({Job("backup a", "0 2 * * *"), Job("backup b", "15 2 * * *")});
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Succeed("1 02:10", "backup a");
  story.Fail("1 02:11", "forget");
  EXPECT_EQ(story.Timer("1 02:12"), Starts{"forget [a]: retry"});
  story.Fail("1 02:12", "forget");
  EXPECT_EQ(story.Timer("1 02:15"), Starts{"backup b: scheduled"});
  EXPECT_EQ(story.Succeed("1 02:16", "backup b"), Starts{"forget [a b]: after backups"});
  EXPECT_EQ(story.Fail("1 02:16", "forget"), kNothing);
  EXPECT_EQ(story.wake(), "1 02:17") << "another wave begins anew with the first retry";
  EXPECT_EQ(story.Timer("1 02:17"), Starts{"forget [a b]: retry"});
}

TEST(Forget, OneThatFailedForGoodIsMadeUpForAfterTheNextWave) {
  Story story(Nightly({"a", "b"}), 2);
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Fail("1 02:01", "backup b");
  story.Succeed("1 02:01", "backup a");
  for (const char* at : {"1 02:02", "1 02:03", "1 02:08", "1 02:23", "1 03:23"}) {
    story.Timer(at);
    story.Skip(at, "backup b");
    story.Fail(at, "forget");
  }
  EXPECT_EQ(story.wake(), "2 02:00");
  story.Timer("2 02:00");
  story.Fail("2 02:10", "backup a");
  EXPECT_EQ(story.Succeed("2 02:10", "backup b"), Starts{"forget [a b]: after backups"});
}

TEST(Forget, IsOwedAcrossACrash) {
  Story story(Nightly({"a", "b"}), 2);
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Succeed("1 02:10", "backup a");
  EXPECT_EQ(story.CrashAndStart("1 03:00"), Starts{"backup b: interrupted before"});
  EXPECT_EQ(story.Skip("1 03:10", "backup b"), Starts{"forget [a]: after backups"});
  story.Succeed("1 03:11", "forget");
  EXPECT_EQ(story.CrashAndStart("1 03:12"), kNothing) << "it is paid";
}

TEST(Forget, AnInterruptedOneRunsAgainForItsTargets) {
  Story story(Nightly({"a", "b"}), 2);
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Succeed("1 02:10", "backup a");
  EXPECT_EQ(story.Succeed("1 02:11", "backup b"), Starts{"forget [a b]: after backups"});
  EXPECT_EQ(story.CrashAndStart("1 03:00"), Starts{"forget [a b]: interrupted before"});
  EXPECT_EQ(story.CrashAndStart("1 03:01"), kNothing);
  EXPECT_EQ(story.Timer("1 03:06"), Starts{"forget [a b]: retry"});
}

TEST(Forget, OnRequestItServesAllTargets) {
  std::vector<JobSpec> jobs = Nightly({"a", "b"});
  jobs.push_back(KeepingAll(Job("backup c", "0 2 * * *")));
  Story story(jobs);
  story.Start("1 00:00");
  EXPECT_EQ(story.Request("1 01:00", "forget"), Starts{"forget [a b]: after backups"});
}

TEST(Forget, IsNotOwedToTargetsThatAreGone) {
  Story story(Nightly({"a", "b", "c"}), 3);
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Succeed("1 02:10", "backup a");
  story.Succeed("1 02:10", "backup b");
  story.Reconfigure("1 02:11", Nightly({"b", "c"}), 3);
  EXPECT_EQ(story.Skip("1 02:12", "backup c"), Starts{"forget [b]: after backups"});
  story.Reconfigure("1 02:13", Nightly({"c"}), 3);
  EXPECT_EQ(story.Fail("1 02:14", "forget"), kNothing);
  EXPECT_EQ(story.wake(), "2 02:00") << "nothing is left to forget";
}

TEST(Forget, SurvivesTheRemovalOfAnotherStageOfItsTarget) {
  std::vector<JobSpec> jobs = Nightly({"a", "b"});
  jobs.push_back(Job("drill a", "0 9 * * *"));
  Story story(jobs, 2);
  story.Start("1 00:00");
  story.Timer("1 02:00");
  story.Succeed("1 02:10", "backup a");
  story.Reconfigure("1 02:11", Nightly({"a", "b"}), 2);
  EXPECT_EQ(story.Skip("1 02:12", "backup b"), Starts{"forget [a]: after backups"});
}

}  // namespace
}  // namespace runner::testing
