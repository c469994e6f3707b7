// Disks that are full at the worst moment: small file systems in a mount namespace of their own.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class FullDiskTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    const Ran probe = ws().Run({"unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"});
    if (probe.code != 0) GTEST_SKIP() << "no mounts of our own here: " << probe.err;
    MakeCheapRepository();
    ws().Write("photos/a.jpg", std::string(400'000, 'a'));
    ws().Write("photos/b.jpg", std::string(400'000, 'b'));
    ws().Write("backup.yaml", ws().ConfigHead() + "cache_dir: " + ws().Path("cache") +
                                  "\ntargets:\n  photos:\n    source: " + ws().Path("photos") +
                                  "\n    restore_if_empty: true\n");
    for (const char* folder : {"cache", "kept", "state"}) ws().MakeFolder(folder);
  }

  /// Runs a shell line below a small file system on `folder`, of which it says what became.
  Ran OnSmallDisk(const std::string& folder, const std::string& size, const std::string& line) {
    return ws().Run({"unshare", "-m", "sh", "-c",
                     "mount -t tmpfs -o size=" + size + " none \"$1\" || exit 99\n" + line, "sh",
                     ws().Path(folder), Workspace::program(), ws().Path("backup.yaml"),
                     ws().Path("kept")});
  }
  std::string Kept(const std::string& name) { return ws().Read("kept/" + name); }
};

TEST_P(FullDiskTest, ASourceThatIsTooSmallIsLeftEmpty) {
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  fs::remove_all(ws().Path("state"));
  const Ran ran =
      OnSmallDisk("photos", "500k",
                  "\"$2\" --config \"$3\" run; code=$?; ls -A \"$1\" > \"$4/list\"; exit $code");
  EXPECT_EQ(ran.code, 1) << ran.all();
  EXPECT_EQ(Kept("list"), "");
  EXPECT_THAT(ws().Read("state/targets/photos/restore_status"), HasSubstr("cause: disk_full"));
  EXPECT_EQ(ws().SnapshotIds("target:photos").size(), 1U);
}

/// Enough room when it was asked, none when it was needed.
TEST_P(FullDiskTest, ASourceThatFillsUpInTheMiddleIsLeftEmpty) {
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  fs::remove_all(ws().Path("state"));
  ws().Write("greedy-restic",
             "#!/bin/sh\ncase \"$*\" in *' restore '*|'restore '*) head -c 700000 /dev/zero > \"" +
                 ws().Path("photos/.runner-restore-data/greed") + "\" ;; esac\nexec \"" +
                 ResticProgram(GetParam()) + "\" \"$@\"\n",
             0755);
  ws().Set("RESTIC_BIN", ws().Path("greedy-restic"));
  const Ran ran =
      OnSmallDisk("photos", "1000k",
                  "\"$2\" --config \"$3\" run; code=$?; ls -A \"$1\" > \"$4/list\"; exit $code");
  EXPECT_EQ(ran.code, 1) << ran.all();
  EXPECT_EQ(Kept("list"), "");
  EXPECT_THAT(ws().Read("state/targets/photos/restore_status"), HasSubstr("cause: disk_full"));
  EXPECT_EQ(ws().SnapshotIds("target:photos").size(), 1U);
}

TEST_P(FullDiskTest, AFullStateFolderIsNoSuccess) {
  const Ran ran = OnSmallDisk(
      "state", "200k",
      "\"$2\" --config \"$3\" validate && head -c 1000000 /dev/zero > \"$1/filler\" 2>/dev/null\n"
      "\"$2\" --config \"$3\" run; code=$?\n"
      "cat \"$1\"/targets/photos/backup_status > \"$4/marker\" 2>/dev/null\n"
      "rm \"$1/filler\"; \"$2\" --config \"$3\" run && "
      "cat \"$1\"/targets/photos/backup_status > \"$4/after\"; exit $code");
  EXPECT_EQ(ran.code, 1) << ran.all();
  EXPECT_THAT(Kept("marker"), Not(HasSubstr("SUCCESS")));
  EXPECT_THAT(ran.all(), HasSubstr("No space left on device"));
  EXPECT_THAT(Kept("after"), HasSubstr("SUCCESS")) << "it goes on when there is room again";
}

/// restic may do without its cache or fail; either is said as it is.
TEST_P(FullDiskTest, AFullCacheIsASuccessThatHappenedOrAFailure) {
  const Ran ran = OnSmallDisk(
      "cache", "100k",
      "head -c 1000000 /dev/zero > \"$1/filler\" 2>/dev/null; \"$2\" --config \"$3\" run");
  const bool said = ws().Read("state/targets/photos/backup_status").starts_with("SUCCESS");
  EXPECT_EQ(ran.code == 0, said) << ran.all();
  if (said) {
    EXPECT_EQ(ws().SnapshotIds("target:photos").size(), 1U);
  }
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
}

RUNNER_FOR_EACH_RESTIC(FullDiskTest);

}  // namespace
}  // namespace runner::testing
