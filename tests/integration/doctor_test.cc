// The offline look at this machine, by the real program.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class DoctorTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    ws().Write("photos/a.jpg", "a");
    ws().Write("password", "correct horse\n", 0600);
    // Notes each start of restic.
    ws().Write("noting-restic",
               "#!/bin/sh\necho \"$*\" >> \"" + ws().Path("started") + "\"\nexec \"" +
                   ResticProgram(GetParam()) + "\" \"$@\"\n",
               0755);
    ws().Set("RESTIC_BIN", ws().Path("noting-restic"));
    Configure("password_file: " + ws().Path("password"));
  }

  void Configure(const std::string& password, const std::string& more = "") {
    ws().Write("backup.yaml", "version: 1\ninstance: test\nstate_dir: " + ws().Path("state") +
                                  "\nrepository:\n  url: rest:http://127.0.0.1:9/\n  " + password +
                                  "\ntargets:\n  photos:\n    source: " + ws().Path("photos") +
                                  "\n" + more);
  }
};

TEST_P(DoctorTest, SaysThatAllIsReadyAndStartsNothingButAQuestionForTheVersion) {
  const Ran looked = ws().Runner({"doctor"});
  EXPECT_EQ(looked.code, 0) << looked.all();
  EXPECT_THAT(looked.out, AllOf(HasSubstr("ok       secret: repository.password: file"),
                                HasSubstr("ok       source: photos: "),
                                HasSubstr("ok       restic: "), Not(HasSubstr("ERROR"))));
  EXPECT_EQ(ws().Read("started"), "version\n");
  EXPECT_FALSE(ws().Exists("state")) << "it writes nothing";
}

TEST_P(DoctorTest, FindsWhatIsWrongAndSaysWhatToDo) {
  Configure("password_command: [sh, -c, 'echo very-secret; exit 3']",
            "    hooks: {before: [[no-such-program]]}\n");
  fs::remove_all(ws().Path("photos"));
  const Ran looked = ws().Runner({"doctor"});
  EXPECT_EQ(looked.code, 1) << looked.all();
  EXPECT_THAT(looked.out,
              AllOf(HasSubstr("ERROR    source: photos: missing: "),
                    HasSubstr("ERROR    secret: repository.password: the command sh gave no "
                              "secret: exit code 3\n"),
                    HasSubstr("ERROR    program: targets.photos.hooks.before: no-such-program is "
                              "not found\n"),
                    HasSubstr("           do: "), HasSubstr("\nnot ready: 3 errors")));
  EXPECT_THAT(looked.all(), Not(HasSubstr("very-secret")));
}

TEST_P(DoctorTest, WarnsOfASecretThatOthersCanRead) {
  ws().Write("password", "correct horse\n", 0644);
  const Ran looked = ws().Runner({"doctor"});
  EXPECT_EQ(looked.code, 0) << looked.all();
  EXPECT_THAT(looked.out, HasSubstr("do: chmod 600 " + ws().Path("password")));
  EXPECT_THAT(looked.all(), Not(HasSubstr("correct horse")));
}

TEST_P(DoctorTest, NeedsAConfigurationThatIsValid) {
  ws().Write("backup.yaml", "version: 1\ninstanze: test\n");
  const Ran looked = ws().Runner({"doctor"});
  EXPECT_EQ(looked.code, 2);
  EXPECT_THAT(looked.err, HasSubstr("did you mean \"instance\"?"));
}

TEST_P(DoctorTest, SpeaksJson) {
  const Ran looked = ws().Runner({"doctor", "--json"});
  EXPECT_EQ(looked.code, 0) << looked.all();
  EXPECT_THAT(looked.out, AllOf(HasSubstr("\"ready\":true"), HasSubstr("\"area\":\"source\""),
                                EndsWith("]}\n")));
}

RUNNER_FOR_EACH_RESTIC(DoctorTest);

}  // namespace
}  // namespace runner::testing
