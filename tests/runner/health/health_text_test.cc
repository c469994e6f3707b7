#include <gtest/gtest.h>

#include "tests/runner/health/health_world.h"

namespace runner {
namespace {

using namespace health_world;  // NOLINT(google-build-using-namespace): its words are the tests'
                               // words

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
