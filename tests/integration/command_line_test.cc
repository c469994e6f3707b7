// What a user sees before anything was ever run.
#include <gmock/gmock.h>
#include <rapidjson/document.h>
#include <unistd.h>

#include <filesystem>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class CommandLineTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    ws().Write("photos/a.jpg", "aaa");
    ws().Write("backup.yaml", ws().ConfigHead() + "targets:\n  photos:\n    source: " +
                                  ws().Path("photos") + "\n    schedule: \"30 2 * * *\"\n");
  }
};

TEST_P(CommandLineTest, APlanChangesNothing) {
  const auto files = [&] {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(ws().dir())) {
      const std::string name = entry.path().filename();
      if (!name.starts_with(".output-")) names.push_back(entry.path());
    }
    std::sort(names.begin(), names.end());
    return names;
  };
  const auto before = files();
  EXPECT_EQ(ws().Runner({"plan"}).code, 0);
  EXPECT_EQ(ws().Runner({"plan", "--json"}).code, 0);
  EXPECT_EQ(ws().Runner({"validate"}).code, 0);
  EXPECT_EQ(files(), before);
}

TEST_P(CommandLineTest, APlanShowsTheVeryCommandLineThatARunUses) {
  const Ran plan = ws().Runner({"plan", "--json"});
  rapidjson::Document document;
  document.Parse(plan.out);
  ASSERT_TRUE(document.IsObject()) << plan.all();
  std::string planned;
  for (const auto& job : document["targets"][0]["jobs"].GetArray()) {
    if (std::string(job["stage"].GetString()) != "backup") continue;
    for (const auto& argument : job["argv"].GetArray())
      planned += std::string(argument.GetString()) + "\n";
  }
  ws().Write("spying-restic",
             "#!/bin/sh\ncase \" $* \" in *\" backup \"*) printf '%s\\n' \"$@\" >> \"$SPIED\";; "
             "esac\nexec \"" +
                 ResticProgram(GetParam()) + "\" \"$@\"\n",
             0755);
  ws().Set("SPIED", ws().Path("spied"));
  ws().Set("RESTIC_BIN", ws().Path("spying-restic"));
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(planned.substr(planned.find('\n') + 1), ws().Read("spied"));
}

TEST_P(CommandLineTest, AnOfflinePlanForAMomentDependsOnTheConfigurationAlone) {
  const std::vector<std::string> command = {
      "plan", "--at", "2026-03-28T00:00:00Z", "--horizon", "3d", "--json", "--offline"};
  const Ran first = ws().Runner(command);
  EXPECT_EQ(first.code, 0) << first.all();
  EXPECT_THAT(first.out, HasSubstr("2026-03-29T02:30:00"));
  fs::remove_all(ws().Path("photos"));
  ws().Set("RESTIC_BIN", "/nowhere/restic");
  EXPECT_EQ(ws().Runner(command).out, first.out);
}

TEST_P(CommandLineTest, AMistypedCommandNamesTheRightOne) {
  const Ran ran = ws().Runner({"plam"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("did you mean `runner plan`?"));
}

TEST_P(CommandLineTest, AMistypedOptionNamesTheRightOne) {
  const Ran ran = ws().Runner({"plan", "--horizn", "7d"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("--horizon"));
}

TEST_P(CommandLineTest, AMistypedTargetNamesTheRightOne) {
  for (const char* command : {"plan", "run", "snapshots"}) {
    const Ran ran = ws().Runner({command, "fotos"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_THAT(ran.err, HasSubstr("did you mean \"photos\"?"));
  }
}

TEST_P(CommandLineTest, HelpAndVersionGoToStandardOutput) {
  EXPECT_THAT(ws().Runner({"--help"}).out, HasSubstr("Examples:"));
  EXPECT_THAT(ws().Runner({"plan", "--help"}).out, HasSubstr("--horizon"));
  EXPECT_THAT(ws().Runner({"--version"}).out, HasSubstr("runner "));
  EXPECT_EQ(ws().Runner({}).code, 2);
}

TEST_P(CommandLineTest, AMissingConfigurationSaysWhereItWasLookedFor) {
  ws().Set("RUNNER_CONFIG", ws().Path("nowhere.yaml"));
  const Ran ran = ws().Runner({"validate"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("nowhere.yaml"));
}

TEST_P(CommandLineTest, AMistakeInTheFileIsShownWithItsLine) {
  ws().Write("backup.yaml", ws().ConfigHead() +
                                "targets:\n  photos:\n    source: /x\n    retension: {daily: 7}\n");
  for (const char* command : {"validate", "plan", "run", "healthcheck", "snapshots"}) {
    const Ran ran = ws().Runner({command});
    EXPECT_EQ(ran.code, 2) << command;
    EXPECT_THAT(ran.err, HasSubstr("backup.yaml:11:5: targets.photos.retension: unknown key"))
        << command;
    EXPECT_THAT(ran.err, HasSubstr("^")) << command;
  }
  EXPECT_FALSE(ws().Exists("state"));
}

TEST_P(CommandLineTest, AMissingResticSaysHowToGetIt) {
  ws().Set("RESTIC_BIN", "/nowhere/restic");
  const Ran ran = ws().Runner({"run"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("/nowhere/restic"));
  EXPECT_EQ(ws().Runner({"plan"}).code, 0) << "a plan says it as a warning";
}

TEST_P(CommandLineTest, AStateFolderThatCannotBeWrittenIsSaidAtOnce) {
  ws().Write("state", "a file is in the way");
  const Ran ran = ws().Runner({"run"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr(ws().Path("state")));
  EXPECT_FALSE(ws().Exists("repo")) << "nothing is done before the result can be remembered";
}

TEST_P(CommandLineTest, OutputToAFullDiskIsNotASuccess) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const Ran ran = ws().Run({"sh", "-c", ws().program() + " plan > /dev/full"});
  EXPECT_EQ(ran.code, 1);
}

RUNNER_FOR_EACH_RESTIC(CommandLineTest);

}  // namespace
}  // namespace runner::testing
