#include "runner/app/command_line.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using Words = std::vector<std::string>;

/// The options of one command; the test fails if the arguments mean anything else.
template <typename Options>
Options Parse(const Words& arguments) {
  const auto line = ParseCommandLine(arguments);
  if (!line) {
    ADD_FAILURE() << line.error().text;
    return {};
  }
  const auto* options = std::get_if<Options>(&line->command);
  if (options == nullptr) {
    ADD_FAILURE() << "another command";
    return {};
  }
  return *options;
}

/// The text of a usage error.
std::string ErrorOf(const Words& arguments) {
  const auto line = ParseCommandLine(arguments);
  if (line) return "(no error)";
  EXPECT_TRUE(line.error().is_error);
  return line.error().text;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(CommandLine, ReadsKey) {
  EXPECT_EQ(Parse<KeyOptions>({"key", "list"}).action, KeyAction::kList);
  EXPECT_TRUE(Parse<KeyOptions>({"key", "list", "--json"}).json);
  EXPECT_EQ(Parse<KeyOptions>({"key", "renew"}).action, KeyAction::kRenew);
  EXPECT_EQ(Parse<KeyOptions>({"key", "revoke"}).action, KeyAction::kRevoke);
  EXPECT_NE(ErrorOf({"key"}), "(no error)");
  EXPECT_NE(ErrorOf({"key", "passwd"}), "(no error)");
}

TEST(CommandLine, ReadsValidate) {
  EXPECT_EQ(Parse<ValidateOptions>({"validate"}).file, std::nullopt);
  EXPECT_EQ(Parse<ValidateOptions>({"validate", "my.yaml"}).file, "my.yaml");
}

TEST(CommandLine, ReadsPlan) {
  const auto plain = Parse<PlanOptions>({"plan"});
  EXPECT_TRUE(plain.targets.empty());
  EXPECT_FALSE(plain.json || plain.show_origin || plain.offline || plain.at || plain.horizon);
  const auto full =
      Parse<PlanOptions>({"plan", "photos", "--json", "--show-origin", "--offline", "--at",
                          "2026-11-23T03:25:36+01:00", "--horizon", "7d", "db"});
  EXPECT_EQ(full.targets, (Words{"photos", "db"}));
  EXPECT_TRUE(full.json && full.show_origin && full.offline);
  EXPECT_EQ(targets::FormatRfc3339(full.at.value()), "2026-11-23T02:25:36Z");
  EXPECT_EQ(full.horizon, targets::Duration(7 * 24 * 3600));
}

TEST(CommandLine, APlanEitherAsksTheRepositoryOrIsOffline) {
  EXPECT_FALSE(Parse<PlanOptions>({"plan"}).snapshots);
  EXPECT_TRUE(Parse<PlanOptions>({"plan", "--snapshots"}).snapshots);
  EXPECT_TRUE(Contains(ErrorOf({"plan", "--snapshots", "--offline"}), "--offline"));
}

TEST(CommandLine, ReadsOptionsWithAnEqualsSign) {
  const auto plan = Parse<PlanOptions>({"plan", "--at=2026-11-23T03:25:36Z", "--horizon=1h30m"});
  EXPECT_EQ(targets::FormatRfc3339(plan.at.value()), "2026-11-23T03:25:36Z");
  EXPECT_EQ(plan.horizon, targets::Duration(5400));
}

TEST(CommandLine, ReadsRun) {
  EXPECT_TRUE(Parse<RunOptions>({"run"}).targets.empty());
  EXPECT_EQ(Parse<RunOptions>({"run", "photos", "db"}).targets, (Words{"photos", "db"}));
  EXPECT_EQ(Parse<RunOptions>({"run", "--stage", "backup"}).stage, targets::Stage::kBackup);
}

TEST(CommandLine, ReadsEveryStage) {
  for (const auto stage : targets::kTargetStages)
    EXPECT_EQ(Parse<RunOptions>({"run", "--stage", std::string(targets::StageName(stage))}).stage,
              stage);
  for (const auto stage : targets::kRepositoryStages)
    EXPECT_EQ(Parse<RunOptions>({"run", "--stage", std::string(targets::StageName(stage))}).stage,
              stage);
}

TEST(CommandLine, ReadsSnapshots) {
  const auto plain = Parse<SnapshotsOptions>({"snapshots"});
  EXPECT_FALSE(plain.target || plain.json || plain.all);
  const auto full = Parse<SnapshotsOptions>({"snapshots", "photos", "--json", "--all"});
  EXPECT_EQ(full.target, "photos");
  EXPECT_TRUE(full.json && full.all);
}

TEST(CommandLine, ReadsStatus) {
  const auto plain = Parse<StatusOptions>({"status"});
  EXPECT_TRUE(plain.targets.empty());
  EXPECT_FALSE(plain.json);
  const auto full = Parse<StatusOptions>({"status", "photos", "--json", "db"});
  EXPECT_EQ(full.targets, (Words{"photos", "db"}));
  EXPECT_TRUE(full.json);
}

TEST(CommandLine, ReadsHistory) {
  const auto plain = Parse<HistoryOptions>({"history"});
  EXPECT_FALSE(plain.target || plain.stage || plain.since || plain.json);
  EXPECT_EQ(plain.limit, 50U);
  const auto full = Parse<HistoryOptions>(
      {"history", "photos", "--stage", "prune", "--since", "7d", "--limit", "3", "--json"});
  EXPECT_EQ(full.target, "photos");
  EXPECT_EQ(full.stage, targets::Stage::kPrune);
  EXPECT_EQ(full.since, "7d");
  EXPECT_EQ(full.limit, 3U);
  EXPECT_TRUE(full.json);
  EXPECT_TRUE(Contains(ErrorOf({"history", "--stage", "bakcup"}), "there is no stage"));
  EXPECT_TRUE(Contains(ErrorOf({"history", "--limit", "0"}), "--limit"));
  EXPECT_TRUE(Contains(ErrorOf({"history", "--limit", "-1"}), "--limit"));
}

TEST(CommandLine, ReadsLogs) {
  EXPECT_EQ(Parse<LogsOptions>({"logs", "4711"}).run, 4711);
  EXPECT_TRUE(Contains(ErrorOf({"logs"}), "RUN"));
  EXPECT_TRUE(Contains(ErrorOf({"logs", "photos"}), "RUN"));
}

TEST(CommandLine, ReadsMetrics) {
  EXPECT_EQ(Parse<MetricsOptions>({"metrics"}).output, std::nullopt);
  EXPECT_EQ(Parse<MetricsOptions>({"metrics", "--output", "a.prom"}).output, "a.prom");
  EXPECT_TRUE(Contains(ErrorOf({"metrics", "photos"}), "runner:"));
}

TEST(CommandLine, ReadsExplain) {
  EXPECT_EQ(Parse<ExplainOptions>({"explain", "photos"}).subject, "photos");
  EXPECT_TRUE(Contains(ErrorOf({"explain"}), "TARGET"));
  EXPECT_TRUE(Contains(ErrorOf({"explain", "photos", "db"}), "runner:"));
}

TEST(CommandLine, ReadsThatFewerSnapshotsAreRightOnlyAlone) {
  EXPECT_FALSE(Parse<SnapshotsOptions>({"snapshots"}).accept);
  EXPECT_TRUE(Parse<SnapshotsOptions>({"snapshots", "--accept"}).accept);
  for (const char* other : {"photos", "--json", "--all"})
    EXPECT_NE(ErrorOf({"snapshots", "--accept", other}), "(no error)") << other;
}

TEST(CommandLine, ReadsPruneAndCheck) {
  Parse<PruneOptions>({"prune"});
  Parse<CheckOptions>({"check"});
  EXPECT_NE(ErrorOf({"prune", "photos"}), "(no error)");
  EXPECT_TRUE(Contains(ErrorOf({"chekc"}), "did you mean `runner check`?"));
}

TEST(CommandLine, ReadsDrill) {
  EXPECT_EQ(Parse<DrillOptions>({"drill", "photos", "notes"}).targets, (Words{"photos", "notes"}));
  EXPECT_TRUE(Parse<DrillOptions>({"drill"}).targets.empty());
}

TEST(CommandLine, ReadsHealthcheck) {
  const auto plain = Parse<HealthcheckOptions>({"healthcheck"});
  EXPECT_FALSE(plain.target || plain.json || plain.live || plain.require_daemon);
  const auto full = Parse<HealthcheckOptions>(
      {"healthcheck", "--target", "photos", "--json", "--live", "--require-daemon"});
  EXPECT_EQ(full.target, "photos");
  EXPECT_TRUE(full.json && full.live && full.require_daemon);
}

TEST(CommandLine, ReadsTheGlobalOptionsBeforeAndAfterTheCommand) {
  for (const Words& words : {Words{"--config", "my.yaml", "--debug", "run", "photos"},
                             Words{"run", "photos", "--config", "my.yaml", "--debug"},
                             Words{"run", "--debug", "--config=my.yaml", "photos"}}) {
    const auto line = ParseCommandLine(words);
    ASSERT_TRUE(line) << line.error().text;
    EXPECT_EQ(line->global.config, "my.yaml");
    EXPECT_TRUE(line->global.debug);
    EXPECT_EQ(std::get<RunOptions>(line->command).targets, Words{"photos"});
  }
  EXPECT_EQ(ParseCommandLine({"run"})->global.config, std::nullopt);
}

TEST(CommandLine, PassesEverythingAfterTheDashesToRestic) {
  const Words passed = {"stats", "--json", "--config", "x", "--help", "-v", "--", "--version", ""};
  Words words = {"restic", "--"};
  words.insert(words.end(), passed.begin(), passed.end());
  EXPECT_EQ(Parse<ResticOptions>(words).arguments, passed);
}

TEST(CommandLine, PassesNothingToResticIfNothingIsGiven) {
  EXPECT_TRUE(Parse<ResticOptions>({"restic"}).arguments.empty());
  EXPECT_TRUE(Parse<ResticOptions>({"restic", "--"}).arguments.empty());
}

TEST(CommandLine, TakesGlobalOptionsBeforeResticForItself) {
  const auto line = ParseCommandLine({"--config", "my.yaml", "restic", "--", "--config", "x"});
  ASSERT_TRUE(line) << line.error().text;
  EXPECT_EQ(line->global.config, "my.yaml");
  EXPECT_EQ(std::get<ResticOptions>(line->command).arguments, (Words{"--config", "x"}));
}

TEST(CommandLine, KeepsTheOrderOfArgumentsForRestic) {
  EXPECT_EQ(Parse<ResticOptions>({"restic", "stats", "--", "--mode", "raw-data"}).arguments,
            (Words{"stats", "--mode", "raw-data"}));
}

TEST(CommandLine, TakesATargetOfTheNameResticForATarget) {
  EXPECT_EQ(Parse<RunOptions>({"run", "--", "restic"}).targets, Words{"restic"});
  EXPECT_EQ(Parse<RunOptions>({"run", "restic"}).targets, Words{"restic"});
}

TEST(CommandLine, NamesTheNearestCommand) {
  EXPECT_TRUE(Contains(ErrorOf({"snapshot"}), "did you mean `runner snapshots`?"));
  EXPECT_TRUE(Contains(ErrorOf({"plna"}), "did you mean `runner plan`?"));
  EXPECT_TRUE(Contains(ErrorOf({"xyzzy"}), "`runner --help` lists the commands"));
}

TEST(CommandLine, NamesTheNearestOption) {
  EXPECT_TRUE(Contains(ErrorOf({"plan", "--jsn"}), "did you mean --json?"));
  EXPECT_TRUE(Contains(ErrorOf({"plan", "--horizont=7d"}), "did you mean --horizon?"));
  EXPECT_TRUE(
      Contains(ErrorOf({"healthcheck", "--require-demon"}), "did you mean --require-daemon?"));
  EXPECT_TRUE(Contains(ErrorOf({"run", "--xyzzy"}), "`runner run --help` explains the options"));
}

TEST(CommandLine, NamesTheNearestGlobalOption) {
  EXPECT_TRUE(Contains(ErrorOf({"--confg", "x", "plan"}), "did you mean --config?"));
  EXPECT_TRUE(Contains(ErrorOf({"plan", "--debgu"}), "did you mean --debug?"));
}

TEST(CommandLine, RefusesOptionsOfOtherCommands) {
  for (const Words& words : {Words{"validate", "--json"}, Words{"run", "--offline"},
                             Words{"snapshots", "--live"}, Words{"validate", "a", "b"},
                             Words{"snapshots", "a", "b"}, Words{"healthcheck", "photos"}}) {
    EXPECT_NE(ErrorOf(words), "(no error)") << words.front();
  }
}

TEST(CommandLine, RefusesTwoCommands) {
  EXPECT_NE(ErrorOf({"validate", "--debug", "x", "plan"}), "(no error)");
}

TEST(CommandLine, RefusesAnOptionWithoutItsValue) {
  for (const Words& words : {Words{"plan", "--at"}, Words{"plan", "--horizon"},
                             Words{"run", "--stage"}, Words{"--config"}}) {
    EXPECT_NE(ErrorOf(words), "(no error)") << words.back();
  }
}

TEST(CommandLine, ExplainsATimeThatIsNone) {
  for (const char* time : {"yesterday", "2026-11-23", "2026-13-01T00:00:00Z", ""}) {
    EXPECT_TRUE(Contains(ErrorOf({"plan", "--at", time}), "--at: ")) << time;
  }
}

TEST(CommandLine, ExplainsADurationThatIsNone) {
  for (const char* duration : {"soon", "7", "-1d", "d", ""}) {
    const std::string error = ErrorOf({"plan", std::string("--horizon=") + duration});
    if (std::string(duration) == "7") {
      EXPECT_EQ(error, "(no error)");  // seconds
    } else {
      EXPECT_TRUE(Contains(error, "--horizon: ")) << duration;
    }
  }
}

TEST(CommandLine, ExplainsAStageThatIsNone) {
  for (const char* stage : {"backups", "Backup", ""}) {
    const std::string error = ErrorOf({"run", "--stage", stage});
    EXPECT_TRUE(Contains(error, "stages are restore, backup, forget")) << stage << ": " << error;
  }
}

TEST(CommandLine, ReadsAdopt) {
  const auto shown = Parse<AdoptOptions>({"adopt", "photos", "--from-host", "c0ffee"});
  EXPECT_EQ(shown.target, "photos");
  EXPECT_EQ(shown.from_host, "c0ffee");
  EXPECT_EQ(shown.from_path, "");
  EXPECT_FALSE(shown.yes);
  const auto done = Parse<AdoptOptions>(
      {"adopt", "--yes", "--from-path=/backup", "--from-host", "c0ffee", "photos"});
  EXPECT_EQ(done.from_path, "/backup");
  EXPECT_TRUE(done.yes);
  EXPECT_TRUE(Contains(ErrorOf({"adopt", "photos"}), "--from-host"));
  EXPECT_NE(ErrorOf({"adopt", "--from-host", "c0ffee"}), "(no error)");
}

TEST(CommandLine, ReadsDoctor) {
  EXPECT_FALSE(Parse<DoctorOptions>({"doctor"}).json);
  EXPECT_TRUE(Parse<DoctorOptions>({"doctor", "--json"}).json);
  EXPECT_FALSE(Parse<DoctorOptions>({"doctor"}).offline);
  EXPECT_TRUE(Parse<DoctorOptions>({"doctor", "--offline"}).offline);
}

TEST(CommandLine, PrintsTheVersion) {
  const auto line = ParseCommandLine({"--version"});
  ASSERT_FALSE(line);
  EXPECT_FALSE(line.error().is_error);
  EXPECT_TRUE(line.error().text.starts_with("runner "));
  EXPECT_EQ(line.error().text.find('\n'), line.error().text.size() - 1);
}

TEST(CommandLine, PrintsHelpWithEveryCommandAndExamples) {
  const auto line = ParseCommandLine({"--help"});
  ASSERT_FALSE(line);
  EXPECT_FALSE(line.error().is_error);
  for (const char* part :
       {"validate", "plan", "run", "snapshots", "prune", "check", "restic", "status", "healthcheck",
        "--config", "--debug", "Examples:", "Exit codes:"})
    EXPECT_TRUE(Contains(line.error().text, part)) << part;
}

TEST(CommandLine, PrintsTheHelpOfACommand) {
  const auto line = ParseCommandLine({"plan", "--help"});
  ASSERT_FALSE(line);
  EXPECT_FALSE(line.error().is_error);
  for (const char* part :
       {"--json", "--show-origin", "--offline", "--snapshots", "--at TIME", "--horizon DURATION"})
    EXPECT_TRUE(Contains(line.error().text, part)) << part;
}

TEST(CommandLine, TakesNoArgumentsForAMistake) { EXPECT_TRUE(Contains(ErrorOf({}), "Examples:")); }

}  // namespace
}  // namespace runner
