#include <gtest/gtest.h>

#include "tests/runner/status/status_world.h"

namespace runner {
namespace {

using namespace status_world;  // NOLINT(google-build-using-namespace): its words are the tests'
                               // words

const StatusQuery kPhotosOnly{.only = {kPhotos}};

TEST(Status, IsATableWithTheVerdictLast) {
  StatusWorld world;
  world.StartDaemon(kNow + kHour);
  world.SetFacts({.snapshots_seen = 12});
  EXPECT_EQ(
      world.Text(),
      "TARGET    STATE  LAST SUCCESS  NEXT DUE                          PROVEN  RUNNING\n"
      "database  ok     1h ago        Sat 2027-01-16 02:00 UTC, in 18h  0\n"
      "photos    ok     1h ago        Sat 2027-01-16 02:00 UTC, in 18h  12\n"
      "\n"
      "REPOSITORY\n"
      "probe     off    -             -\n"
      "prune     off    -             -\n"
      "check     off    -             -\n"
      "\n"
      "daemon: running since Fri 2027-01-15 08:00 UTC, 0s ago (process 1), next wake-up in 1h\n"
      "HEALTHY: 2 targets\n");
}

TEST(Status, TellsWhenEachTargetWasLastProvenRestorable) {
  StatusWorld world;
  world.photos().drill.emplace().schedule = Daily();
  world.database().drill.emplace().schedule = Daily();
  world.Succeed({kPhotos, Stage::kDrill}, kHour * 3);
  const std::string text = world.Text();
  EXPECT_NE(text.find("PROVEN  RESTORABLE  RUNNING\n"), std::string::npos) << text;
  EXPECT_NE(text.find("in 18h  0       never\n"), std::string::npos) << text;
  EXPECT_NE(text.find("in 18h  0       3h ago\n"), std::string::npos) << text;
}

TEST(Status, SaysWhyATargetFailedAndWhatToDo) {
  StatusWorld world;
  EXPECT_TRUE(
      world.markers_.Write(kBackup, {MarkerStatus::kFailed,
                                     kNow - kHour,
                                     "wrong password",
                                     {{marker_key::kHint, "check repository.password_file"}}}));
  const std::string text = world.Text(kPhotosOnly);
  EXPECT_NE(text.find("photos  FAILED  "), std::string::npos) << text;
  EXPECT_NE(text.find("  ! Backup failed 1h ago - Reason: wrong password\n"
                      "    hint: check repository.password_file\n"),
            std::string::npos)
      << text;
  EXPECT_TRUE(text.ends_with("UNHEALTHY: Backup failed 1h ago - Reason: wrong password\n")) << text;
}

TEST(Status, ShowsTheRetryOfAFailedRun) {
  StatusWorld world;
  world.StartDaemon(kNow + kHour);
  world.Mark(kBackup, MarkerStatus::kFailed, kHour, "a lock");
  world.Remember(kPhotos, Stage::kBackup, Failed(kDue, kNow + Duration{240}, 2));
  EXPECT_NE(world.Text().find("Fri 2027-01-15 08:04 UTC, in 4m (retry 2 of 4)"), std::string::npos)
      << world.Text();
}

TEST(Status, SaysWhatIsOverdueWhileADaemonRuns) {
  StatusWorld world;
  world.Remember(kPhotos, Stage::kBackup, Settled(kDue - kDay));
  EXPECT_EQ(world.Text().find("overdue since"), std::string::npos);
  world.StartDaemon(kNow + kHour);
  EXPECT_NE(world.Text().find("overdue since 6h"), std::string::npos) << world.Text();
}

TEST(Status, ShowsWhatRunsAndItsProgress) {
  StatusWorld world;
  world.Run(kBackup, Duration{300});
  EXPECT_TRUE(world.markers_.Write(
      kBackup,
      {MarkerStatus::kRunning, kNow - Duration{300}, "", {{marker_key::kProgress, "1799999990"}}}));
  const SubjectStatus photos = world.Look(kPhotosOnly).targets.at(0);
  EXPECT_EQ(photos.word, StatusWord::kRunning);
  EXPECT_EQ(photos.running,
            (RunningStage{Stage::kBackup, kNow - Duration{300}, kNow - Duration{10}}));
  EXPECT_EQ(photos.next, NextRun{NextKind::kAfterRun});
  EXPECT_NE(world.Text().find("after this run"), std::string::npos);
  EXPECT_NE(world.Text().find("backup for 5m, last progress 10s ago\n"), std::string::npos);
}

TEST(Status, ARunThatTriesToHealAFailureRunsAndTellsOfIt) {
  StatusWorld world;
  world.Mark(kBackup, MarkerStatus::kFailed, kHour, "a lock");
  world.Run(kBackup, Duration{60});
  const SubjectStatus photos = world.Look(kPhotosOnly).targets.at(0);
  EXPECT_EQ(photos.word, StatusWord::kRunning);
  ASSERT_EQ(photos.problems.size(), 1U);
  EXPECT_EQ(photos.problems[0].finding.code, "retrying");
}

TEST(Status, HasAWordForEachKindOfTrouble) {
  const auto word = [](const auto& trouble) {
    StatusWorld world;
    trouble(world);
    return StatusWordName(world.Look(kPhotosOnly).targets.at(0).word);
  };
  const auto mark = [&](MarkerStatus status) {
    return word([&](StatusWorld& world) { world.Mark(kBackup, status, kHour, "x"); });
  };
  EXPECT_EQ(mark(MarkerStatus::kFailed), "failed");
  EXPECT_EQ(mark(MarkerStatus::kBlocked), "blocked");
  EXPECT_EQ(mark(MarkerStatus::kWarning), "warning");
  EXPECT_EQ(mark(MarkerStatus::kRunning), "interrupted");
  EXPECT_EQ(word([](StatusWorld& w) { w.Succeed(kBackup, 3 * kDay); }), "overdue");
  EXPECT_EQ(word([](StatusWorld& w) { w.photos().enabled = false; }), "disabled");
  EXPECT_EQ(word([](StatusWorld& w) { w.photos().source = targets::DirectorySource{"/gone"}; }),
            "no_source");
  EXPECT_EQ(word([](StatusWorld& w) { w.files_.SetUnreadable("/data/photos", true); }),
            "unreadable");
  EXPECT_EQ(word([](StatusWorld& w) { w.Hand("targets/photos/backup_status", "what?\n"); }),
            "unhealthy");
  EXPECT_EQ(word([](StatusWorld& w) {
              EXPECT_TRUE(w.files_.Remove(w.markers_.LastSuccessFile(kBackup)));
              EXPECT_TRUE(w.markers_.Remove(kBackup));
            }),
            "new");
}

TEST(Status, ShowsTheStagesOfTheRepository) {
  StatusWorld world;
  world.config_.maintenance.check = targets::CheckJob{.schedule = Daily()};
  world.Succeed({{}, Stage::kCheck}, kDay);
  world.Mark({{}, Stage::kPrune}, MarkerStatus::kFailed, kHour, "no space");
  const StatusReport report = world.Look();
  ASSERT_EQ(report.repository.size(), 3U);
  EXPECT_EQ(report.repository[0].word, StatusWord::kOff);
  EXPECT_EQ(report.repository[1].word, StatusWord::kFailed);
  EXPECT_EQ(report.repository[2].word, StatusWord::kOk);
  EXPECT_EQ(report.repository[2].last_success, kNow - kDay);
  EXPECT_EQ(report.repository[2].next, (NextRun{NextKind::kScheduled, kDue + kDay}));
  EXPECT_FALSE(report.healthy);
}

TEST(Status, OfNamedTargetsLeavesTheRestOut) {
  StatusWorld world;
  world.Mark({kDatabase, Stage::kBackup}, MarkerStatus::kFailed, kHour, "x");
  world.Mark({{}, Stage::kPrune}, MarkerStatus::kFailed, kHour, "x");
  const StatusReport report = world.Look(kPhotosOnly);
  ASSERT_EQ(report.targets.size(), 1U);
  EXPECT_EQ(report.targets[0].name, "photos");
  EXPECT_TRUE(report.repository.empty());
  EXPECT_TRUE(report.healthy);
  EXPECT_EQ(report.summary, "last backup 1h ago");
}

TEST(Status, KnowsADaemonThatSleepsStoppedOrDied) {
  StatusWorld world;
  EXPECT_NE(world.Text().find("daemon: not running: none was ever started"), std::string::npos);
  world.StartDaemon(std::nullopt);
  EXPECT_NE(world.Text().find("(process 1), waits for an event\n"), std::string::npos);
  world.KillDaemon();
  EXPECT_NE(world.Text().find("daemon: not running: process 1 died\n"), std::string::npos);
  EXPECT_NE(world.Text().find("  ! scheduler is not running"), std::string::npos);
  world.StartDaemon(kNow);
  world.StopDaemon();
  EXPECT_NE(world.Text().find("daemon: not running: it was stopped Fri 2027-01-15 08:00 UTC"),
            std::string::npos);
}

TEST(Status, TellsOfAConfigurationThatTheDaemonRefused) {
  StatusWorld world;
  world.redactor_.Add(targets::Secret("hunter2hunter2"));
  world.StartDaemon(kNow + kHour);
  DaemonFacts facts{.pid = 1, .started = kNow};
  facts.config_error = "backup.yaml:3:1: unknown key\nhunter2hunter2";
  EXPECT_TRUE(world.facts_.WriteDaemon(facts));
  EXPECT_NE(world.Text().find("  - the daemon goes on with its old configuration: "
                              "backup.yaml:3:1: unknown key ***\n"
                              "    hint: mend it by `runner validate`, then `runner reload`\n"),
            std::string::npos)
      << world.Text();
  world.KillDaemon();
  EXPECT_EQ(world.Text().find("old configuration"), std::string::npos);
}

TEST(Status, ShowsADamagedRecordAndLeavesItWhereItIs) {
  StatusWorld world;
  world.Hand("targets/photos/schedule", "runner schedule 1\nbackup settled=never\n");
  const auto before = world.files_.Tree();
  const std::string text = world.Text();
  EXPECT_NE(
      text.find("  - /state/targets/photos/schedule: \"backup settled=never\" is not a record"),
      std::string::npos)
      << text;
  EXPECT_EQ(world.files_.Tree(), before);
}

TEST(Status, WritesNothing) {
  StatusWorld world;
  world.StartDaemon(kNow);
  const auto before = world.files_.Tree();
  world.files_.SetFull(true);
  world.Text();
  EXPECT_EQ(world.files_.Tree(), before);
}

TEST(Status, IsInTheZoneOfTheConfiguration) {
  StatusWorld world;
  world.config_.timezone = "Europe/Berlin";
  EXPECT_NE(world.Text().find("Sat 2027-01-16 03:00 CET, in 18h"), std::string::npos);
}

TEST(Status, PaintsOnlyIfAsked) {
  StatusWorld world;
  world.Mark(kBackup, MarkerStatus::kFailed, kHour, "x");
  const StatusInput input = world.Collect();
  const StatusReport report = MakeStatus(input);
  EXPECT_EQ(RenderStatusText(report, input.zone, Paint::kPlain).find('\x1b'), std::string::npos);
  const std::string painted = RenderStatusText(report, input.zone, Paint::kColor);
  EXPECT_NE(painted.find("\x1b[31mFAILED"), std::string::npos) << painted;
  EXPECT_NE(painted.find("\x1b[31mUNHEALTHY\x1b[0m"), std::string::npos) << painted;
}

TEST(Status, HoldsNoSecretOfAHandWrittenMarker) {
  StatusWorld world;
  world.redactor_.Add(targets::Secret("hunter2hunter2"));
  world.Hand("targets/photos/backup_status",
             "FAILED\n1\nno hunter2hunter2\nhint: hunter2hunter2\n");
  for (const std::string& text : {world.Text(), world.Json()})
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
}

}  // namespace
}  // namespace runner
