#include <gmock/gmock.h>

#include <random>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The program on a real terminal, and in a pipe; the repository takes and gives a mebibyte a
/// second.
class ProgressTest : public ProgramTest {
 protected:
  void WriteTarget() {
    MakeCheapRepository();
    std::mt19937_64 random(7);
    std::string noise(std::size_t{4} << 20U, '\0');
    for (char& byte : noise) byte = static_cast<char>(random());
    ws().Write("photos/a.jpg", noise);
    ws().Write("backup.yaml", ws().ConfigHead("  limits: {upload: 1MiB/s, download: 1MiB/s}\n") +
                                  "targets:\n  photos:\n    source: " + ws().Path("photos") + "\n");
    ws().Set("TERM", "xterm");
  }
  /// What a terminal got.
  std::string OnTerminal(const std::string& arguments) {
    const Ran run = ws().Run({"script", "--quiet", "--return", "--command",
                              Workspace::program() + " " + arguments, ws().Path("typescript")});
    EXPECT_EQ(run.code, 0) << run.all();
    return run.out;
  }
};

TEST_P(ProgressTest, ABackupShowsABarOnATerminal) {
  WriteTarget();
  const std::string seen = OnTerminal("run photos --stage backup");
  EXPECT_THAT(seen, HasSubstr("photos  backup  ["));
  EXPECT_THAT(seen, HasSubstr(" of 4.0 MiB"));
  EXPECT_THAT(seen, HasSubstr("\x1b[1A\x1b[J"));
  // The last bar was erased, and below it stands how it ended.
  const std::size_t last = seen.rfind("photos  backup  [");
  EXPECT_LT(last, seen.rfind("\x1b[J"));
  EXPECT_THAT(seen.substr(seen.rfind("\x1b[J")), HasSubstr("success"));
}

TEST_P(ProgressTest, APipeGetsNoBar) {
  WriteTarget();
  const Ran run = ws().Runner({"run", "photos"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_THAT(run.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(run.out, Not(HasSubstr("###")));
}

TEST_P(ProgressTest, ATerminalThatCannotEraseGetsNoBar) {
  WriteTarget();
  ws().Set("TERM", "dumb");
  EXPECT_THAT(OnTerminal("run photos"), Not(HasSubstr("\x1b")));
}

TEST_P(ProgressTest, ARestoreShowsABarWhereResticTellsItsProgress) {
  WriteTarget();
  ASSERT_EQ(ws().Runner({"run", "photos"}).code, 0);
  const std::string seen = OnTerminal("restore photos --to " + ws().Path("restored"));
  EXPECT_EQ(ws().Read("restored/a.jpg"), ws().Read("photos/a.jpg"));
  const bool tells = std::string(GetParam()) != "system";  // 0.14 does not
  EXPECT_EQ(seen.find("photos  restore  [") != std::string::npos, tells) << seen;
}

RUNNER_FOR_EACH_RESTIC(ProgressTest);

}  // namespace
}  // namespace runner::testing
