#include "targets/plan/plan.h"

#include <gtest/gtest.h>

#include "targets/plan/seed.h"
#include "targets/restic/command_lines.h"
#include "targets/schedule/recurrence.h"
#include "tests/targets/plan/sample.h"

namespace targets {
namespace {

Plan MustPlan(const PlanInput& input) {
  Result<Plan> plan = MakePlan(input);
  EXPECT_TRUE(plan.has_value()) << plan.error().message;
  return plan ? *std::move(plan) : Plan{};
}

std::string JobsOf(const PlanInput& input) { return Jobs(MustPlan(input).targets.at(0).agenda); }

TEST(Plan, ShowsTheNextOccurrenceOfEachStageWithoutAHorizon) {
  Target photos = Folder("photos");
  photos.restore.if_empty = true;
  photos.restore.check = Cron("0 1 * * *");
  photos.drill = Drill{.schedule = Cron("0 6 1 * *"), .files = 20, .command = {}};
  const Config config = SampleConfig({photos});
  EXPECT_EQ(JobsOf(InputFor(config)),
            "restore 2026-11-23T01:00:00+00:00\n"
            "backup 2026-11-23T02:30:00+00:00\n"
            "forget 2026-11-23T02:30:00+00:00\n"
            "drill 2026-12-01T06:00:00+00:00\n");
}

TEST(Plan, LeavesOutTheMomentItselfAndTakesTheEndOfTheHorizon) {
  const Config config = SampleConfig({Folder("photos")});
  PlanInput input = InputFor(config);
  input.at = At("2026-11-22T02:30:00Z");
  input.horizon = Duration{86400};
  EXPECT_EQ(JobsOf(input),
            "backup 2026-11-23T02:30:00+00:00\n"
            "forget 2026-11-23T02:30:00+00:00\n");
  input.horizon = Duration{86399};
  EXPECT_EQ(JobsOf(input), "");
}

TEST(Plan, ListsEveryOccurrenceInOrderOfTimeAndThenOfStage) {
  Target photos = Folder("photos");
  photos.schedule = Cron("0 */12 * * *");
  photos.restore.check = Cron("0 0 * * *");
  const Config config = SampleConfig({photos});
  PlanInput input = InputFor(config);
  input.horizon = Duration{86400};
  EXPECT_EQ(JobsOf(input),
            "restore 2026-11-23T00:00:00+00:00\n"
            "backup 2026-11-23T00:00:00+00:00\n"
            "forget 2026-11-23T00:00:00+00:00\n"
            "backup 2026-11-23T12:00:00+00:00\n"
            "forget 2026-11-23T12:00:00+00:00\n");
}

TEST(Plan, RunsAFixedTimeOnceWhenTheClockFallsBack) {
  Target photos = Folder("photos");
  photos.retention = Retention{};
  photos.schedule = Cron("30 2 * * *", "Europe/Berlin");
  const Config config = SampleConfig({photos});
  PlanInput input = InputFor(config);
  input.at = At("2026-10-24T12:00:00Z");
  input.horizon = Duration{std::chrono::hours{36}};
  EXPECT_EQ(JobsOf(input), "backup 2026-10-25T02:30:00+02:00\n");
}

TEST(Plan, ShowsEachTargetInItsOwnZone) {
  Target photos = Folder("photos");
  photos.schedule = Cron("30 2 * * *", "Asia/Tokyo");
  const Config config = SampleConfig({photos});
  const Plan plan = MustPlan(InputFor(config));
  const PlanTime& due = plan.targets[0].agenda.jobs.at(0).due;
  EXPECT_EQ(due.at, At("2026-11-23T17:30:00Z"));
  EXPECT_EQ(due.rfc3339, "2026-11-24T02:30:00+09:00");
  EXPECT_EQ(due.people, "Tue 2026-11-24 02:30 JST");
}

TEST(Plan, ForgetsNothingWithoutARetentionRule) {
  Target photos = Folder("photos");
  photos.retention = Retention{};
  const Config config = SampleConfig({photos});
  const Plan plan = MustPlan(InputFor(config));
  EXPECT_EQ(Jobs(plan.targets[0].agenda), "backup 2026-11-23T02:30:00+00:00\n");
  EXPECT_EQ(plan.targets[0].retention, "everything, for ever");
}

TEST(Plan, ShowsTheVeryCommandLinesThatRunLaunches) {
  Target photos = Folder("photos");
  photos.exclude = {"*.tmp"};
  const Config config = SampleConfig({photos});
  PlanInput input = InputFor(config);
  input.version = ResticVersion{0, 18, 1};
  input.program = "/opt/restic";
  const CommandLines commands(config, *input.version, input.program);
  const Plan plan = MustPlan(input);
  const std::vector<PlanStep>& steps = plan.targets[0].agenda.steps;
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].argv, commands.Backup(config.targets[0]));
  EXPECT_EQ(steps[1].argv, commands.Snapshots(std::nullopt));
  EXPECT_TRUE(plan.version_known);
  EXPECT_EQ(plan.restic_version, "0.18.1");
}

TEST(Plan, KeepsARunAtStartApartFromTheDueTimes) {
  Target photos = Folder("photos");
  photos.schedule.on_start = true;
  photos.restore.if_empty = true;
  const Config config = SampleConfig({photos});
  const Plan plan = MustPlan(InputFor(config));
  const PlanAgenda& agenda = plan.targets[0].agenda;
  std::vector<Stage> at_start;
  for (const std::size_t step : agenda.at_start) at_start.push_back(agenda.steps[step].stage);
  EXPECT_EQ(at_start, (std::vector{Stage::kRestore, Stage::kBackup, Stage::kForget}));
  EXPECT_EQ(Jobs(agenda),
            "backup 2026-11-23T02:30:00+00:00\n"
            "forget 2026-11-23T02:30:00+00:00\n");
}

TEST(Plan, NamesTheStepsOfATargetWithoutASchedule) {
  Target photos = Folder("photos");
  photos.schedule = ByHand();
  const Config config = SampleConfig({photos});
  const Plan plan = MustPlan(InputFor(config));
  const PlanAgenda& agenda = plan.targets[0].agenda;
  EXPECT_TRUE(agenda.jobs.empty());
  EXPECT_EQ(agenda.by_hand, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(plan.targets[0].schedule, "only by hand");
}

TEST(Plan, GivesADisabledTargetNoJobs) {
  Target photos = Folder("photos");
  photos.enabled = false;
  photos.schedule.on_start = true;
  const Config config = SampleConfig({photos});
  PlanInput input = InputFor(config);
  input.facts[TargetId("photos")].state = SourceState::kMissing;
  const Plan plan = MustPlan(input);
  EXPECT_EQ(plan.targets[0].agenda, PlanAgenda{});
  EXPECT_FALSE(plan.targets[0].enabled);
  EXPECT_TRUE(plan.warnings.empty());
}

TEST(Plan, DependsOnTheConfigurationAloneWhenOffline) {
  Config config = SampleConfig({Folder("photos")});
  config.maintenance.check = CheckJob{Cron("0 5 * * *"), 30};
  PlanInput bare = InputFor(config);
  bare.offline = true;
  PlanInput rich = bare;
  rich.version = ResticVersion{0, 18, 0};
  rich.next_check_part = 7;
  rich.program = "/opt/restic";
  TargetFacts& facts = rich.facts[TargetId("photos")];
  facts.state = SourceState::kEmpty;
  facts.state_detail = "nothing there";
  facts.last_success = SampleTime();
  facts.snapshots = 3;
  facts.retention = RetentionDecision{};
  EXPECT_EQ(MustPlan(bare), MustPlan(rich));
  EXPECT_EQ(MustPlan(rich).targets[0].state, SourceState::kNotChecked);
  rich.offline = false;
  EXPECT_NE(MustPlan(bare), MustPlan(rich));
}

TEST(Plan, ReportsTheSourceAndWhatFollowsFromItsState) {
  Target photos = Folder("photos");
  photos.restore.if_empty = true;
  const Config config = SampleConfig({photos});
  PlanInput input = InputFor(config);
  TargetFacts& facts = input.facts[photos.id];
  facts.state = SourceState::kMissing;
  facts.state_detail = "no such folder";
  facts.last_success = At("2026-11-21T02:31:00Z");
  const Plan plan = MustPlan(input);
  EXPECT_EQ(plan.targets[0].state_detail, "no such folder");
  EXPECT_EQ(plan.targets[0].last_success, "2026-11-21T02:31:00+00:00");
  EXPECT_EQ(plan.targets[0].restore, "source is missing, which is not empty: nothing is restored");
  ASSERT_EQ(plan.warnings.size(), 1U);
  EXPECT_EQ(plan.warnings[0].text,
            "targets.photos: no such folder: a backup would fail; mount or create it");
}

TEST(Plan, TellsHowManySnapshotsAForgetWouldRemoveNow) {
  const Config config = SampleConfig({Folder("photos")});
  PlanInput input = InputFor(config);
  RetentionDecision decision;
  decision.keep.resize(7);
  decision.remove.resize(2);
  input.facts[TargetId("photos")].retention = decision;
  const Plan plan = MustPlan(input);
  EXPECT_EQ(plan.targets[0].retention_preview, "now: keeps 7 of 9 snapshots");
  EXPECT_EQ(
      plan.targets[0].agenda.steps.at(1).note,
      "one listing for all targets of the wave; now `restic forget` would get 2 ids of this one");
}

TEST(Plan, RotatesThroughThePartsOfACheck) {
  Config config = SampleConfig({});
  config.maintenance.check = CheckJob{Cron("0 5 * * *"), 3};
  PlanInput input = InputFor(config);
  input.next_check_part = 3;
  input.horizon = Duration{std::chrono::hours{4 * 24}};
  const Plan plan = MustPlan(input);
  const CommandLines commands(config, ResticVersion{});
  std::vector<Argv> argvs;
  for (const PlanJob& job : plan.maintenance.jobs) {
    argvs.push_back(plan.maintenance.steps[job.step].argv);
  }
  const CheckJob& check = *config.maintenance.check;
  EXPECT_EQ(argvs, (std::vector{commands.Check(check, 3), commands.Check(check, 1),
                                commands.Check(check, 2), commands.Check(check, 3)}));
}

TEST(Plan, ListsTheJobsOfTheRepository) {
  Config config = SampleConfig({});
  config.maintenance.probe = ProbeJob{Every(Duration{3600})};
  config.maintenance.prune.emplace().schedule = Cron("0 4 * * 0");
  config.maintenance.check = CheckJob{Cron("0 5 * * *"), 0};
  const Plan plan = MustPlan(InputFor(config));
  EXPECT_EQ(Jobs(plan.maintenance),
            "probe 2026-11-22T23:00:00+00:00\n"
            "check 2026-11-23T05:00:00+00:00\n"
            "prune 2026-11-29T04:00:00+00:00\n");
  EXPECT_EQ(plan.maintenance.steps[0].argv, CommandLines(config, ResticVersion{}).CatConfig());
}

TEST(Plan, UsesTheSeedOfTheStageForJitter) {
  Target photos = Folder("photos");
  photos.schedule.jitter = Duration{600};
  const Config config = SampleConfig({photos});
  const Plan plan = MustPlan(InputFor(config));
  const Recurrence same = *Recurrence::Make(photos.schedule, "photos/backup");
  EXPECT_EQ(plan.targets[0].agenda.jobs.at(0).due.at, same.Next(SampleTime()));
  EXPECT_EQ(JitterSeed(photos.id, Stage::kBackup), "photos/backup");
}

TEST(Plan, HidesThePasswordInTheRepositoryUrl) {
  Config config = SampleConfig({});
  config.repository.url = "rest:https://me:hunter2@example.net/repo";
  const Plan plan = MustPlan(InputFor(config));
  EXPECT_EQ(plan.repository.url, "rest:https://me:***@example.net/repo");
  EXPECT_EQ(plan.repository.backend, "REST server");
}

TEST(Plan, SortsWarningsByTargetAndNamesNoFile) {
  const Config config = SampleConfig({Folder("a"), Folder("b")});
  PlanInput input = InputFor(config);
  const auto add = [&](DiagnosticSeverity severity, int line, const std::string& path) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.file = "/somewhere/backup.yaml";
    diagnostic.line = line;
    diagnostic.path = path;
    diagnostic.message = "is odd";
    diagnostic.hint = "change it";
    input.diagnostics.push_back(diagnostic);
  };
  add(DiagnosticSeverity::kWarning, 9, "targets.b.schedule");
  add(DiagnosticSeverity::kWarning, 5, "targets.a");
  add(DiagnosticSeverity::kWarning, 0, "instance");
  add(DiagnosticSeverity::kError, 1, "targets.a.retention");
  const Plan plan = MustPlan(input);
  EXPECT_EQ(plan.warnings, (std::vector<PlanWarning>{
                               {TargetId(), "instance: is odd; change it"},
                               {TargetId("a"), "targets.a: is odd; change it (line 5)"},
                               {TargetId("b"), "targets.b.schedule: is odd; change it (line 9)"}}));
  EXPECT_EQ(WarningsOf(plan, TargetId("b")).size(), 1U);
  EXPECT_EQ(WarningsOf(plan, TargetId("c")).size(), 0U);
}

TEST(Plan, ShowsOnlyTheTargetsThatAreAskedFor) {
  const Config config = SampleConfig({Folder("a"), Folder("b"), Folder("photos")});
  PlanInput input = InputFor(config);
  input.only = {TargetId("b")};
  const Plan plan = MustPlan(input);
  ASSERT_EQ(plan.targets.size(), 1U);
  EXPECT_EQ(plan.targets[0].id, TargetId("b"));
  input.only = {TargetId("fotos")};
  const Result<Plan> unknown = MakePlan(input);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error(), (Error{"no target is named \"fotos\"", "did you mean \"photos\"?"}));
}

TEST(Plan, TakesExactlyAsManyOccurrencesAsTheLimit) {
  Config config = SampleConfig({});
  config.maintenance.probe = ProbeJob{Every(Duration{1})};
  PlanInput input = InputFor(config);
  input.horizon = Duration{kMaxOccurrences};
  EXPECT_EQ(MustPlan(input).maintenance.jobs.size(), kMaxOccurrences);
}

TEST(Plan, RefusesMoreOccurrencesThanTheLimitAndSaysWhatToDo) {
  Config config = SampleConfig({});
  config.maintenance.probe = ProbeJob{Every(Duration{1})};
  PlanInput input = InputFor(config);
  input.horizon = Duration{kMaxOccurrences + 1};
  const Result<Plan> plan = MakePlan(input);
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error(), (Error{"plan: more than 100000 runs are due within 1d3h",
                                 "ask for a shorter --horizon, or name some targets only"}));
}

TEST(Plan, CountsTheOccurrencesOfAllTargetsTogether) {
  Target photos = Folder("a");
  photos.schedule = Every(Duration{1});
  Target music = photos;
  music.id = TargetId("b");
  const Config config = SampleConfig({photos, music});
  PlanInput input = InputFor(config);
  input.horizon = Duration{25'000};  // two targets, backup and forget each
  EXPECT_TRUE(MakePlan(input).has_value());
  input.horizon = Duration{25'001};
  EXPECT_FALSE(MakePlan(input).has_value());
}

TEST(Plan, EndsBeforeYearsThatRfc3339CannotWrite) {
  Config config = SampleConfig({});
  config.maintenance.probe = ProbeJob{Every(*ParseDuration("1d"))};
  PlanInput input = InputFor(config);
  input.at = At("9999-12-27T12:00:00Z");
  input.horizon = *ParseDuration("30000d");
  EXPECT_EQ(Jobs(MustPlan(input).maintenance),
            "probe 9999-12-28T00:00:00+00:00\n"
            "probe 9999-12-29T00:00:00+00:00\n"
            "probe 9999-12-30T00:00:00+00:00\n");
}

TEST(Plan, ListsSnapshotsNewestFirstInTheZoneOfTheInstallation) {
  Target photos = Folder("photos");
  photos.schedule.timezone = "America/New_York";
  Config config = SampleConfig({photos});
  config.timezone = "Europe/Berlin";
  PlanInput input = InputFor(config);
  TargetFacts& facts = input.facts[photos.id];
  facts.taken = {{SnapshotId("a"), At("2026-11-22T01:30:00Z")},
                 {SnapshotId("b"), At("2026-11-21T23:30:00Z")},
                 {SnapshotId("c"), At("2026-11-20T01:30:00Z")}};
  facts.retention = RetentionDecision{
      {{SnapshotId("a"), {"daily 1"}}, {SnapshotId("c"), {"tag x"}}}, {SnapshotId("b")}};
  const auto snapshots = MustPlan(input).targets[0].snapshots;
  ASSERT_TRUE(snapshots.has_value());
  ASSERT_EQ(snapshots->size(), 3U);
  EXPECT_EQ((*snapshots)[0].id, SnapshotId("a"));
  EXPECT_EQ((*snapshots)[0].reasons, std::vector<std::string>{"daily 1"});
  EXPECT_EQ((*snapshots)[1].id, SnapshotId("b"));
  EXPECT_FALSE((*snapshots)[1].kept);
  EXPECT_EQ((*snapshots)[1].time.rfc3339, "2026-11-22T00:30:00+01:00");
  EXPECT_TRUE((*snapshots)[2].kept);
  facts.retention.reset();
  EXPECT_EQ(MustPlan(input).targets[0].snapshots, std::nullopt);
}

TEST(Plan, FailsWithTheNameOfTheStageWhoseZoneDoesNotExist) {
  Target photos = Folder("photos");
  photos.drill = Drill{.schedule = Cron("0 6 1 * *", "Mars/Base"), .files = 1, .command = {}};
  const Config config = SampleConfig({photos});
  const Result<Plan> plan = MakePlan(InputFor(config));
  ASSERT_FALSE(plan.has_value());
  EXPECT_EQ(plan.error().message, "photos/drill: unknown time zone \"Mars/Base\"");
}

TEST(Plan, ShowsEffectiveValuesOnlyWhenAskedForAndOnlyOfTheTargetsThatAreShown) {
  const Config config = SampleConfig({Folder("a"), Folder("b")});
  PlanInput input = InputFor(config);
  input.effective = {{"/instance", "server1", "backup.yaml:2:1"},
                     {"/targets/a/retention/daily", "7", "default"},
                     {"/targets/b/retention/daily", "7", "default"}};
  EXPECT_TRUE(MustPlan(input).effective.empty());
  input.show_origin = true;
  EXPECT_EQ(MustPlan(input).effective, input.effective);
  input.only = {TargetId("b")};
  EXPECT_EQ(MustPlan(input).effective, (std::vector{input.effective[0], input.effective[2]}));
}

}  // namespace
}  // namespace targets
