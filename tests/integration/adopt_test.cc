// Snapshots of the single-directory container, which knew neither instance nor target.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class AdoptTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    MakeCheapRepository();
    ws().Write("backup/a.jpg", "old");
    ws().MakeFolder("photos");
    ws().Write("backup.yaml", ws().ConfigHead() +
                                  "targets:\n  photos:\n    source: " + ws().Path("photos") +
                                  "\n    restore_if_empty: true\n    retention: {last: 1}\n");
  }

  /// As `restic backup /backup` did it.
  void BackUpByPath(const std::string& host = "c0ffee", const std::string& folder = "backup") {
    ASSERT_EQ(ws().Restic({"backup", "--host", host, ws().Path(folder)}).code, 0);
  }
  /// As `cd /backup && restic backup .` did it.
  void BackUpContents() {
    const Ran made =
        ws().Run({"sh", "-c",
                  "cd \"$1\" && RESTIC_PASSWORD='correct horse' \"$2\" --repo \"$3\" "
                  "--no-cache backup --host c0ffee .",
                  "sh", ws().Path("backup"), ResticProgram(GetParam()), ws().Path("repo")});
    ASSERT_EQ(made.code, 0) << made.all();
  }
  Ran Adopt(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"adopt", "photos", "--from-host", "c0ffee"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return ws().Runner(arguments);
  }
  std::size_t Entries(const std::string& folder) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(ws().Path(folder)), fs::directory_iterator()));
  }
};

TEST_P(AdoptTest, ShowsFirstAndThenAnEmptySourceIsRestoredFromTheNewest) {
  BackUpByPath();
  ws().Write("backup/a.jpg", "new");
  ws().Write("backup/sub/b.jpg", "b");
  BackUpByPath();
  const Ran shown = Adopt();
  EXPECT_EQ(shown.code, 0) << shown.all();
  EXPECT_THAT(shown.out, AllOf(HasSubstr("c0ffee"), HasSubstr(ws().Path("backup")),
                               HasSubstr("would adopt 2 snapshots as target photos; type again "
                                         "with --yes")));
  EXPECT_TRUE(ws().SnapshotIds("target:photos").empty()) << "nothing was done yet";

  const Ran done = Adopt({"--from-path", ws().Path("backup"), "--yes"});
  EXPECT_EQ(done.code, 0) << done.all();
  EXPECT_THAT(done.out, HasSubstr("adopted 2 snapshots as target photos"));
  EXPECT_EQ(ws().SnapshotIds("target:photos").size(), 2U);
  EXPECT_EQ(ws().SnapshotIds("adopted:test").size(), 2U);
  EXPECT_THAT(ws().Runner({"snapshots", "photos"}).out, HasSubstr("2 snapshots"));

  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(ws().Read("photos/a.jpg"), "new");
  EXPECT_EQ(ws().Read("photos/sub/b.jpg"), "b");
  EXPECT_EQ(Entries("photos"), 2U) << "not below the old container's path";
}

TEST_P(AdoptTest, ASnapshotOfAFoldersContentIsNotNested) {
  BackUpContents();
  const Ran done = Adopt({"--yes"});
  ASSERT_EQ(done.code, 0) << done.all();
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(ws().Read("photos/a.jpg"), "old");
  EXPECT_EQ(Entries("photos"), 1U);
}

TEST_P(AdoptTest, AnEmptySourceThatPassedForANewTargetIsRestoredToo) {
  BackUpByPath();
  EXPECT_EQ(ws().Runner({"run", "--stage", "restore"}).code, 0);
  EXPECT_THAT(ws().Read("state/targets/photos/restore_status"), HasSubstr("a new target"));
  ASSERT_EQ(Adopt({"--yes"}).code, 0);
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(ws().Read("photos/a.jpg"), "old");
}

TEST_P(AdoptTest, RetentionLeavesThemAlone) {
  BackUpByPath();
  BackUpByPath();
  ASSERT_EQ(Adopt({"--yes"}).code, 0);
  for (const char* content : {"1", "2", "3"}) {
    ws().Write("photos/a.jpg", content);
    const Ran run = ws().Runner({"run"});
    EXPECT_EQ(run.code, 0) << run.all();
  }
  EXPECT_EQ(ws().SnapshotIds("adopted:test").size(), 2U);
  EXPECT_LT(ws().SnapshotIds("target:photos").size(), 5U) << "of our own ones it removed some";
}

TEST_P(AdoptTest, ASecondTimeFindsNothingMoreToDo) {
  BackUpByPath();
  ASSERT_EQ(Adopt({"--yes"}).code, 0);
  const std::vector<std::string> before = ws().SnapshotIds("target:photos");
  const Ran again = Adopt({"--yes"});
  EXPECT_EQ(again.code, 0) << again.all();
  EXPECT_THAT(again.out, AllOf(HasSubstr("1 snapshot more: adopted already"),
                               HasSubstr("adopted 0 snapshots")));
  EXPECT_EQ(ws().SnapshotIds("target:photos"), before);
}

TEST_P(AdoptTest, AsksWhichOfSeveralThings) {
  ws().Write("etc/passwd", "x");
  BackUpByPath();
  BackUpByPath("c0ffee", "etc");
  const Ran refused = Adopt({"--yes"});
  EXPECT_EQ(refused.code, 1) << refused.all();
  EXPECT_THAT(refused.err, AllOf(HasSubstr("different things"), HasSubstr("--from-path")));
  EXPECT_TRUE(ws().SnapshotIds("target:photos").empty());
  EXPECT_EQ(Adopt({"--from-path", ws().Path("backup") + "/", "--yes"}).code, 0);
  EXPECT_EQ(ws().SnapshotIds("target:photos").size(), 1U);
}

TEST_P(AdoptTest, SaysThatThereIsNone) {
  BackUpByPath("decade");
  const Ran refused = Adopt({"--yes"});
  EXPECT_EQ(refused.code, 1) << refused.all();
  EXPECT_THAT(refused.err, AllOf(HasSubstr("no snapshot of host c0ffee"), HasSubstr("--all"),
                                 Not(HasSubstr("other targets"))));
  EXPECT_EQ(ws().Runner({"adopt", "photos", "--yes"}).code, 2) << "a host must be named";
  EXPECT_EQ(ws().Runner({"adopt", "photo", "--from-host", "decade"}).code, 2);
}

RUNNER_FOR_EACH_RESTIC(AdoptTest);

}  // namespace
}  // namespace runner::testing
