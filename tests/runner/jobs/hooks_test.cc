#include "runner/jobs/hooks.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/fake_process_runner.h"

namespace runner {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasWords;
using testing::Script;

class HookRunnerTest : public ::testing::Test {
 protected:
  HookRunnerTest() {
    config_.instance = targets::InstanceName("server1");
    config_.timezone = "Europe/Berlin";
    target_.id = targets::TargetId("photos");
    target_.source = targets::DirectorySource{"/data/photos"};
  }

  void Ends(const std::string& program, int code) {
    processes_.When(HasWords({program}), Script().Exits(code));
  }
  HookResult Before() {
    return hooks_.RunBefore({target_, "server1", "backup", "", "", ""}, stop_);
  }
  HookResult All(const std::vector<targets::Argv>& hooks) {
    return hooks_.RunAll(hooks, {target_, "server1", "backup", "failed", "no disk", "54f1"});
  }
  std::vector<std::string> Launched() {
    std::vector<std::string> programs;
    for (const ProcessSpec& spec : processes_.Launched()) programs.push_back(spec.argv.front());
    return programs;
  }
  static bool Unsets(const ProcessSpec& spec, const std::string& name) {
    return std::any_of(spec.unset.begin(), spec.unset.end(), [&](const std::string& pattern) {
      if (!pattern.ends_with('*')) return pattern == name;
      return name.starts_with(pattern.substr(0, pattern.size() - 1));
    });
  }

  targets::Config config_;
  targets::Target target_;
  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
  HookRunner hooks_{processes_, config_};
  StopHandle stop_;
};

TEST_F(HookRunnerTest, ProceedsWithoutHooks) {
  EXPECT_EQ(Before().verdict, HookVerdict::kProceed);
  EXPECT_EQ(All({}).verdict, HookVerdict::kProceed);
}

TEST_F(HookRunnerTest, RunsBeforeHooksInOrder) {
  target_.hooks.before = {{"one"}, {"two", "x y"}, {"three"}};
  for (const char* name : {"one", "two", "three"}) Ends(name, 0);
  EXPECT_EQ(Before().verdict, HookVerdict::kProceed);
  EXPECT_EQ(processes_.History(),
            (std::vector<std::string>{"start one", "exit 0 one", "start two x y", "exit 0 two",
                                      "start three", "exit 0 three"}));
}

TEST_F(HookRunnerTest, SkipsTheRunOnExitCode75) {
  target_.hooks.before = {{"one"}, {"two"}};
  processes_.When(HasWords({"one"}), Script().Complains("on battery\n").Exits(75));
  const HookResult result = Before();
  EXPECT_EQ(result.verdict, HookVerdict::kSkip);
  EXPECT_EQ(result.reason, "hook one: exit code 75: on battery");
  EXPECT_EQ(Launched(), std::vector<std::string>{"one"});
}

TEST_F(HookRunnerTest, FailsOnEveryOtherExitCode) {
  target_.hooks.before = {{"one"}, {"two"}};
  for (const int code : {1, 2, 74, 76, 127, 255}) {
    Ends("one", code);
    EXPECT_EQ(Before().verdict, HookVerdict::kFail) << code;
  }
  const std::vector<std::string> launched = Launched();
  EXPECT_EQ(std::count(launched.begin(), launched.end(), "two"), 0);
}

TEST_F(HookRunnerTest, FailsIfAHookIsNotThereOrDies) {
  target_.hooks.before = {{"one"}};
  processes_.When(HasWords({"one"}), Script::Missing("one: not found in PATH"));
  EXPECT_EQ(Before().reason, "hook one: could not start: one: not found in PATH");
  processes_.When(HasWords({"one"}), Script().Dies(11));
  const HookResult died = Before();
  EXPECT_EQ(died.verdict, HookVerdict::kFail);
  EXPECT_EQ(died.reason, "hook one: ended by signal 11");
}

TEST_F(HookRunnerTest, StopsAHookThatTakesTooLong) {
  target_.hooks.before = {{"one"}};
  target_.hooks.timeout = seconds(20);
  processes_.When(HasWords({"one"}), Script().Exits(0, seconds(60)));
  const MonotonicTime start = clock_.Monotonic();
  const HookResult result = Before();
  EXPECT_EQ(result.verdict, HookVerdict::kFail);
  EXPECT_EQ(result.reason, "hook one: ran into its time limit (hooks.timeout)");
  EXPECT_EQ(clock_.Monotonic() - start, seconds(20));
}

TEST_F(HookRunnerTest, TakesExitCode75AfterTheTimeLimitForAFailure) {
  target_.hooks.before = {{"one"}};
  target_.hooks.timeout = seconds(20);
  processes_.When(HasWords({"one"}), Script().ExitsOn(2, 75));
  EXPECT_EQ(Before().verdict, HookVerdict::kFail);
}

TEST_F(HookRunnerTest, StopsABeforeHookOnRequest) {
  target_.hooks.before = {{"one"}, {"two"}};
  processes_.When(HasWords({"one"}), Script().Does([this] { stop_.Stop(); }, milliseconds(5)));
  EXPECT_EQ(Before().verdict, HookVerdict::kFail);
  EXPECT_EQ(Launched(), std::vector<std::string>{"one"});
}

TEST_F(HookRunnerTest, RunsAllOthersAndReportsTheFirstFailure) {
  Ends("one", 3);
  Ends("two", 75);
  Ends("three", 0);
  const HookResult result = All({{"one"}, {"two"}, {"three"}});
  EXPECT_EQ(result.verdict, HookVerdict::kFail);
  EXPECT_EQ(result.reason, "hook one: exit code 3");
  EXPECT_EQ(Launched(), (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(HookRunnerTest, TellsAHookAboutTheRun) {
  target_.environment = {{"PGHOST", "db"}};
  Ends("one", 0);
  All({{"one"}});
  const std::map<std::string, std::string> expected = {{"PGHOST", "db"},
                                                       {"RUNNER_INSTANCE", "server1"},
                                                       {"RUNNER_OUTCOME", "failed"},
                                                       {"RUNNER_REASON", "no disk"},
                                                       {"RUNNER_SNAPSHOT", "54f1"},
                                                       {"RUNNER_SOURCE", "/data/photos"},
                                                       {"RUNNER_STAGE", "backup"},
                                                       {"RUNNER_TARGET", "photos"},
                                                       {"TZ", "Europe/Berlin"}};
  EXPECT_EQ(processes_.Launched().front().environment, expected);
}

TEST_F(HookRunnerTest, TellsABeforeHookNoOutcome) {
  target_.hooks.before = {{"one"}};
  Ends("one", 0);
  Before();
  const auto environment = processes_.Launched().front().environment;
  for (const char* name : {"RUNNER_OUTCOME", "RUNNER_REASON", "RUNNER_SNAPSHOT"})
    EXPECT_FALSE(environment.contains(name)) << name;
}

TEST_F(HookRunnerTest, HidesTheRepositorysSecretsFromAHook) {
  config_.repository.environment = {{"RCLONE_CONFIG_X_PASS", "sesame"}};
  Ends("one", 0);
  All({{"one"}});
  const ProcessSpec spec = processes_.Launched().front();
  for (const char* name : {"RESTIC_PASSWORD", "RESTIC_PASSWORD_FILE", "RESTIC_PASSWORD_COMMAND",
                           "RESTIC_REPOSITORY", "RESTIC_REPOSITORY_FILE", "B2_ACCOUNT_ID",
                           "B2_ACCOUNT_KEY", "AWS_SECRET_ACCESS_KEY", "RCLONE_CONFIG_X_PASS"}) {
    EXPECT_TRUE(Unsets(spec, name)) << name;
    EXPECT_FALSE(spec.environment.contains(name)) << name;
  }
  EXPECT_FALSE(Unsets(spec, "PATH"));
  EXPECT_FALSE(Unsets(spec, "HTTPS_PROXY"));
}

TEST_F(HookRunnerTest, RunsAHookAsTheJobsDo) {
  config_.run_as = targets::RunAs{1000, 1001};
  target_.limits.nice = 10;
  Ends("one", 0);
  All({{"one"}});
  const ProcessSpec spec = processes_.Launched().front();
  EXPECT_EQ(spec.uid, 1000U);
  EXPECT_EQ(spec.gid, 1001U);
  EXPECT_EQ(spec.nice, 10);
}

}  // namespace
}  // namespace runner
