#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kFiles = 12;

class DrillTest : public ProgramTest {
 protected:
  void WriteConfig(const std::string& drill) {
    ws().Write("backup.yaml", ws().ConfigHead() +
                                  "targets:\n  photos:\n    source: " + ws().Path("photos") +
                                  "\n    drill: {schedule: \"0 6 1 * *\"" + drill + "}\n");
  }
  /// A source with files of different names, sizes and modes, backed up once.
  void BackUp(const std::string& drill = "") {
    MakeCheapRepository();
    for (int i = 0; i < kFiles; ++i) {
      ws().Write("photos/album [" + std::to_string(i % 3) + "]/" + std::to_string(i) + "*.jpg",
                 std::string(static_cast<std::size_t>(i) * 5000, static_cast<char>('a' + i)),
                 i % 2 == 0 ? 0640 : 0600);
    }
    fs::create_symlink("nowhere", ws().Path("photos/link"));
    WriteConfig(drill);
    const Ran run = ws().Runner({"run"});
    ASSERT_EQ(run.code, 0) << run.all();
  }
  std::string Marker(const std::string& target = "photos") {
    return ws().Read("state/targets/" + target + "/drill_status");
  }
  bool Proven(const std::string& target = "photos") {
    return ws().Exists("state/targets/" + target + "/last_drill_success");
  }
  [[nodiscard]] bool ScratchIsEmpty() {
    const fs::path folder = ws().Path("state/.runner-drill-data");
    return !fs::exists(folder) || fs::is_empty(folder);
  }
  /// Other bytes in the same file, which keeps its time.
  static void ChangeBehindItsTime(const std::string& path) {
    struct stat before {};
    ASSERT_EQ(stat(path.c_str(), &before), 0);
    {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.put('?');
    }
    const timespec times[2] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }
  /// Flips bytes in every pack of data.
  void DamagePacks() {
    for (const auto& entry : fs::recursive_directory_iterator(ws().Path("repo/data"))) {
      if (!entry.is_regular_file()) continue;
      fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      for (const int at : {20, 21, 22}) {
        file.seekg(at);
        const int byte = file.get();
        file.seekp(at);
        file.put(static_cast<char>(byte ^ 0x55));
      }
    }
  }
};

TEST_P(DrillTest, ProvesThatSomeFilesCanBeRestored) {
  BackUp(", files: 5");
  const Ran drill = ws().Runner({"drill"});
  EXPECT_EQ(drill.code, 0) << drill.all();
  EXPECT_THAT(Marker(), HasSubstr("SUCCESS\n"));
  EXPECT_THAT(Marker(), HasSubstr("restored 5 files, "));
  EXPECT_THAT(Marker(), HasSubstr("all as the snapshot says, 5 the same as the live ones"));
  EXPECT_TRUE(Proven());
  EXPECT_TRUE(ScratchIsEmpty());
  const Ran status = ws().Runner({"status"});
  EXPECT_THAT(status.out, HasSubstr("RESTORABLE")) << status.all();
  EXPECT_THAT(ws().Runner({"explain", "photos"}).out, HasSubstr("last proven restorable"));
}

TEST_P(DrillTest, ProvesEverything) {
  BackUp(", files: 0");
  const Ran drill = ws().Runner({"drill", "photos"});
  EXPECT_EQ(drill.code, 0) << drill.all();
  EXPECT_THAT(Marker(), HasSubstr("restored 12 files, "));
  EXPECT_THAT(Marker(), HasSubstr("12 the same as the live ones"));
  EXPECT_TRUE(ScratchIsEmpty());
}

TEST_P(DrillTest, FilesThatChangedSinceAreComparedWithTheSnapshotAlone) {
  BackUp(", files: 0");
  ws().Write("photos/album [0]/3*.jpg", "new");
  fs::remove(ws().Path("photos/album [1]/4*.jpg"));
  EXPECT_EQ(ws().Runner({"drill"}).code, 0);
  EXPECT_THAT(Marker(), HasSubstr("restored 12 files, "));
  EXPECT_THAT(Marker(), HasSubstr("10 the same as the live ones"));
}

TEST_P(DrillTest, ADamagedPackTurnsItRedUntilAGoodDrill) {
  BackUp(", files: 0");
  ASSERT_EQ(ws().Runner({"healthcheck"}).code, 0);
  fs::copy(ws().Path("repo"), ws().Path("good"), fs::copy_options::recursive);
  DamagePacks();
  const Ran drill = ws().Runner({"drill"});
  EXPECT_EQ(drill.code, 1) << drill.all();
  EXPECT_THAT(Marker(), HasSubstr("FAILED\n"));
  EXPECT_FALSE(Proven());
  EXPECT_TRUE(ScratchIsEmpty());
  const Ran health = ws().Runner({"healthcheck"});
  EXPECT_EQ(health.code, 1);
  EXPECT_THAT(health.out, HasSubstr("Drill failed"));

  fs::remove_all(ws().Path("repo"));
  fs::rename(ws().Path("good"), ws().Path("repo"));
  EXPECT_EQ(ws().Runner({"drill"}).code, 0) << Marker();
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 0);
}

TEST_P(DrillTest, ALiveFileThatWasChangedBehindItsTimeIsNoticed) {
  BackUp(", files: 0");
  const std::string path = ws().Path("photos/album [2]/5*.jpg");
  ChangeBehindItsTime(path);
  const Ran drill = ws().Runner({"drill"});
  EXPECT_EQ(drill.code, 1) << drill.all();
  EXPECT_THAT(Marker(), HasSubstr("FAILED\n"));
  EXPECT_THAT(Marker(), HasSubstr(path + " is not what snapshot"));
}

TEST_P(DrillTest, TheUsersProgramSeesTheFilesAndNoSecret) {
  BackUp(", files: 3, command: [sh, -c, 'find \"$$0\" -type f | wc -l > " + ws().Path("seen") +
         "; env > " + ws().Path("env") + "']");
  const Ran drill = ws().Runner({"drill"});
  EXPECT_EQ(drill.code, 0) << drill.all();
  EXPECT_THAT(ws().Read("seen"), HasSubstr("3"));
  EXPECT_THAT(ws().Read("env"), HasSubstr("RUNNER_STAGE=drill"));
  EXPECT_THAT(ws().Read("env"), Not(HasSubstr("correct horse")));
  EXPECT_THAT(Marker(), HasSubstr("; sh accepts them"));
}

TEST_P(DrillTest, TheUsersProgramRunsAsTheJobsDo) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to run the jobs as somebody else";
  MakeCheapRepository();
  ws().Write("photos/deep/er/a.jpg", "aaa");
  ws().MakeFolder("out");
  ws().Write("backup.yaml",
             ws().ConfigHead() +
                 "run_as: {uid: 65534, gid: 65534}\ntargets:\n  photos:\n    source: " +
                 ws().Path("photos") +
                 "\n    drill: {schedule: \"0 6 1 * *\", files: 1, command: [sh, -c, 'id -u > " +
                 ws().Path("out/seen") + "; cat \"$$0/deep/er/a.jpg\" >> " + ws().Path("out/seen") +
                 "']}\n");
  for (const char* theirs : {"repo", "out"})
    ASSERT_EQ(ws().Run({"chown", "-R", "65534:65534", ws().Path(theirs)}).code, 0);
  ws().Set("TMPDIR", "");                     // this workspace is closed to them
  if (std::string(GetParam()) == "newest") {  // it may lie in a home that is closed to them, too
    fs::copy_file(ResticProgram(GetParam()), ws().Path("restic"));
    ws().Set("RESTIC_BIN", ws().Path("restic"));
  }
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  const Ran drill = ws().Runner({"drill"});
  EXPECT_EQ(drill.code, 0) << drill.all();
  EXPECT_EQ(ws().Read("out/seen"), "65534\naaa");
  EXPECT_TRUE(ScratchIsEmpty());
}

TEST_P(DrillTest, TheUsersProgramHasTheLastWord) {
  BackUp(", files: 3, command: [sh, -c, 'echo not what I want >&2; exit 7']");
  const Ran drill = ws().Runner({"drill"});
  EXPECT_EQ(drill.code, 1) << drill.all();
  EXPECT_THAT(Marker(), HasSubstr("exit code 7: not what I want"));
  EXPECT_TRUE(ScratchIsEmpty());
}

TEST_P(DrillTest, ProvesAStream) {
  MakeCheapRepository();
  ws().Write("backup.yaml", ws().ConfigHead() +
                                "targets:\n  database:\n    command: [echo, dump]\n"
                                "    filename: dump.sql\n"
                                "    drill: {schedule: \"0 6 1 * *\", command: [sh, -c, 'grep dump "
                                "\"$$0/dump.sql\"']}\n");
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  const Ran drill = ws().Runner({"drill"});
  EXPECT_EQ(drill.code, 0) << drill.all();
  EXPECT_THAT(Marker("database"), HasSubstr("restored 1 file, 5 B, of snapshot"));
  EXPECT_THAT(Marker("database"), Not(HasSubstr("live")));
}

TEST_P(DrillTest, WithoutASnapshotItIsSkippedAndNothingIsProven) {
  MakeCheapRepository();
  ws().Write("photos/a.jpg", "aaa");
  WriteConfig("");
  const Ran drill = ws().Runner({"drill"});
  EXPECT_EQ(drill.code, 0) << drill.all();
  EXPECT_THAT(drill.out, HasSubstr("skipped"));
  EXPECT_THAT(Marker(), HasSubstr("WARNING\n"));
  EXPECT_FALSE(Proven());
}

TEST_P(DrillTest, TheNextDrillCleansUpAfterAKilledOne) {
  BackUp(", files: 4, command: [sh, -c, 'touch " + ws().Path("at-work") + "; exec sleep 60']");
  const auto killed = ws().StartRunner({"drill"});
  ASSERT_TRUE(Eventually([&] { return ws().Exists("at-work"); }));
  killed->Signal(SIGKILL);
  killed->Wait();
  EXPECT_FALSE(ScratchIsEmpty());
  EXPECT_THAT(ws().Runner({"healthcheck"}).out, HasSubstr("Drill was interrupted"));
  WriteConfig(", files: 4");
  const Ran drill = ws().Runner({"drill"});
  EXPECT_EQ(drill.code, 0) << drill.all();
  EXPECT_TRUE(ScratchIsEmpty());
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 0);
}

TEST_P(DrillTest, TheDaemonRunsIt) {
  BackUp();
  ws().Write("backup.yaml",
             ws().ConfigHead() + "targets:\n  photos:\n    source: " + ws().Path("photos") +
                 "\n    schedule: manual\n    drill: {schedule: {every: 1h, on_start: true}}\n");
  const auto daemon = ws().StartRunner({"daemon"});
  EXPECT_TRUE(Eventually([&] { return Proven(); })) << daemon->OutputSoFar();
  daemon->Signal(SIGTERM);
  EXPECT_EQ(daemon->Wait().code, 0);
  EXPECT_TRUE(ScratchIsEmpty());
}

TEST_P(DrillTest, ADrillIsNoStageOfARunAndNobodyHasOne) {
  BackUp();
  const Ran stage = ws().Runner({"run", "--stage", "drill"});
  EXPECT_EQ(stage.code, 2);
  EXPECT_THAT(stage.err, HasSubstr("`runner drill`"));
  ws().Write("backup.yaml",
             ws().ConfigHead() + "targets:\n  photos:\n    source: " + ws().Path("photos") + "\n");
  EXPECT_EQ(ws().Runner({"drill"}).code, 2);
  EXPECT_EQ(ws().Runner({"drill", "photos"}).code, 0);
}

RUNNER_FOR_EACH_RESTIC(DrillTest);

}  // namespace
}  // namespace runner::testing
