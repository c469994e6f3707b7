// Each unhealthy condition turns the verdict red, and its cure turns it green again; nothing else
// turns it red. The stories run on a state folder in memory, from the files to the verdict.

#include <gtest/gtest.h>

#include <functional>

#include "tests/runner/health/health_world.h"

namespace runner {
namespace {

using namespace health_world;  // NOLINT(google-build-using-namespace): its words are the tests'
                               // words

using Act = std::function<void(World&)>;

struct RedCase {
  const char* name;
  const char* expected;
  Act breaks;
  Act heals;
};

class Unhealthy : public ::testing::TestWithParam<RedCase> {};

TEST_P(Unhealthy, TurnsRedAndGreenAgain) {
  World world;
  ASSERT_EQ(Reds(world.Check()), std::vector<std::string>{}) << "before";
  GetParam().breaks(world);
  const HealthReport red = world.Check();
  EXPECT_FALSE(red.Healthy());
  EXPECT_EQ(Reds(red), std::vector<std::string>{GetParam().expected}) << world.Text();
  GetParam().heals(world);
  const HealthReport green = world.Check();
  EXPECT_TRUE(green.Healthy()) << world.Text();
}

void Nothing(World& /*world*/) {}

/// A guard found 6cd1 suspicious.
TargetFacts InQuarantine(const char* newest_proven) {
  TargetFacts facts;
  facts.newest_proven = targets::SnapshotId(newest_proven);
  facts.quarantined = {{{targets::SnapshotId("6cd1")}, targets::SnapshotId("5bc0"), "why"}};
  return facts;
}

constexpr Duration kTenYears{3650L * 24 * 3600};

INSTANTIATE_TEST_SUITE_P(
    Conditions, Unhealthy,
    ::testing::Values(
        RedCase{"SourceMissing", "photos source_missing",
                [](World& w) { w.photos().source = targets::DirectorySource{"/data/gone"}; },
                [](World& w) { w.files_.AddFile("/data/gone/a", "x"); }},
        RedCase{
            "SourceIsAFile", "photos source_missing",
            [](World& w) { w.photos().source = targets::DirectorySource{"/data/photos/one.jpg"}; },
            [](World& w) { w.photos().source = targets::DirectorySource{"/data/photos"}; }},
        RedCase{"SourceUnreadable", "photos source_unreadable",
                [](World& w) { w.files_.SetUnreadable("/data/photos", true); },
                [](World& w) { w.files_.SetUnreadable("/data/photos", false); }},
        RedCase{"SourceNotMounted", "photos source_missing",
                [](World& w) { w.photos().guard.require_mount = true; },
                [](World& w) { w.files_.SetMountPoint("/data/photos", true); }},
        RedCase{"SentinelAbsent", "photos source_missing",
                [](World& w) { w.photos().guard.sentinel = ".volume-id"; },
                [](World& w) { w.files_.AddFile("/data/photos/.volume-id", ""); }},
        RedCase{"BackupFailed", "photos failed",
                [](World& w) { w.Mark(kBackup, MarkerStatus::kFailed, kHour, "x"); },
                [](World& w) { w.Succeed(kBackup); }},
        RedCase{"BackupFailedAndMarkerRemoved", "photos failed",
                [](World& w) { w.Mark(kBackup, MarkerStatus::kFailed, kHour, "x"); },
                [](World& w) { EXPECT_TRUE(w.markers_.Remove(kBackup)); }},
        RedCase{"FailedByHand", "photos failed",
                [](World& w) {
                  w.Hand("targets/photos/backup_status", "failed\r\n1728412800\r\nTest failure");
                },
                [](World& w) { EXPECT_TRUE(w.markers_.Remove(kBackup)); }},
        RedCase{"FailedTenYearsAgo", "photos failed",
                [](World& w) {
                  w.Mark({kPhotos, Stage::kForget}, MarkerStatus::kFailed, kTenYears, "x");
                },
                [](World& w) {
                  w.Succeed({kPhotos, Stage::kForget});
                }},
        RedCase{"BackupBlocked", "photos blocked",
                [](World& w) { w.Mark(kBackup, MarkerStatus::kBlocked, kHour, "x"); },
                [](World& w) { w.Succeed(kBackup); }},
        RedCase{"RestoreFailed", "photos failed",
                [](World& w) {
                  w.Mark({kPhotos, Stage::kRestore}, MarkerStatus::kFailed, kHour, "x");
                },
                [](World& w) {
                  w.Succeed({kPhotos, Stage::kRestore});
                }},
        RedCase{"DrillFailed", "photos failed",
                [](World& w) {
                  w.Mark({kPhotos, Stage::kDrill}, MarkerStatus::kFailed, kHour, "x");
                },
                [](World& w) {
                  w.Succeed({kPhotos, Stage::kDrill});
                }},
        RedCase{"DrillOverdue", "photos overdue",
                [](World& w) {
                  w.photos().drill.emplace().schedule = Daily();
                  w.Succeed({kPhotos, Stage::kDrill}, kHour * 31);
                },
                [](World& w) {
                  w.Succeed({kPhotos, Stage::kDrill}, kHour * 29);
                }},
        RedCase{"MarkerWithoutMeaning", "photos unreadable_marker",
                [](World& w) { w.Hand("targets/photos/backup_status", "all is well"); },
                [](World& w) { w.Succeed(kBackup); }},
        RedCase{
            "MarkerUnreadable", "photos state_unreadable",
            [](World& w) { w.files_.SetUnreadable("/state/targets/photos/backup_status", true); },
            [](World& w) { w.files_.SetUnreadable("/state/targets/photos/backup_status", false); }},
        RedCase{"LastSuccessUnreadable", "photos state_unreadable",
                [](World& w) {
                  w.files_.SetUnreadable("/state/targets/photos/last_backup_success", true);
                },
                [](World& w) {
                  w.files_.SetUnreadable("/state/targets/photos/last_backup_success", false);
                }},
        RedCase{"FactsDamaged", "photos state_unreadable",
                [](World& w) { w.Hand("targets/photos/facts.json", "{"); },
                [](World& w) { w.Hand("targets/photos/facts.json", "{\"version\":1}"); }},
        RedCase{"Interrupted", "photos interrupted",
                [](World& w) {
                  w.Run(kBackup, kHour);
                  w.Die();
                },
                [](World& w) { w.Run(kBackup, Duration{0}); }},
        RedCase{"Stalled", "photos stalled",
                [](World& w) {
                  w.Run(kBackup, kDay);
                  EXPECT_TRUE(w.markers_.Write(
                      kBackup, Marker{.status = MarkerStatus::kRunning,
                                      .time = kNow - kDay,
                                      .details = {{marker_key::kProgress,
                                                   std::to_string(1'800'000'000 - 901)}}}));
                },
                [](World& w) {
                  EXPECT_TRUE(w.markers_.Write(
                      kBackup, Marker{.status = MarkerStatus::kRunning,
                                      .time = kNow - kDay,
                                      .details = {{marker_key::kProgress,
                                                   std::to_string(1'800'000'000 - 900)}}}));
                }},
        RedCase{"IncompleteTooOften", "photos incomplete",
                [](World& w) {
                  w.Mark(kBackup, MarkerStatus::kWarning, kHour, "3 files");
                  w.SetFacts({.incomplete_in_a_row = 3});
                },
                [](World& w) { w.SetFacts({.incomplete_in_a_row = 2}); }},
        RedCase{"Quarantined", "photos quarantined",
                [](World& w) { w.SetFacts(InQuarantine("6cd1")); },
                [](World& w) { w.SetFacts(InQuarantine("9fa0")); }},
        RedCase{"QuarantinedAsItsMarkerSaysToo", "photos quarantined",
                [](World& w) {
                  w.SetFacts(InQuarantine("6cd1"));
                  EXPECT_TRUE(w.markers_.Write(
                      kBackup, Marker{.status = MarkerStatus::kFailed,
                                      .time = kNow - kHour,
                                      .reason = "snapshot 6cd1 is quarantined",
                                      .details = {{marker_key::kCause, "quarantined"}}}));
                },
                [](World& w) {
                  w.Succeed(kBackup);
                  w.SetFacts({});
                }},
        RedCase{"Overdue", "photos overdue",
                [](World& w) { w.Succeed(kBackup, kDay + 6 * kHour + Duration{1}); },
                [](World& w) { w.Succeed(kBackup, kDay + 6 * kHour); }},
        RedCase{"AWarningWithoutASnapshotIsNoBackup", "photos overdue",
                [](World& w) {
                  w.Succeed(kBackup, 3 * kDay);
                  w.Mark(kBackup, MarkerStatus::kWarning, kHour, "skipped");
                },
                [](World& w) { w.Succeed(kBackup); }},
        RedCase{"NeverBackedUp", "photos never_succeeded",
                [](World& w) {
                  EXPECT_TRUE(w.markers_.Remove(kBackup));
                  EXPECT_TRUE(w.files_.Remove(w.markers_.LastSuccessFile(kBackup)));
                  w.SetFacts({.first_seen = kNow - 3 * kDay});
                },
                [](World& w) { w.SetFacts({.first_seen = kNow - kDay}); }},
        RedCase{"SuccessInTheFuture", "photos success_in_future",
                [](World& w) { w.Succeed(kBackup, -kDay - Duration{1}); },
                [](World& w) { w.Succeed(kBackup, -kDay); }},
        RedCase{"ProbeFailed", "repository failed",
                [](World& w) {
                  w.Mark({{}, Stage::kProbe}, MarkerStatus::kFailed, kHour, "x");
                },
                [](World& w) {
                  w.Succeed({{}, Stage::kProbe});
                }},
        RedCase{"PruneBlocked", "repository blocked",
                [](World& w) {
                  w.Mark({{}, Stage::kPrune}, MarkerStatus::kBlocked, kHour, "x");
                },
                [](World& w) {
                  w.Succeed({{}, Stage::kPrune});
                }},
        RedCase{"ForgetInterrupted", "photos interrupted",
                [](World& w) {
                  w.Run({kPhotos, Stage::kForget}, kHour);
                  w.Die();
                },
                [](World& w) {
                  w.Run({kPhotos, Stage::kForget}, Duration{0});
                }},
        RedCase{"CheckInterrupted", "repository interrupted",
                [](World& w) {
                  w.Run({{}, Stage::kCheck}, kHour);
                  w.Die();
                },
                [](World& w) {
                  w.Run({{}, Stage::kCheck}, Duration{0});
                }},
        RedCase{"DaemonDied", "daemon daemon_not_running",
                [](World& w) {
                  w.StartDaemon(kNow + kHour);
                  w.KillDaemon();
                },
                [](World& w) { w.StartDaemon(kNow + kHour); }},
        RedCase{"DaemonDiedAndWasStoppedProperlyLater", "daemon daemon_not_running",
                [](World& w) {
                  w.StartDaemon(std::nullopt);
                  w.KillDaemon();
                },
                [](World& w) { w.StopDaemon(); }},
        RedCase{"DaemonOverslept", "daemon daemon_stuck",
                [](World& w) { w.StartDaemon(kNow - kWakeupMargin - Duration{1}); },
                [](World& w) { w.StartDaemon(kNow - kWakeupMargin); }},
        RedCase{"DaemonFactsDamaged", "daemon state_unreadable",
                [](World& w) { w.Hand("daemon.json", "?"); },
                [](World& w) { w.StartDaemon(std::nullopt); }}),
    [](const auto& suite) { return suite.param.name; });

struct GreenCase {
  const char* name;
  Act act;
};

class StillHealthy : public ::testing::TestWithParam<GreenCase> {};

TEST_P(StillHealthy, NothingElseTurnsItRed) {
  World world;
  GetParam().act(world);
  EXPECT_EQ(Reds(world.Check()), std::vector<std::string>{}) << world.Text();
}

INSTANTIATE_TEST_SUITE_P(
    Conditions, StillHealthy,
    ::testing::Values(
        GreenCase{"Nothing", Nothing},
        GreenCase{"AnOldWarning",
                  [](World& w) {
                    w.Mark({kPhotos, Stage::kForget}, MarkerStatus::kWarning, kTenYears, "x");
                  }},
        GreenCase{"AnIncompleteBackup",
                  [](World& w) {
                    w.Mark(kBackup, MarkerStatus::kWarning, kHour, "3 files");
                    w.SetFacts({.incomplete_in_a_row = 2});
                  }},
        GreenCase{"IncompleteBackupsKeepItFresh",
                  [](World& w) {
                    w.Succeed(kBackup, 3 * kDay);
                    EXPECT_TRUE(w.markers_.Write(
                        kBackup, Marker{.status = MarkerStatus::kWarning,
                                        .time = kNow - kHour,
                                        .reason = "3 files",
                                        .details = {{marker_key::kSnapshot, "4ab9"}}}));
                  }},
        GreenCase{"ASnapshotInTheFactsKeepsItFresh",
                  [](World& w) {
                    w.Succeed(kBackup, 3 * kDay);
                    w.SetFacts({.newest_good = GoodSnapshot{.id = targets::SnapshotId("a"),
                                                            .time = kNow - kHour}});
                  }},
        GreenCase{"AFullDisk",
                  [](World& w) { w.files_.SetSpace("/", {.total = 1000, .available = 0}); }},
        GreenCase{"AnEmptySource",
                  [](World& w) { EXPECT_TRUE(w.files_.Remove("/data/photos/one.jpg")); }},
        GreenCase{"UnknownFiles",
                  [](World& w) {
                    w.Hand("targets/photos/notes_status", "FAILED");
                    w.Hand("targets/removed/backup_status", "FAILED\n1\nof a target that is gone");
                    w.Hand("repository/backup_status", "FAILED");
                    w.Hand("what", "ever");
                  }},
        GreenCase{"ALongRun", [](World& w) { w.Run(kBackup, 30 * kDay); }},
        GreenCase{"ALongRunWhileTheLastSuccessGrowsOld",
                  [](World& w) {
                    w.Succeed(kBackup, 30 * kDay);
                    w.Run(kBackup, 29 * kDay);
                  }},
        GreenCase{"TheFirstRunOfALateTarget",
                  [](World& w) {
                    EXPECT_TRUE(w.files_.Remove(w.markers_.LastSuccessFile(kBackup)));
                    w.SetFacts({.first_seen = kNow - 30 * kDay});
                    w.Run(kBackup, kHour);
                  }},
        GreenCase{"ARunAfterAFailure",
                  [](World& w) {
                    w.Mark(kBackup, MarkerStatus::kFailed, kHour, "x");
                    w.Run(kBackup, Duration{60});
                  }},
        GreenCase{"ARunDuringAQuarantine",
                  [](World& w) {
                    w.SetFacts(InQuarantine("6cd1"));
                    w.Run(kBackup, Duration{60});
                  }},
        GreenCase{"ARunningPrune",
                  [](World& w) {
                    w.Run({{}, Stage::kPrune}, 2 * kDay);
                  }},
        GreenCase{"AManualTargetOfLongAgo",
                  [](World& w) {
                    w.photos().schedule.timing = targets::ManualTiming{};
                    w.Succeed(kBackup, kTenYears);
                  }},
        GreenCase{"AWeeklyTarget",
                  [](World& w) {
                    w.photos().schedule.timing = targets::CronTiming{"0 2 * * 0"};
                    w.Succeed(kBackup, 7 * kDay + 23 * kHour);
                  }},
        GreenCase{"ATargetOfWorkingDaysOnAMonday",
                  [](World& w) {
                    w.photos().schedule.timing = targets::CronTiming{"0 2 * * 1-5"};
                    w.clock_.JumpTo(targets::ParseRfc3339("2026-11-23T01:59:00Z").value());
                    w.Succeed(kBackup, 3 * kDay - kHour);
                    w.Succeed({kDatabase, Stage::kBackup});
                  }},
        GreenCase{"ANewTarget",
                  [](World& w) {
                    EXPECT_TRUE(w.markers_.Remove(kBackup));
                    EXPECT_TRUE(w.files_.Remove(w.markers_.LastSuccessFile(kBackup)));
                  }},
        GreenCase{"ADisabledTarget",
                  [](World& w) {
                    w.Mark(kBackup, MarkerStatus::kFailed, kHour, "x");
                    w.photos().enabled = false;
                  }},
        GreenCase{"ADaemonThatWaitsForEvents", [](World& w) { w.StartDaemon(std::nullopt); }},
        GreenCase{"ADaemonThatStoppedByItself",
                  [](World& w) {
                    w.StartDaemon(kNow + kHour);
                    w.StopDaemon();
                  }}),
    [](const auto& suite) { return suite.param.name; });

TEST(Health, ADrillThatNeverRanIsNoFault) {
  World world;
  world.photos().drill.emplace().schedule = Daily();
  EXPECT_TRUE(world.Check().Healthy());
  world.Mark({kPhotos, Stage::kDrill}, MarkerStatus::kFailed, kHour, "x");
  EXPECT_EQ(Reds(world.Check()), std::vector<std::string>{"photos failed"});
}

TEST(Health, AnOldProofCountsOnlyWhereDrillsAreScheduled) {
  World world;
  world.Succeed({kPhotos, Stage::kDrill}, kDay * 1000);
  EXPECT_TRUE(world.Check().Healthy());
}

TEST(Health, ALateDrillThatRunsIsOnlyAWarning) {
  World world;
  world.photos().drill.emplace().schedule = Daily();
  world.Succeed({kPhotos, Stage::kDrill}, kDay * 3);
  world.Run({kPhotos, Stage::kDrill}, Duration{60});
  EXPECT_TRUE(world.Check().Healthy());
  world.Die();
  EXPECT_EQ(Reds(world.Check()),
            (std::vector<std::string>{"photos interrupted", "photos overdue"}));
}

}  // namespace
}  // namespace runner
