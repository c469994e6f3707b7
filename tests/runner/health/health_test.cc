// Each unhealthy condition turns the verdict red, and its cure turns it green again; nothing else
// turns it red. The stories run on a state folder in memory, from the files to the verdict.

#include <gtest/gtest.h>

#include <functional>

#include "runner/health/collect.h"
#include "runner/health/evaluate.h"
#include "runner/health/render.h"
#include "runner/state/fact_store.h"
#include "runner/state/marker_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::Duration;
using targets::FromUnixSeconds;
using targets::Stage;
using targets::TargetId;
using targets::UnixTime;
using testing::FakeClock;
using testing::MemoryFileSystem;

const TargetId kPhotos("photos");
const TargetId kDatabase("database");
const MarkerKey kBackup{kPhotos, Stage::kBackup};
constexpr Duration kHour{3600};
constexpr Duration kDay{24 * 3600};
const UnixTime kNow = FromUnixSeconds(1'800'000'000);

targets::Schedule Daily() {
  return targets::Schedule{.timing = targets::CronTiming{"0 2 * * *"},
                           .timezone = "UTC",
                           .jitter = {},
                           .catch_up = targets::CatchUp::kOnce,
                           .on_start = false};
}

/// Two healthy targets: photos, a folder backed up an hour ago, and database, a command. No daemon.
class World {
 public:
  World() {
    files_.AddFile("/data/photos/one.jpg", "x");
    EXPECT_TRUE(folder_.Prepare(kNow));
    targets::Target photos;
    photos.id = kPhotos;
    photos.source = targets::DirectorySource{"/data/photos"};
    photos.schedule = Daily();
    targets::Target database = photos;
    database.id = kDatabase;
    database.source = targets::CommandSource{{"pg_dump"}, "app.sql"};
    config_.instance = targets::InstanceName("server1");
    config_.state_dir = "/state";
    config_.targets = {database, photos};
    for (const TargetId& id : {kPhotos, kDatabase}) {
      EXPECT_TRUE(markers_.WriteSuccess({id, Stage::kBackup}, kNow - kHour));
    }
  }

  HealthReport Check(const HealthQuery& query = {}) {
    return Evaluate(CollectHealth(config_, query, files_, redactor_, clock_));
  }
  std::string Text() { return RenderHealthText(Check(), Duration{0}); }

  void Mark(const MarkerKey& key, MarkerStatus status, Duration age, std::string reason = "") {
    EXPECT_TRUE(markers_.Write(
        key, Marker{.status = status, .time = clock_.Now() - age, .reason = std::move(reason)}));
  }
  /// A marker of a run that works: its lock is held.
  void Run(const MarkerKey& key, Duration since) {
    auto lock = key.target.empty() ? folder_.TryLockRepositoryStage(key.stage)
                                   : folder_.TryLockTarget(key.target);
    run_ = std::move(lock.value());
    Mark(key, MarkerStatus::kRunning, since);
  }
  void Die() { run_.reset(); }
  void Succeed(const MarkerKey& key, Duration age = Duration{0}) {
    EXPECT_TRUE(markers_.WriteSuccess(key, clock_.Now() - age));
  }
  void Hand(const std::string& file, const std::string& text) {
    files_.AddFile("/state/" + file, text);
  }
  targets::Target& photos() { return config_.targets[1]; }
  targets::Target& database() { return config_.targets[0]; }
  void SetFacts(const TargetFacts& facts) { EXPECT_TRUE(facts_.WriteTarget(kPhotos, facts)); }
  void StartDaemon(std::optional<UnixTime> wakeup) {
    if (daemon_ == nullptr) daemon_ = folder_.TryLockDaemon().value();
    EXPECT_TRUE(
        facts_.WriteDaemon(DaemonFacts{.pid = 1, .started = clock_.Now(), .next_wakeup = wakeup}));
  }
  void StopDaemon() {
    EXPECT_TRUE(
        facts_.WriteDaemon(DaemonFacts{.pid = 1, .started = kNow, .stopped = clock_.Now()}));
    daemon_.reset();
  }
  void KillDaemon() { daemon_.reset(); }

  MemoryFileSystem files_;
  FakeClock clock_{kNow};
  targets::Redactor redactor_;
  targets::Config config_;
  StateFolder folder_{files_, "/state"};
  MarkerStore markers_{files_, redactor_, folder_};
  FactStore facts_{files_, folder_};
  std::unique_ptr<FileLock> run_;
  std::unique_ptr<FileLock> daemon_;
};

/// The codes of all unhealthy findings, e.g. "photos failed".
std::vector<std::string> Reds(const HealthReport& report) {
  std::vector<std::string> out;
  for (const auto* subjects : {&report.targets, &report.others}) {
    for (const SubjectHealth& subject : *subjects) {
      for (const Finding& finding : subject.findings) {
        if (finding.level == HealthLevel::kUnhealthy)
          out.push_back(subject.name + " " + finding.code);
      }
    }
  }
  return out;
}

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

TEST(Health, ARequiredDaemonMustRun) {
  World world;
  const HealthQuery query{.require_daemon = true};
  EXPECT_EQ(Reds(world.Check(query)), std::vector<std::string>{"daemon daemon_not_running"});
  world.StartDaemon(kNow + kHour);
  EXPECT_TRUE(world.Check(query).Healthy());
  world.StopDaemon();
  EXPECT_FALSE(world.Check(query).Healthy());
}

TEST(Health, LiveLooksAtTheDaemonAlone) {
  World world;
  world.Mark(kBackup, MarkerStatus::kFailed, kHour, "x");
  const HealthQuery query{.daemon_only = true};
  EXPECT_FALSE(world.Check(query).Healthy());
  world.StartDaemon(kNow + kHour);
  EXPECT_TRUE(world.Check(query).Healthy());
  EXPECT_EQ(RenderHealthText(world.Check(query), Duration{0}),
            "2027-01-15 08:00:00 - HEALTHY: scheduler is running\n");
}

TEST(Health, OneTargetIsJudgedAlone) {
  World world;
  world.Mark(kBackup, MarkerStatus::kFailed, kHour, "x");
  world.Mark({{}, Stage::kCheck}, MarkerStatus::kFailed, kHour, "x");
  EXPECT_TRUE(world.Check({.target = kDatabase}).Healthy());
  EXPECT_EQ(Reds(world.Check({.target = kPhotos})), std::vector<std::string>{"photos failed"});
}

TEST(Health, ATargetThatNoRunnerMetIsDueSinceItWasConfigured) {
  World world;
  EXPECT_TRUE(world.markers_.Remove(kBackup));
  EXPECT_TRUE(world.files_.Remove(world.markers_.LastSuccessFile(kBackup)));
  // Configured at 08:00, due at 02:00 of the next day, and six hours of grace.
  EXPECT_TRUE(world.Check({.configured_at = kNow - kDay}).Healthy());
  EXPECT_FALSE(world.Check({.configured_at = kNow - kDay - 6 * kHour - Duration{1}}).Healthy());
}

TEST(Health, AMissingStateFolderIsAWarning) {
  World world;
  world.config_.state_dir = "/elsewhere";
  const HealthReport report = world.Check();
  EXPECT_TRUE(report.Healthy());
  EXPECT_EQ(report.others.back().findings.front().code, "no_state");
}

TEST(Health, LooksWithoutLeavingATrace) {
  World world;
  world.StartDaemon(kNow);
  world.Run(kBackup, kHour);
  const std::vector<std::string> before = world.files_.Tree();
  world.files_.FailStep(1);
  world.Check();
  EXPECT_EQ(world.files_.Tree(), before);
  EXPECT_EQ(world.files_.Steps(), 0);
}

TEST(Health, DiskSpaceIsInformationFrom85AndAWarningFrom95Percent) {
  const auto level = [](targets::Bytes available) -> std::string {
    World world;
    world.files_.SetSpace("/data", {.total = 1000, .available = available});
    const HealthReport report = world.Check();
    for (const Finding& finding : report.targets[1].findings) {
      if (finding.code == "disk_space") return std::string(HealthLevelName(finding.level));
    }
    return "none";
  };
  EXPECT_EQ(level(151), "none");
  EXPECT_EQ(level(150), "info");
  EXPECT_EQ(level(51), "info");
  EXPECT_EQ(level(50), "warning");
}

TEST(Health, ASuccessOlderThanTwoDaysIsAWarning) {
  World world;
  world.photos().schedule.timing = targets::CronTiming{"0 2 * * 0"};
  world.Succeed(kBackup, 2 * kDay);
  EXPECT_EQ(world.Check().targets[1].Level(), HealthLevel::kInfo);
  world.Succeed(kBackup, 2 * kDay + Duration{1});
  EXPECT_EQ(world.Check().targets[1].Level(), HealthLevel::kWarning);
}

TEST(Health, TheGraceIsAQuarterOfThePeriodBetweenAnHourAndADay) {
  EXPECT_EQ(FreshnessGrace(Duration{300}), kHour);
  EXPECT_EQ(FreshnessGrace(4 * kHour), kHour);
  EXPECT_EQ(FreshnessGrace(kDay), 6 * kHour);
  EXPECT_EQ(FreshnessGrace(4 * kDay), kDay);
  EXPECT_EQ(FreshnessGrace(30 * kDay), kDay);
}

TEST(HealthText, HasOneLinePerTargetAndTheAggregateLast) {
  World world;
  EXPECT_EQ(world.Text(),
            "2027-01-15 08:00:00 - database: HEALTHY: last backup 1h ago\n"
            "2027-01-15 08:00:00 - photos: HEALTHY: last backup 1h ago\n"
            "2027-01-15 08:00:00 - HEALTHY: 2 targets\n");
}

TEST(HealthText, SpeaksAsTheOldContainerDid) {
  World world;
  world.Mark(kBackup, MarkerStatus::kFailed, 2 * kHour, "Restic backup command failed");
  world.Mark({{}, Stage::kCheck}, MarkerStatus::kFailed, kDay, "pack 1234 is damaged");
  EXPECT_EQ(world.Text(),
            "2027-01-15 08:00:00 - database: HEALTHY: last backup 1h ago\n"
            "2027-01-15 08:00:00 - photos: UNHEALTHY: Backup failed 2h ago - Reason: Restic backup "
            "command failed\n"
            "2027-01-15 08:00:00 - repository: UNHEALTHY: Check failed 1d ago - Reason: pack 1234 "
            "is damaged\n"
            "2027-01-15 08:00:00 - UNHEALTHY: photos: Backup failed 2h ago - Reason: Restic backup "
            "command failed "
            "(and 1 more)\n");
}

TEST(HealthText, ASingleTargetIsNotNamedInTheAggregate) {
  World world;
  world.config_.targets.erase(world.config_.targets.begin());
  world.Hand("targets/photos/backup_status", "FAILED\n\nTest failure\n");
  EXPECT_EQ(world.Text(),
            "2027-01-15 08:00:00 - photos: UNHEALTHY: Backup failed - Reason: Test failure\n"
            "2027-01-15 08:00:00 - UNHEALTHY: Backup failed - Reason: Test failure\n");
}

TEST(HealthText, NamesADeadSchedulerAsBefore) {
  World world;
  world.StartDaemon(kNow);
  world.KillDaemon();
  EXPECT_NE(world.Text().find("UNHEALTHY: scheduler is not running: process 1 died\n"),
            std::string::npos);
}

TEST(HealthText, TellsOfTheFailureThatARunTriesToHeal) {
  World world;
  world.Mark(kBackup, MarkerStatus::kFailed, 2 * kHour, "wrong password");
  world.Run(kBackup, Duration{300});
  EXPECT_NE(
      world.Text().find(
          "photos: HEALTHY: last backup 1h ago; warning: Backup runs again since 5m; before that "
          "it failed 2h ago - Reason: wrong password\n"),
      std::string::npos)
      << world.Text();
}

TEST(HealthText, IsInTheZoneOfTheReader) {
  World world;
  EXPECT_NE(RenderHealthText(world.Check(), kHour).find("2027-01-15 09:00:00 - HEALTHY"),
            std::string::npos);
}

TEST(HealthText, HoldsNoSecretOfAHandWrittenMarker) {
  World world;
  world.redactor_.Add(targets::Secret("hunter2hunter2"));
  world.Hand("targets/photos/backup_status",
             "FAILED\n1\ncannot open rest:https://me:pw@host/ hunter2hunter2\n");
  for (const std::string& text : {world.Text(), RenderHealthJson(world.Check())}) {
    EXPECT_EQ(text.find("hunter2"), std::string::npos);
    EXPECT_EQ(text.find("me:pw"), std::string::npos);
  }
}

}  // namespace
}  // namespace runner
