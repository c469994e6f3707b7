#include "runner/status/explain.h"

#include <gtest/gtest.h>

#include "tests/runner/status/status_world.h"

namespace runner {
namespace {

using namespace status_world;  // NOLINT(google-build-using-namespace): its words are the tests'
                               // words

/// A world with a daemon, in which photos was backed up at its last occurrence.
class ExplainTest : public ::testing::Test {
 protected:
  ExplainTest() {
    world_.StartDaemon(kNow + kHour);
    Remember(Settled(kDue));
  }

  void Remember(const JobRecord& record) { world_.Remember(kPhotos, Stage::kBackup, record); }

  std::string Photos() {
    const StatusInput input = world_.Collect({.only = {kPhotos}});
    return Joined(ExplainTarget(input, *input.targets.at(0)));
  }
  std::string OfStage(Stage stage) {
    return Joined(ExplainRepositoryStage(world_.Collect(), stage));
  }
  static std::string Joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
      EXPECT_EQ(line.find('\n'), std::string::npos);
      text += line + "\n";
    }
    return text;
  }

  StatusWorld world_;
};

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)
#define EXPECT_SAYS_NOT(text, part) EXPECT_EQ((text).find(part), std::string::npos) << (text)

TEST_F(ExplainTest, TellsTheWholeStoryOfAHealthyTarget) {
  JobRecord record = Settled(kDue);
  record.last_attempt = kDue + Duration{5};
  Remember(record);
  TargetFacts facts{.snapshots_seen = 12};
  facts.newest_good =
      GoodSnapshot{targets::SnapshotId(std::string(64, 'a')), kNow - kHour, 3, 2048};
  world_.SetFacts(facts);
  world_.photos().retention.daily = 7;
  EXPECT_EQ(
      Photos(),
      "photos  /data/photos\n"
      "  schedule     0 2 * * * (UTC).\n"
      "  so far       The daemon's last attempt began Fri 2027-01-15 02:00 UTC, 5h59m ago.\n"
      "               The last success was Fri 2027-01-15 07:00 UTC, 1h ago.\n"
      "               Nothing before Fri 2027-01-15 02:00 UTC is owed any more.\n"
      "  next run     Sat 2027-01-16 02:00 UTC, in 18h, by its schedule.\n"
      "  in the way   Nothing.\n"
      "  health       Nothing to complain of.\n"
      "  snapshots    12 good ones were proven so far.\n"
      "               The newest is aaaaaaaa of Fri 2027-01-15 07:00 UTC, 1h ago: 3 files, 2.0 "
      "KiB.\n"
      "  retention    It keeps 7 daily.\n"
      "               No forget has run yet.\n"
      "  restore      Never by itself: restore_if_empty is off.\n"
      "  daemon       Running since Fri 2027-01-15 08:00 UTC, 0s ago (process 1), next wake-up in "
      "1h.\n");
}

TEST_F(ExplainTest, SaysWhenItWasLastProvenRestorable) {
  EXPECT_SAYS_NOT(Photos(), "restorable");
  world_.photos().drill.emplace().schedule = Daily();
  EXPECT_SAYS(Photos(),
              "  drill        0 2 * * * (UTC).\n"
              "               It was never proven restorable.\n");
  EXPECT_TRUE(world_.markers_.WriteSuccess({kPhotos, Stage::kDrill}, kNow - kHour,
                                           {.reason = "restored 20 files"}));
  EXPECT_SAYS(Photos(),
              "               It was last proven restorable Fri 2027-01-15 07:00 UTC, 1h ago.\n"
              "               Restored 20 files.\n");
}

TEST_F(ExplainTest, SaysWhichRetryOfWhichFailureComesNext) {
  world_.Mark(kBackup, MarkerStatus::kFailed, Duration{60}, "a lock");
  Remember(Failed(kDue, kNow + Duration{240}, 2));
  const std::string text = Photos();
  EXPECT_SAYS(text,
              "  next run     Fri 2027-01-15 08:04 UTC, in 4m: retry 2 of 4, after the failure of "
              "Fri 2027-01-15 07:59 UTC, 1m ago: a lock.\n");
  EXPECT_SAYS(text,
              "  in the way   The last backup failed Fri 2027-01-15 07:59 UTC, 1m ago: a "
              "lock.\n");
}

TEST_F(ExplainTest, SaysThatTheRetriesAreUsedUp) {
  JobRecord record = Settled(kDue);
  record.last_attempt = kNow - kHour;
  record.retries = 4;
  Remember(record);
  EXPECT_SAYS(Photos(), "All 4 retries of the failed run are used up.\n");
  record.last_success = kNow;
  Remember(record);
  EXPECT_SAYS_NOT(Photos(), "used up");
}

TEST_F(ExplainTest, SaysWhatADueRunWaitsFor) {
  Remember(Settled(kDue - kDay));
  EXPECT_SAYS(Photos(), "It is due since Fri 2027-01-15 02:00 UTC, 6h ago, and is caught up once");
}

TEST_F(ExplainTest, SaysWhatTheDaemonDoesAtItsNextStart) {
  world_.KillDaemon();
  JobRecord record = Failed(kDue - kDay, kNow + kHour, 1);
  record.running = true;
  Remember(record);
  const std::string text = Photos();
  EXPECT_SAYS(text, "A run was interrupted: it runs again when the daemon starts.\n");
  EXPECT_SAYS(text, "Retry 1 of 4 was planned for Fri 2027-01-15 09:00 UTC, in 1h");
  EXPECT_SAYS(text,
              "The run of Fri 2027-01-15 02:00 UTC, 6h ago was missed: the daemon catches up "
              "once at its start.\n");
  EXPECT_SAYS(text, "No daemon lives: somebody must start it, or `runner run`.\n");
  EXPECT_SAYS(text, "  daemon       Not running: process 1 died.\n");
}

TEST_F(ExplainTest, DoesNotAnnounceWhatCatchUpSkips) {
  world_.KillDaemon();
  world_.photos().schedule.catch_up = targets::CatchUp::kSkip;
  Remember(Settled(kDue - kDay));
  EXPECT_SAYS_NOT(Photos(), "was missed");
  EXPECT_SAYS(Photos(), "missed runs are skipped");
}

TEST_F(ExplainTest, SaysThatARunIsAtWork) {
  world_.Run(kBackup, Duration{300});
  const std::string text = Photos();
  EXPECT_SAYS(text, "  next run     It runs now; the next run is found when that ends.\n");
  EXPECT_SAYS(text, "A backup is at work since Fri 2027-01-15 07:55 UTC, 5m ago.\n");
}

TEST_F(ExplainTest, SaysThatARunWasInterrupted) {
  world_.Mark(kBackup, MarkerStatus::kRunning, kHour);
  EXPECT_SAYS(Photos(),
              "The backup that began Fri 2027-01-15 07:00 UTC, 1h ago was interrupted.\n");
}

TEST_F(ExplainTest, SaysWhyABlockedTargetIsBlockedAndWhatToDo) {
  EXPECT_TRUE(world_.markers_.Write(kBackup, {MarkerStatus::kBlocked,
                                              kNow - kHour,
                                              "another repository",
                                              {{marker_key::kHint, "is it the right bucket?"}}}));
  const std::string text = Photos();
  EXPECT_SAYS(text,
              "The last backup was blocked Fri 2027-01-15 07:00 UTC, 1h ago: another "
              "repository.\n");
  EXPECT_SAYS(text, "               Hint: is it the right bucket?\n");
  EXPECT_SAYS(text, "  health       Unhealthy: Backup was blocked 1h ago");
}

TEST_F(ExplainTest, SaysWhatTheSourceStandsInTheWayWith) {
  world_.photos().source = targets::DirectorySource{"/gone"};
  EXPECT_SAYS(Photos(), "  in the way   The source: /gone does not exist");
  world_.files_.AddFolder("/gone");
  EXPECT_SAYS(Photos(), "it would not be backed up (guard.allow_empty lifts that).\n");
  world_.photos().guard.allow_empty = true;
  EXPECT_SAYS(Photos(), "  in the way   Nothing.\n");
}

TEST_F(ExplainTest, SaysWhetherForgetIsSuspendedAndWhy) {
  world_.photos().retention.daily = 7;
  const MarkerKey forget{kPhotos, Stage::kForget};
  world_.Mark(forget, MarkerStatus::kBlocked, kHour, "the newest snapshot is quarantined");
  const std::string blocked = Photos();
  EXPECT_SAYS(blocked,
              "The last forget was blocked Fri 2027-01-15 07:00 UTC, 1h ago: the newest "
              "snapshot is quarantined.\n");
  EXPECT_SAYS(blocked, "Until a forget succeeds, no snapshot of this target is removed.\n");
  world_.Mark(forget, MarkerStatus::kWarning, kHour, "nothing removed: a clock is wrong");
  const std::string suspended = Photos();
  EXPECT_SAYS(suspended, "It is suspended: nothing removed: a clock is wrong.\n");
  EXPECT_SAYS(suspended, "Until a forget succeeds");
  world_.Succeed(forget, kHour);
  const std::string good = Photos();
  EXPECT_SAYS(good, "The last forget was Fri 2027-01-15 07:00 UTC, 1h ago.\n");
  EXPECT_SAYS_NOT(good, "Until a forget");
}

TEST_F(ExplainTest, SaysWhatWaitsForAnAnswer) {
  EXPECT_SAYS_NOT(Photos(), "quarantine");
  TargetFacts facts;
  facts.quarantined = {{{targets::SnapshotId("6cd1")}, targets::SnapshotId("5bc0"), "it shrank"}};
  world_.SetFacts(facts);
  EXPECT_SAYS(
      Photos(),
      "  quarantine   1 snapshot is quarantined, the newest is 6cd1: it shrank; `runner ack "
      "photos` answers.\n"
      "               Until then nothing of it is forgotten");
}

TEST_F(ExplainTest, SaysThatAForgetIsOwed) {
  world_.photos().retention.daily = 7;
  JobRecord backup = Settled(kDue);
  backup.last_success = kNow - kHour;
  Remember(backup);
  EXPECT_SAYS(Photos(), "A forget is owed");
  JobRecord forget;
  forget.last_success = kNow;
  world_.Remember({}, Stage::kForget, forget);
  EXPECT_SAYS_NOT(Photos(), "A forget is owed");
}

TEST_F(ExplainTest, SaysThatNothingIsEverForgottenWithoutRules) {
  EXPECT_SAYS(Photos(), "  retention    It keeps everything, for ever.\n  restore");
}

TEST_F(ExplainTest, ShowsWhatWasDecidedOnce) {
  TargetFacts facts;
  facts.decisions = {{"restore", "proven none"}, {"unproven_since", "1799996400"}};
  world_.SetFacts(facts);
  EXPECT_SAYS(Photos(),
              "  remembered   restore = proven none.\n"
              "               unproven_since = Fri 2027-01-15 07:00 UTC, 1h ago.\n");
}

TEST_F(ExplainTest, SaysLittleAboutADisabledTarget) {
  world_.photos().enabled = false;
  EXPECT_EQ(Photos(),
            "photos  /data/photos\n"
            "  disabled     Nothing runs for it; enabled: true switches it on.\n");
}

TEST_F(ExplainTest, ExplainsAStageOfTheRepository) {
  world_.config_.maintenance.check = targets::CheckJob{.schedule = Daily(), .read_data_parts = 30};
  world_.Mark({{}, Stage::kCheck}, MarkerStatus::kFailed, kDay, "pack 1234 is damaged");
  EXPECT_TRUE(world_.facts_.UpdateRepository([](RepositoryFacts& f) { f.next_check_part = 7; }));
  const std::string text = OfStage(Stage::kCheck);
  EXPECT_SAYS(text, "check  a job of the repository\n  schedule     0 2 * * * (UTC).\n");
  EXPECT_SAYS(text, "  next run     Sat 2027-01-16 02:00 UTC, in 18h, by its schedule.\n");
  EXPECT_SAYS(text,
              "  in the way   The last check failed Thu 2027-01-14 08:00 UTC, 1d ago: pack "
              "1234 is damaged.\n");
  EXPECT_SAYS(text, "  health       Unhealthy: Check failed 1d ago");
  EXPECT_SAYS(text, "  read data    The next one reads part 7 of 30.\n");
}

TEST_F(ExplainTest, QuotesTheLastThreeLinesOfRestic) {
  world_.Complain(kBackup, 2 * kHour, {"one", "two", "three"});
  world_.Complain(kBackup, kHour, {"four"});
  EXPECT_SAYS(Photos(),
              "  restic said  Fri 2027-01-15 06:00 UTC, 2h ago, backup: two\n"
              "               Fri 2027-01-15 06:00 UTC, 2h ago, backup: three\n"
              "               Fri 2027-01-15 07:00 UTC, 1h ago, backup: four\n");
  world_.Complain({{}, Stage::kPrune}, kHour, {"of prune"});
  EXPECT_SAYS(OfStage(Stage::kPrune), "  restic said  Fri 2027-01-15 07:00 UTC, 1h ago, prune: ");
  EXPECT_EQ(OfStage(Stage::kCheck).find("restic said"), std::string::npos);
}

TEST_F(ExplainTest, SaysThatAStageIsOff) {
  EXPECT_SAYS(OfStage(Stage::kPrune), "It is off: maintenance.prune is not configured.\n");
  EXPECT_SAYS(OfStage(Stage::kPrune), "  health       Nothing to complain of.\n");
}

}  // namespace
}  // namespace runner
