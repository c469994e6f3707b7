#include "tests/targets/config/sample.h"

namespace targets {
namespace {

const std::map<std::string, std::string> kRequired = {{"RESTIC_REPOSITORY", "b2:bucket:path"},
                                                      {"RESTIC_PASSWORD", "hunter2"},
                                                      {"B2_ACCOUNT_ID", "id-of-key"},
                                                      {"B2_ACCOUNT_KEY", "key-itself"}};

std::map<std::string, std::string> With(std::map<std::string, std::string> more) {
  more.insert(kRequired.begin(), kRequired.end());
  return more;
}

TEST(EnvironmentMode, HasTheDefaultsOfTheSingleDirectoryContainer) {
  const LoadOutcome outcome = LoadEnvironment(kRequired);
  ASSERT_TRUE(outcome.config) << Messages(outcome);
  const Config& config = *outcome.config;
  EXPECT_TRUE(config.environment_mode);
  EXPECT_EQ(config.instance.str(), "default");
  EXPECT_EQ(config.temp_dir, "/tmp/backup");
  EXPECT_EQ(config.run_as, (RunAs{1000, 1000}));
  EXPECT_EQ(config.timezone, "UTC");
  EXPECT_EQ(config.maintenance.probe->schedule.timing,
            Timing{IntervalTiming{std::chrono::hours{1}}});
  ASSERT_EQ(config.targets.size(), 1U);
  const Target& target = config.targets[0];
  EXPECT_EQ(target.id.str(), "default");
  EXPECT_EQ(target.source, Source{DirectorySource{"/backup"}});
  EXPECT_EQ(target.schedule,
            (Schedule{CronTiming{"0 2 * * *"}, "UTC", Duration{0}, CatchUp::kOnce, true}));
  EXPECT_TRUE(target.restore.if_empty);
  EXPECT_EQ(target.restore.check->timing, Timing{CronTiming{"0 1 * * *"}});
  EXPECT_EQ(target.retention.daily, 7);
  EXPECT_EQ(target.retention.weekly, 4);
  EXPECT_EQ(target.retention.monthly, 6);
  EXPECT_EQ(target.retention.yearly, 2);
}

TEST(EnvironmentMode, WarnsOfAMissingInstanceNameOnly) {
  const LoadOutcome outcome = LoadEnvironment(kRequired);
  ASSERT_EQ(outcome.diagnostics.size(), 1U);
  EXPECT_EQ(outcome.diagnostics[0].path, "env BACKUP_INSTANCE");
  EXPECT_TRUE(LoadEnvironment(With({{"BACKUP_INSTANCE", "nas"}})).diagnostics.empty());
}

TEST(EnvironmentMode, AnEmptyVariableIsAnUnsetOne) {
  const LoadOutcome outcome = LoadEnvironment(With({{"BACKUP_SCHEDULE", ""}, {"PUID", ""}}));
  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->targets[0].schedule.timing, Timing{CronTiming{"0 2 * * *"}});
}

TEST(EnvironmentMode, ReadsTheRepositoryFromAFile) {
  LoadInput input;
  input.environment = {{"RESTIC_REPOSITORY_FILE", "/run/repo"}, {"RESTIC_PASSWORD_FILE", "/run/p"}};
  input.environment_files = {{"RESTIC_REPOSITORY_FILE", "/srv/repo\n"}};
  const LoadOutcome outcome = LoadConfig(input);
  ASSERT_TRUE(outcome.config) << Messages(outcome);
  EXPECT_EQ(outcome.config->repository.url, "/srv/repo");
  EXPECT_EQ(outcome.config->origins.at("/repository/url"), "env RESTIC_REPOSITORY_FILE");
}

TEST(EnvironmentMode, SecretsAreInlineOrFiles) {
  const LoadOutcome outcome = LoadEnvironment(kRequired);
  EXPECT_EQ(outcome.config->repository.password, SecretSource{InlineSecret{Secret("hunter2")}});
  EXPECT_EQ(outcome.config->repository.b2.account_key,
            SecretSource{InlineSecret{Secret("key-itself")}});
}

TEST(FieldVariables, FindTheTargetWithTheLongestName) {
  const Config config =
      Good(kHead + "targets:\n  a: {source: /a}\n  a-b: {source: /b}\n",
           {{"BACKUP_TARGET_A_B__TAGS", "[x]"}, {"BACKUP_TARGET_A__TAGS", "[y]"}});
  EXPECT_EQ(FindTarget(config, TargetId("a"))->tags, (std::vector<std::string>{"y"}));
  EXPECT_EQ(FindTarget(config, TargetId("a-b"))->tags, (std::vector<std::string>{"x"}));
}

TEST(FieldVariables, WorkInEnvironmentModeToo) {
  const LoadOutcome outcome =
      LoadEnvironment(With({{"BACKUP_TARGET_DEFAULT__LIMITS__NICE", "-5"}}));
  ASSERT_TRUE(outcome.config) << Messages(outcome);
  EXPECT_EQ(outcome.config->targets[0].limits.nice, -5);
}

TEST(FieldVariables, DisplaceTheOtherFormOfTheSameThing) {
  const Config config =
      Good(kHead + "targets:\n  a: {source: /a, schedule: {cron: 0 2 * * *, jitter: 5m}}\n",
           {{"BACKUP_TARGET_A__SCHEDULE__EVERY", "6h"}});
  EXPECT_EQ(config.targets[0].schedule.timing, Timing{IntervalTiming{std::chrono::hours{6}}});
  EXPECT_EQ(config.targets[0].schedule.jitter, Duration{300});
}

TEST(SingleTargetVariables, OverrideTheOnlyTargetOfAFile) {
  const Config config = Good(kHead + "targets:\n  a: {source: /a}\n",
                             {{"BACKUP_SOURCE_DIR", "/b"}, {"RUN_BACKUP_ON_STARTUP", "true"}});
  EXPECT_EQ(config.targets[0].source, Source{DirectorySource{"/b"}});
  EXPECT_TRUE(config.targets[0].schedule.on_start);
  EXPECT_EQ(config.origins.at("/targets/a/source"), "env BACKUP_SOURCE_DIR");
}

TEST(SingleTargetVariables, OfTargetsThatAreLeftOutDoNotMatter) {
  const LoadOutcome outcome =
      Load(kHead + "targets:\n  a: {source: /a}\n  b: {source: \"${NOT_SET}\"}\n",
           {{"BACKUP_TARGET", "a"}});
  ASSERT_TRUE(outcome.config) << Messages(outcome);
  EXPECT_EQ(outcome.config->targets.size(), 1U);
}

TEST(TopVariables, AreAboveTheFile) {
  const Config config =
      Good(kHead + "targets:\n  a: {source: /a}\n", {{"RESTIC_REPOSITORY", "/other"},
                                                     {"RESTIC_PASSWORD", "hunter2"},
                                                     {"PUID", "1"},
                                                     {"PGID", "2"}});
  EXPECT_EQ(config.repository.url, "/other");
  EXPECT_EQ(config.repository.password, SecretSource{InlineSecret{Secret("hunter2")}});
  EXPECT_EQ(config.run_as, (RunAs{1, 2}));
}

TEST(TopVariables, TheZoneOfTheMachineIsOnlyADefault) {
  const std::string targets = "targets:\n  a: {source: /a}\n";
  EXPECT_EQ(Good(kHead + targets, {{"TZ", ":Europe/Paris"}}).timezone, "Europe/Paris");
  EXPECT_EQ(Good(kHead + "timezone: Asia/Tokyo\n" + targets, {{"TZ", "Europe/Paris"}}).timezone,
            "Asia/Tokyo");
  EXPECT_EQ(Good(kHead + targets).timezone, "UTC");
}

}  // namespace
}  // namespace targets
