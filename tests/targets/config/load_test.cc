#include <algorithm>

#include "tests/targets/config/sample.h"

namespace targets {
namespace {

TEST(LoadConfig, FillsInTheBuiltInDefaults) {
  const Target target = GoodTarget("source: /a");
  Target expected;
  expected.id = TargetId("t");
  expected.source = DirectorySource{"/a"};
  expected.schedule = {CronTiming{"0 2 * * *"}, "UTC", Duration{0}, CatchUp::kOnce, false};
  expected.retention.daily = 7;
  expected.retention.weekly = 4;
  expected.retention.monthly = 6;
  expected.retention.yearly = 2;
  EXPECT_EQ(target, expected);
}

TEST(LoadConfig, MaintenanceRunsUnlessSwitchedOff) {
  const std::string targets = "targets: {a: {source: /a}}\n";
  const Maintenance on = Good(kHead + targets).maintenance;
  ASSERT_TRUE(on.probe && on.prune && on.check);
  EXPECT_EQ(on.prune->schedule.timing, Timing{CronTiming{"0 4 * * 0"}});
  EXPECT_EQ(on.prune->max_unused, "5%");
  EXPECT_EQ(on.check->read_data_parts, 30);
  const Maintenance off =
      Good(kHead + "maintenance: {probe: off, prune: false, check: {enabled: false}}\n" + targets)
          .maintenance;
  EXPECT_FALSE(off.probe || off.prune || off.check);
  EXPECT_EQ(Good(kHead + "maintenance: {check: {read_data: none}}\n" + targets)
                .maintenance.check->read_data_parts,
            0);
}

TEST(LoadConfig, TheServerIsOffUntilSomebodyWantsIt) {
  const std::string targets = "targets: {a: {source: /a}}\n";
  const auto listen = [&](const std::string& server,
                          std::map<std::string, std::string> environment = {}) {
    const auto address = Good(kHead + server + targets, std::move(environment)).server.listen;
    return address ? FormatListenAddress(*address) : std::string("off");
  };
  EXPECT_EQ(listen(""), "off");
  EXPECT_EQ(listen("server: {listen: off}\n"), "off");
  EXPECT_EQ(listen("server: {listen: 0.0.0.0:80}\n"), "0.0.0.0:80");
  EXPECT_EQ(listen("server: {token_file: /t}\n"), "127.0.0.1:8787");
  EXPECT_EQ(listen("", {{"RUNNER_LISTEN", "0.0.0.0:8787"}}), "0.0.0.0:8787");
  EXPECT_EQ(listen("server: {listen: off}\n", {{"RUNNER_LISTEN", "0.0.0.0:8787"}}), "off");
}

TEST(LoadConfig, TheServersTokenHasThreeForms) {
  const std::string targets = "targets: {a: {source: /a}}\n";
  const auto token = [&](const std::string& form,
                         std::map<std::string, std::string> environment = {}) {
    return Good(kHead + "server: {" + form + "}\n" + targets, std::move(environment)).server.token;
  };
  EXPECT_EQ(token("hosts: [nas]"), std::nullopt);
  EXPECT_EQ(token("token: abc"), SecretSource(InlineSecret{Secret("abc")}));
  EXPECT_EQ(token("token_file: /t"), SecretSource(FileSecret{"/t"}));
  EXPECT_EQ(token("token_command: [pass]"), SecretSource(CommandSecret{{"pass"}}));
  EXPECT_EQ(token("token_file: /t", {{"RUNNER_TOKEN", "abc"}}),
            SecretSource(InlineSecret{Secret("abc")}));
}

TEST(LoadConfig, MergesMappingsAndReplacesLists) {
  const Config config = Good(
      kHead +
      "defaults: {retention: {daily: 3, last: 1}, exclude: [a, b], schedule: {every: 2h, jitter: "
      "1m}}\n"
      "targets: {t: {source: /a, retention: {daily: 9}, exclude: [c], schedule: 0 5 * * *}}\n");
  const Target& target = config.targets[0];
  EXPECT_EQ(target.retention.daily, 9);
  EXPECT_EQ(target.retention.last, 1);
  EXPECT_EQ(target.retention.weekly, 4);
  EXPECT_EQ(target.exclude, (std::vector<std::string>{"c"}));
  EXPECT_EQ(target.schedule.timing, Timing{CronTiming{"0 5 * * *"}});
  EXPECT_EQ(target.schedule.jitter, Duration{60});
  EXPECT_EQ(config.origins.at("/targets/t/retention/daily"), "backup.yaml:5:46");
  EXPECT_EQ(config.origins.at("/targets/t/retention/last"), "backup.yaml:4:40");
  EXPECT_FALSE(config.origins.contains("/targets/t/retention/weekly")) << "a default";
}

TEST(LoadConfig, ASettingOfARuleSwitchesItOn) {
  EXPECT_TRUE(GoodTarget("source: /a, restore_if_empty: {max_age: 30d}").restore.if_empty);
  EXPECT_FALSE(
      GoodTarget("source: /a, restore_if_empty: {enabled: false, max_age: 30d}").restore.if_empty);
  EXPECT_FALSE(GoodTarget("source: /a, restore_if_empty: false").restore.if_empty);
  EXPECT_TRUE(GoodTarget("source: /a, drill: {schedule: manual}").drill);
  EXPECT_FALSE(GoodTarget("source: /a, drill: off").drill);
}

TEST(LoadConfig, NormalisesPaths) {
  EXPECT_EQ(GoodTarget("source: //a/./b//").source, Source{DirectorySource{"/a/b"}});
  EXPECT_EQ(GoodTarget("source: /").source, Source{DirectorySource{"/"}});
}

TEST(LoadConfig, SortsTargetsById) {
  const Config config =
      Good(kHead + "targets: {b: {source: /b}, c: {source: /c}, a: {source: /a}}\n");
  EXPECT_EQ(config.targets[0].id.str(), "a");
  EXPECT_EQ(config.targets[2].id.str(), "c");
}

TEST(LoadConfig, SecretsHaveThreeForms) {
  const auto password = [](const std::string& form) {
    return Good("version: 1\ninstance: i\nrepository: {url: /r, " + form +
                    "}\ntargets: {a: {source: /a}}\n",
                {{"PW", "from-environment"}})
        .repository.password;
  };
  EXPECT_EQ(password("password: \"${PW}\""),
            SecretSource{InlineSecret{Secret("from-environment")}});
  EXPECT_EQ(password("password_file: /run/p"), SecretSource{FileSecret{"/run/p"}});
  EXPECT_EQ(password("password_command: [pass, show]"),
            (SecretSource{CommandSecret{{"pass", "show"}}}));
}

TEST(LoadConfig, ManualMeansNeverByItself) {
  EXPECT_EQ(GoodTarget("source: /a, schedule: manual").schedule.timing, Timing{ManualTiming{}});
}

TEST(LoadConfig, EveryLeafHasAnOriginAndAText) {
  const LoadOutcome outcome = Load(kHead + "targets: {a: {source: /a}}\n");
  ASSERT_TRUE(outcome.config);
  OriginMap not_default;
  for (const EffectiveValue& value : outcome.effective) {
    if (value.origin != "default") not_default[value.pointer] = value.origin;
    EXPECT_FALSE(value.text.empty()) << value.pointer;
  }
  EXPECT_EQ(outcome.config->origins, not_default);
  EXPECT_GT(outcome.effective.size(), not_default.size());
}

TEST(LoadConfig, ListsEffectiveValuesByPointer) {
  const LoadOutcome outcome =
      Load(kHead + "targets: {a: {source: /a}, a-b: {source: /b}, a0: {source: /c}}\n");
  std::vector<std::string> pointers;
  for (const EffectiveValue& value : outcome.effective) pointers.push_back(value.pointer);
  ASSERT_GT(pointers.size(), 60U);
  EXPECT_TRUE(std::is_sorted(pointers.begin(), pointers.end()));
}

TEST(LoadConfig, ListsEffectiveValuesOnlyIfWanted) {
  const auto listed = [](EffectiveList effective, const std::string& more) {
    LoadInput input;
    input.file_name = "backup.yaml";
    input.yaml = kHead + more + "targets: {a: {source: /a}}\n";
    input.effective = effective;
    const LoadOutcome outcome = LoadConfig(input);
    EXPECT_TRUE(outcome.config);
    EXPECT_TRUE(outcome.config->origins.contains("/targets/a/source"));
    return !outcome.effective.empty();
  };
  const std::string page = "server: {listen: \"127.0.0.1:8787\"}\n";
  EXPECT_TRUE(listed(EffectiveList::kInclude, ""));
  EXPECT_FALSE(listed(EffectiveList::kLeaveOut, page));
  EXPECT_TRUE(listed(EffectiveList::kForPage, page));
  EXPECT_FALSE(listed(EffectiveList::kForPage, ""));
}

TEST(LoadConfig, StopsAfterSoManyProblems) {
  std::string text = kHead + "targets:\n";
  for (int i = 0; i < 2000; ++i)
    text += "  t" + std::to_string(i) + ": {source: /a, wrong" + std::to_string(i) + ": 1}\n";
  const LoadOutcome outcome = Load(text);
  EXPECT_EQ(outcome.diagnostics.size(), 501U);
  EXPECT_EQ(outcome.diagnostics.back().message, "there are more problems than these");
}

TEST(LoadConfig, WarnsOfAPasswordTooShortToBeHidden) {
  const auto with = [](const std::string& password) {
    return Messages(Load("version: 1\ninstance: i\nrepository: {url: /r, password: " + password +
                         "}\ntargets: {a: {source: /a}}\n"));
  };
  EXPECT_NE(with("abc").find("this short"), std::string::npos);
  EXPECT_EQ(with("abcd"), "");
}

TEST(LoadConfig, JitterIsShorterThanThePeriod) {
  const auto with = [](const std::string& jitter) {
    return Load(kHead + "targets: {a: {source: /a, schedule: {every: 1h, jitter: " + jitter +
                "}}}\n")
        .HasErrors();
  };
  EXPECT_FALSE(with("59m"));
  EXPECT_TRUE(with("60m"));
}

TEST(LoadConfig, WarnsOfRetentionFinerThanTheScheduleOnly) {
  const auto with = [](const std::string& schedule) {
    return Load(kHead + "targets: {a: {source: /a, schedule: " + schedule +
                ", retention: {daily: 7, hourly: 0}}}\n")
        .diagnostics.size();
  };
  EXPECT_EQ(with("0 2 * * *"), 0U);
  EXPECT_EQ(with("0 2 * * 0"), 1U);
  EXPECT_EQ(with("{every: 1d}"), 0U);
  EXPECT_EQ(with("manual"), 0U);
}

}  // namespace
}  // namespace targets
