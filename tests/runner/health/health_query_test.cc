#include <gtest/gtest.h>

#include "tests/runner/health/health_world.h"

namespace runner {
namespace {

using namespace health_world;  // NOLINT(google-build-using-namespace): its words are the tests'
                               // words

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

std::vector<std::string> ErrorFindings(const HealthReport& report) {
  std::vector<std::string> out;
  for (const auto* subjects : {&report.targets, &report.others}) {
    for (const SubjectHealth& subject : *subjects) {
      for (const Finding& finding : subject.findings) {
        if (finding.code == "restic_errors")
          out.push_back(std::string(HealthLevelName(finding.level)) + " " + subject.name + " " +
                        finding.message);
      }
    }
  }
  return out;
}

TEST(Health, WhatResticSaidInTheLastDayIsAWarningAndNeverUnhealthy) {
  World world;
  world.Complain(kBackup, kDay, {"too old"});
  EXPECT_EQ(ErrorFindings(world.Check()), std::vector<std::string>{});
  world.Complain(kBackup, kDay - Duration{1}, {"first"});
  world.Complain(kBackup, 2 * kHour, {"second", "third"});
  world.Complain({{}, Stage::kPrune}, kHour, {"unused"});
  world.Complain({{}, Stage::kCheck}, kHour, {"damaged"});
  const HealthReport report = world.Check();
  EXPECT_TRUE(report.Healthy());
  EXPECT_EQ(
      ErrorFindings(report),
      (std::vector<std::string>{
          "warning photos restic complained in the last 24 h (3 lines of backup, the newest "
          "2h ago): third",
          "warning repository restic complained in the last 24 h (1 line of prune, the newest "
          "1h ago): unused",
          "warning repository restic complained in the last 24 h (1 line of check, the newest "
          "1h ago): damaged"}));
}

TEST(Health, AnErrorLogThatCannotBeReadIsAWarning) {
  World world;
  world.Complain(kBackup, kHour, {"x"});
  world.files_.SetUnreadable(world.error_log_.FileOf(kPhotos), true);
  const HealthReport report = world.Check();
  EXPECT_TRUE(report.Healthy());
  EXPECT_EQ(ErrorFindings(report).size(), 1U);
}

TEST(Health, ADamagedErrorLogIsAWarningBesideWhatIsLeftOfIt) {
  World world;
  world.Complain(kBackup, kHour, {"x"});
  const std::string file = world.error_log_.FileOf(kPhotos);
  world.files_.AddFile(file, world.files_.Read(file, kSmallFileLimit).value().value() + "rubbish");
  const HealthReport report = world.Check();
  EXPECT_TRUE(report.Healthy());
  EXPECT_EQ(ErrorFindings(report),
            (std::vector<std::string>{
                "warning photos " + file +
                    " is damaged: 1 line of it cannot be understood; the next complaint of restic "
                    "replaces it, or remove it",
                "warning photos restic complained in the last 24 h (1 line of backup, the newest "
                "1h ago): x"}));
}

TEST(Health, SaysThatARunMayHaveComplainedMoreThanIsKept) {
  World world;
  std::vector<std::string> said(ErrorLog::kLinesPerRun - 1, "x");
  world.Complain(kBackup, kHour, said);
  EXPECT_NE(ErrorFindings(world.Check()).at(0).find("24 h (19 lines"), std::string::npos);
  ASSERT_TRUE(world.files_.Remove(world.error_log_.FileOf(kPhotos)));
  said.emplace_back("y");
  world.Complain(kBackup, kHour, said);
  EXPECT_NE(ErrorFindings(world.Check()).at(0).find("24 h (at least 20 lines"), std::string::npos);
}

TEST(Health, TheGraceIsAQuarterOfThePeriodBetweenAnHourAndADay) {
  EXPECT_EQ(FreshnessGrace(Duration{300}), kHour);
  EXPECT_EQ(FreshnessGrace(4 * kHour), kHour);
  EXPECT_EQ(FreshnessGrace(kDay), 6 * kHour);
  EXPECT_EQ(FreshnessGrace(4 * kDay), kDay);
  EXPECT_EQ(FreshnessGrace(30 * kDay), kDay);
}

}  // namespace
}  // namespace runner
