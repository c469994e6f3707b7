#include "targets/plan/render.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "tests/targets/plan/sample.h"
#include "tests/targets/plan/schema_check.h"

namespace targets {
namespace {

PlanTime Time(const std::string& rfc3339, const std::string& people) {
  return PlanTime{ParseRfc3339(rfc3339).value(), rfc3339, people};
}

Plan SmallPlan() {
  Plan plan;
  plan.instance = InstanceName("server1");
  plan.at = Time("2026-11-22T23:18:00+01:00", "Sun 2026-11-22 23:18 CET");
  plan.restic_version = "0.14.0";
  plan.version_known = true;
  plan.repository = {"b2:my-bucket:backups", "Backblaze B2"};
  PlanTarget photos;
  photos.id = TargetId("photos");
  photos.source = "/data/photos";
  photos.state = SourceState::kHasData;
  photos.schedule = "30 2 * * *";
  photos.timezone = "Europe/Berlin";
  photos.retention = "7 daily";
  photos.restore = "never by itself: restore_if_empty is off";
  photos.agenda.steps = {{Stage::kBackup, {"restic", "backup", "/data/photos"}, ""}};
  photos.agenda.jobs = {{0, Time("2026-11-23T02:30:00+01:00", "Mon 2026-11-23 02:30 CET")}};
  plan.targets = {photos};
  return plan;
}

std::string Text(const Plan& plan, std::size_t width = 100) {
  RenderOptions options;
  options.width = width;
  return RenderText(plan, Redactor(), options);
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// So many snapshots, the newest first; every other one is removed.
std::vector<PlanSnapshot> Snapshots(std::size_t count) {
  std::vector<PlanSnapshot> snapshots;
  for (std::size_t i = 0; i < count; ++i) {
    PlanSnapshot one;
    one.id = SnapshotId(std::string(64, static_cast<char>('a' + i % 6)));
    one.time = Time("2026-11-23T02:30:00+01:00", "Mon 2026-11-23 02:30 CET");
    one.kept = i % 2 == 0;
    if (one.kept) one.reasons = {"daily 1", "weekly 1"};
    snapshots.push_back(std::move(one));
  }
  return snapshots;
}

TEST(PlanText, ShowsWhatIsKeptAndRemovedAndWhy) {
  Plan plan = SmallPlan();
  plan.targets[0].retention_preview = "now: keeps 1 of 2 snapshots";
  plan.targets[0].snapshots = Snapshots(2);
  EXPECT_TRUE(Contains(Text(plan),
                       "  keeps        7 daily\n"
                       "  retention    keeps 1 of 2 snapshots\n"
                       "    keep    2026-11-23 02:30  aaaaaaaa  daily 1, weekly 1\n"
                       "    remove  2026-11-23 02:30  bbbbbbbb\n"
                       "  restore rule "))
      << Text(plan);
}

TEST(PlanText, SaysThatThereIsNoSnapshot) {
  Plan plan = SmallPlan();
  plan.targets[0].snapshots = Snapshots(0);
  EXPECT_TRUE(Contains(Text(plan), "  retention    keeps 0 of 0 snapshots\n  restore rule "))
      << Text(plan);
}

TEST(PlanText, ShowsThirtySnapshotsOfATargetAtMost) {
  Plan plan = SmallPlan();
  plan.targets[0].snapshots = Snapshots(30);
  EXPECT_FALSE(Contains(Text(plan), "more"));
  plan.targets[0].snapshots = Snapshots(34);
  const std::string text = Text(plan);
  EXPECT_TRUE(Contains(text, "    ... and 4 more, 2 of them removed; --json lists all\n")) << text;
  std::size_t lines = 0;
  for (std::size_t at = text.find("02:30  "); at != std::string::npos;
       at = text.find("02:30  ", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 30U);
}

TEST(PlanJson, ListsEverySnapshotAndObeysItsSchema) {
  Plan plan = SmallPlan();
  plan.targets[0].snapshots = Snapshots(34);
  const std::string json = RenderJson(plan, Redactor());
  EXPECT_EQ(BreaksPlanSchema(json), "");
  rapidjson::Document document;
  document.Parse(json);
  const auto& snapshots = document["targets"][0]["snapshots"];
  ASSERT_EQ(snapshots.Size(), 34U);
  EXPECT_TRUE(snapshots[0]["keep"].GetBool());
  EXPECT_STREQ(snapshots[0]["reasons"][0].GetString(), "daily 1");
  EXPECT_FALSE(snapshots[1]["keep"].GetBool());
  plan.targets[0].snapshots.reset();
  EXPECT_FALSE(Contains(RenderJson(plan, Redactor()), "snapshots"));
}

TEST(PlanText, ShowsATargetAsABlock) {
  EXPECT_EQ(Text(SmallPlan()),
            "instance server1, repository b2:my-bucket:backups (Backblaze B2), restic 0.14.0\n"
            "as of Sun 2026-11-22 23:18 CET\n"
            "\n"
            "photos  /data/photos  has data\n"
            "  schedule     30 2 * * * (Europe/Berlin)\n"
            "  backup       Mon 2026-11-23 02:30 CET  in 3h12m\n"
            "               restic backup /data/photos\n"
            "  keeps        7 daily\n"
            "  restore rule never by itself: restore_if_empty is off\n"
            "\n"
            "repository  no jobs of its own\n"
            "\n"
            "1 target, 0 warnings; next: photos backup, Mon 2026-11-23 02:30 CET, in 3h12m\n");
}

TEST(PlanText, WrapsCommandLinesSoThatTheyCanBePasted) {
  Plan plan = SmallPlan();
  plan.targets[0].agenda.steps[0].argv = {"restic", "backup",        "--exclude",   "a b",
                                          "--tag",  "target:photos", "/data/photos"};
  EXPECT_TRUE(Contains(Text(plan, 45),
                       "               restic backup \\\n"
                       "                 --exclude 'a b' \\\n"
                       "                 --tag target:photos \\\n"
                       "                 /data/photos\n"))
      << Text(plan, 45);
}

TEST(PlanText, NeverExceedsTheWidthWhereWordsAllowIt) {
  Plan plan = SmallPlan();
  Argv& argv = plan.targets[0].agenda.steps[0].argv;
  for (int i = 0; i < 40; ++i) argv.push_back("word" + std::to_string(i));
  const std::string text = Text(plan, 60);
  const std::size_t begin = text.find("restic backup");
  std::size_t column = 15;
  for (std::size_t i = begin; text.compare(i, 7, "  keeps") != 0; ++i) {
    column = text[i] == '\n' ? 0 : column + 1;
    ASSERT_LE(column, 60U);
  }
}

TEST(PlanText, SaysWhatRunsAtStart) {
  Plan plan = SmallPlan();
  PlanAgenda& agenda = plan.targets[0].agenda;
  agenda.at_start = {0};
  EXPECT_TRUE(Contains(Text(plan), "  at start     backup\n")) << Text(plan);
}

TEST(PlanText, PutsEachOccurrenceOnALineAndTheCommandOnceBelow) {
  Plan plan = SmallPlan();
  plan.horizon = Duration{2 * 86400};
  plan.targets[0].agenda.jobs.push_back(
      {0, Time("2026-11-24T02:30:00+01:00", "Tue 2026-11-24 02:30 CET")});
  EXPECT_TRUE(Contains(Text(plan),
                       "  backup       Mon 2026-11-23 02:30 CET  in 3h12m\n"
                       "               Tue 2026-11-24 02:30 CET  in 1d3h\n"
                       "               restic backup /data/photos\n"))
      << Text(plan);
  EXPECT_TRUE(Contains(Text(plan), "as of Sun 2026-11-22 23:18 CET, every run within 2d\n"));
}

TEST(PlanText, ShowsWarningsInTheBlockOfTheirTargetAndTheOthersBelow) {
  Plan plan = SmallPlan();
  plan.warnings = {{TargetId(), "instance: is odd"}, {TargetId("photos"), "targets.photos: hm"}};
  const std::string text = Text(plan);
  EXPECT_TRUE(Contains(text, "off\n  warning      targets.photos: hm\n")) << text;
  EXPECT_TRUE(Contains(text, "\n\n  warning      instance: is odd\n")) << text;
  EXPECT_TRUE(Contains(text, "1 target, 2 warnings;")) << text;
}

TEST(PlanText, WrapsProseBetweenWords) {
  Plan plan = SmallPlan();
  plan.warnings = {{TargetId("photos"), "one two three four five six seven"}};
  EXPECT_TRUE(Contains(Text(plan, 30),
                       "  warning      one two three\n"
                       "               four five six\n"
                       "               seven\n"))
      << Text(plan, 30);
}

TEST(PlanText, SaysWhyAStepHasNoDueTime) {
  Plan plan = SmallPlan();
  PlanAgenda& agenda = plan.targets[0].agenda;
  agenda.jobs.clear();
  EXPECT_TRUE(Contains(Text(plan), "  backup       never due\n")) << Text(plan);
  agenda.at_start = {0};
  EXPECT_TRUE(Contains(Text(plan), "  backup       only at start\n")) << Text(plan);
  plan.horizon = Duration{60};
  EXPECT_TRUE(Contains(Text(plan), "  backup       not due in this time\n")) << Text(plan);
  agenda.by_hand = {0};
  EXPECT_TRUE(Contains(Text(plan), "  backup       only by hand\n")) << Text(plan);
}

TEST(PlanText, ColoursOnlyWhenAskedTo) {
  RenderOptions options;
  EXPECT_FALSE(Contains(RenderText(SmallPlan(), Redactor(), options), "\x1b"));
  options.color = true;
  EXPECT_TRUE(Contains(RenderText(SmallPlan(), Redactor(), options), "\x1b[32mhas data\x1b[0m"));
}

TEST(PlanText, ShowsEffectiveValuesByTargetAndThenThoseOfTheInstallation) {
  Plan plan = SmallPlan();
  plan.effective = {{"/instance", "server1", "backup.yaml:2:1"},
                    {"/targets/photos/retention/daily", "7", "default"},
                    {"/targets/photos/schedule/cron", "30 2 * * *", "backup.yaml:9:1"}};
  const std::string text = Text(plan);
  EXPECT_TRUE(Contains(text,
                       "  value        retention.daily  7           default\n"
                       "  value        schedule.cron    30 2 * * *  backup.yaml:9:1\n"))
      << text;
  EXPECT_TRUE(Contains(text, "\ninstallation\n  value        instance  server1  backup.yaml:2:1\n"))
      << text;
}

TEST(PlanRendering, LetsNoSecretThrough) {
  Plan plan = SmallPlan();
  const std::string secret = "it's \"top\" secret";
  Redactor redactor;
  redactor.Add(Secret(secret));
  PlanTarget& photos = plan.targets[0];
  for (std::string* place :
       {&plan.repository.url, &photos.source, &photos.state_detail, &photos.filename,
        &photos.restore, &photos.agenda.steps[0].argv[2], &photos.agenda.steps[0].note}) {
    *place = "before " + secret;
  }
  photos.guards = {secret};
  photos.hooks = {{"before", {"login", "--password=" + secret}}};
  plan.warnings = {{photos.id, secret}};
  plan.effective = {{"/targets/photos/source", secret, secret}};
  for (const std::string& text :
       {RenderText(plan, redactor, RenderOptions{}), RenderJson(plan, redactor)}) {
    EXPECT_FALSE(Contains(text, "secret")) << text;
    EXPECT_TRUE(Contains(text, "***")) << text;
  }
}

TEST(PlanJson, FollowsItsSchema) {
  Plan plan = SmallPlan();
  EXPECT_EQ(BreaksPlanSchema(RenderJson(plan, Redactor())), "");
  plan.horizon = Duration{0};
  plan.effective = {{"/instance", "server1", "default"}};
  PlanTarget& photos = plan.targets[0];
  photos.filename = "app.sql";
  photos.state_detail = "a";
  photos.last_success = plan.at.rfc3339;
  photos.retention_preview = "now: 1 snapshot";
  photos.guards = {"a"};
  photos.hooks = {{"on_failure", {"mail"}}};
  photos.agenda.at_start = {0};
  photos.agenda.by_hand = {0};
  photos.agenda.steps[0].note = "a";
  plan.maintenance.steps = {{Stage::kProbe, {"restic", "cat", "config"}, ""}};
  plan.maintenance.jobs = {{0, plan.at}};
  plan.warnings = {{photos.id, "hm"}};
  EXPECT_EQ(BreaksPlanSchema(RenderJson(plan, Redactor())), "");
}

TEST(PlanJson, IsHeldToItsSchema) {
  const std::string good = RenderJson(SmallPlan(), Redactor());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    return BreaksPlanSchema(bad);
  };
  EXPECT_EQ(with("has_data", "full"), "#/targets/0/state: enum");
  EXPECT_EQ(with("02:30:00+01:00", "02:30"), "#/targets/0/jobs/0/due: pattern");
  EXPECT_EQ(with("\"backup\"", "\"prune\""), "#/targets/0/jobs/0/stage: enum");
  EXPECT_EQ(with("\"url\"", "\"link\""), "#/repository/link: additionalProperties");
}

TEST(PlanJson, RepeatsTheCommandLineWithEachOccurrence) {
  Plan plan = SmallPlan();
  PlanAgenda& agenda = plan.targets[0].agenda;
  agenda.jobs.push_back(agenda.jobs[0]);
  const std::string json = RenderJson(plan, Redactor());
  const std::string argv = R"("argv": ["restic","backup","/data/photos"])";
  const std::size_t first = json.find(argv);
  ASSERT_NE(first, std::string::npos) << json;
  EXPECT_NE(json.find(argv, first + 1), std::string::npos) << json;
}

}  // namespace
}  // namespace targets
