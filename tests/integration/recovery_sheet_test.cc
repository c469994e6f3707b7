// The page for the safe: whoever has it, restic and the password gets everything back.
#include <gmock/gmock.h>

#include <regex>
#include <sstream>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using RecoverySheetProgramTest = ProgramTest;

/// The indented lines.
std::string CommandsOf(const std::string& sheet) {
  std::string commands;
  std::string line;
  for (std::istringstream lines(sheet); std::getline(lines, line);) {
    if (line.starts_with("    ") && line[4] != ' ') commands += line.substr(4) + "\n";
  }
  return commands;
}

TEST_P(RecoverySheetProgramTest, ItsCommandsBringEverythingBack) {
  MakeCheapRepository();
  ws().Write("my photos/a.jpg", "aaa");
  ws().Write("my photos/2024/b.jpg", "bbb");
  ws().Write("backup.yaml",
             ws().ConfigHead() + "targets:\n  photos:\n    source: " + ws().Path("my photos") +
                 "\n  database:\n    command: [printf, row]\n    filename: \"it's.sql\"\n");
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  const Ran sheet = ws().Runner({"recovery-sheet"});
  ASSERT_EQ(sheet.code, 0) << sheet.all();
  EXPECT_THAT(sheet.out, HasSubstr("2 files, 6 B"));
  EXPECT_THAT(sheet.out, Not(HasSubstr("correct horse")));

  ws().Write("recover.sh", "set -e\ncd \"$1\"\nrestic() { command \"$RESTIC\" \"$@\"; }\n" +
                               CommandsOf(sheet.out));
  ws().Write("elsewhere/password", "correct horse\n");
  const Ran recovered = ws().Run(
      {"env", "-i", "PATH=/usr/bin:/bin", "HOME=" + ws().Path("elsewhere"),
       "RESTIC=" + ResticProgram(GetParam()), "bash", "-c", "bash \"$0\" \"$1\" < \"$1/password\"",
       ws().Path("recover.sh"), ws().Path("elsewhere")});
  EXPECT_EQ(recovered.code, 0) << recovered.all();
  const std::string restored = "elsewhere/restored";
  EXPECT_EQ(ws().Read(restored + ws().Path("my photos") + "/a.jpg"), "aaa");
  EXPECT_EQ(ws().Read(restored + ws().Path("my photos") + "/2024/b.jpg"), "bbb");
  EXPECT_EQ(ws().Read(restored + "/database-it's.sql"), "row");
  std::smatch id;
  ASSERT_TRUE(std::regex_search(sheet.out, id, std::regex("id\n  ([0-9a-f]{64})\n")));
  EXPECT_THAT(recovered.out, HasSubstr(id[1].str()));
}

TEST_P(RecoverySheetProgramTest, SaysWhatItLacksBeforeTheFirstBackup) {
  ws().Write("photos/a.jpg", "aaa");
  ws().Write("backup.yaml",
             ws().ConfigHead() + "targets:\n  photos: {source: " + ws().Path("photos") + "}\n");
  const Ran sheet = ws().Runner({"recovery-sheet"});
  EXPECT_EQ(sheet.code, 0) << sheet.all();
  EXPECT_THAT(sheet.out, HasSubstr("no backup was made before this page"));
  EXPECT_THAT(sheet.out, HasSubstr("no good snapshot when this page was made"));
}

RUNNER_FOR_EACH_RESTIC(RecoverySheetProgramTest);

}  // namespace
}  // namespace runner::testing
