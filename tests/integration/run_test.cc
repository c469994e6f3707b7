#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RunTest : public ProgramTest {
 protected:
  /// Two folders and a stream.
  void WriteThreeTargets() {
    ws().Write("photos/a.jpg", "aaa");
    ws().Write("notes/n.txt", "nnn");
    ws().Write("backup.yaml",
               ws().ConfigHead() + "targets:\n  photos:\n    source: " + ws().Path("photos") +
                   "\n  notes:\n    source: " + ws().Path("notes") +
                   "\n  database:\n    command: [echo, dump]\n    filename: dump.sql\n");
  }
  void WriteOneTarget(const std::string& more = "") {
    if (!ws().Exists("repo")) MakeCheapRepository();
    ws().Write("photos/a.jpg", "aaa");
    ws().Write("backup.yaml", ws().ConfigHead() + "targets:\n  photos:\n    source: " +
                                  ws().Path("photos") + "\n" + more);
  }
  std::string Status(const std::string& target) {
    const std::string text = ws().Read("state/targets/" + target + "/backup_status");
    return text.substr(0, text.find('\n'));
  }
};

TEST_P(RunTest, BacksUpFoldersAndAStreamAndMarksThemHealthy) {
  WriteThreeTargets();
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  for (const char* target : {"photos", "notes", "database"}) {
    EXPECT_EQ(Status(target), "SUCCESS");
    EXPECT_EQ(ws().SnapshotIds(std::string("target:") + target).size(), 1U);
    EXPECT_TRUE(ws().Exists(std::string("state/targets/") + target + "/last_backup_success"));
  }
  const Ran snapshots = ws().Runner({"snapshots"});
  EXPECT_EQ(snapshots.code, 0) << snapshots.all();
  EXPECT_THAT(snapshots.out, HasSubstr("3 snapshots"));
  const Ran health = ws().Runner({"healthcheck"});
  EXPECT_EQ(health.code, 0) << health.all();
  EXPECT_THAT(health.out, HasSubstr("HEALTHY"));
}

TEST_P(RunTest, StoresWhatTheStreamCommandPrinted) {
  WriteThreeTargets();
  ASSERT_EQ(ws().Runner({"run", "database"}).code, 0);
  const Ran dump = ws().Restic({"dump", "--tag", "target:database", "latest", "/dump.sql"});
  EXPECT_EQ(dump.out, "dump\n") << dump.err;
}

TEST_P(RunTest, RunsOnlyTheNamedTarget) {
  WriteThreeTargets();
  ASSERT_EQ(ws().Runner({"run", "notes"}).code, 0);
  EXPECT_EQ(Status("notes"), "SUCCESS");
  EXPECT_FALSE(ws().Exists("state/targets/photos/backup_status"));
}

TEST_P(RunTest, AFailingStreamCommandLeavesNoSnapshotAndNoLock) {
  ws().Write("backup.yaml", ws().ConfigHead() +
                                "targets:\n  database:\n    command: [sh, -c, 'head -c 3000000 "
                                "/dev/zero; echo no >&2; exit 3']\n"
                                "    filename: dump.sql\n");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 1) << run.all();
  EXPECT_EQ(Status("database"), "FAILED");
  EXPECT_TRUE(ws().SnapshotIds("target:database").empty());
  EXPECT_EQ(ws().Restic({"list", "locks"}).out, "");
  EXPECT_THAT(run.out, HasSubstr("exit code 3"));
}

/// New releases of restic save a snapshot of nothing.
TEST_P(RunTest, AStreamCommandThatPrintsNothingFailsAndLeavesNoSnapshot) {
  ws().Write("backup.yaml", ws().ConfigHead() +
                                "targets:\n  database:\n    command: ['true']\n"
                                "    filename: dump.sql\n");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 1) << run.all();
  EXPECT_EQ(Status("database"), "FAILED");
  EXPECT_TRUE(ws().SnapshotIds("target:database").empty());
  EXPECT_EQ(ws().Restic({"list", "locks"}).out, "");
}

TEST_P(RunTest, AnEmptySourceIsBlockedAndSaysHowToAllowIt) {
  ws().MakeFolder("photos/lost+found");
  ws().Write("backup.yaml",
             ws().ConfigHead() + "targets:\n  photos:\n    source: " + ws().Path("photos") + "\n");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 4) << run.all();
  EXPECT_EQ(Status("photos"), "BLOCKED");
  EXPECT_THAT(run.out, HasSubstr("allow_empty"));
  EXPECT_TRUE(ws().SnapshotIds("target:photos").empty());
}

TEST_P(RunTest, AMissingSourceFails) {
  ws().Write("backup.yaml",
             ws().ConfigHead() + "targets:\n  photos:\n    source: " + ws().Path("nowhere") + "\n");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 1) << run.all();
  EXPECT_EQ(Status("photos"), "FAILED");
  EXPECT_THAT(ws().Read("state/targets/photos/backup_status"), HasSubstr("does not exist"));
}

TEST_P(RunTest, AMissingSentinelFails) {
  WriteOneTarget("    guard: {sentinel: .volume-id}\n");
  EXPECT_EQ(ws().Runner({"run"}).code, 1);
  ws().Write("photos/.volume-id", "");
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
}

TEST_P(RunTest, AFolderThatIsNoMountFailsWhereAMountIsRequired) {
  WriteOneTarget("    guard: {require_mount: true}\n");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.out, HasSubstr("not a mount point"));
}

TEST_P(RunTest, ASourceThatIsASymbolicLinkIsBackedUpByContent) {
  ws().Write("real/a.jpg", "aaa");
  std::filesystem::create_symlink(ws().Path("real"), ws().Path("link"));
  ws().Write("backup.yaml",
             ws().ConfigHead() + "targets:\n  photos:\n    source: " + ws().Path("link") + "\n");
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_THAT(ws().Restic({"ls", "latest"}).out, HasSubstr("a.jpg"));
}

TEST_P(RunTest, UnreadableFilesMakeTheRunIncompleteButKeepTheSnapshot) {
  if (geteuid() != 0)
    GTEST_SKIP() << "needs root, to run the jobs as somebody who may not read a file";
  WriteOneTarget();
  ws().Write("photos/secret", "x", 0600);
  ws().Write("backup.yaml",
             ws().ConfigHead() +
                 "run_as: {uid: 65534, gid: 65534}\ntargets:\n  photos:\n    source: " +
                 ws().Path("photos") + "\n");
  ASSERT_EQ(ws().Run({"chown", "-R", "65534:65534", ws().Path("repo")}).code, 0);
  ws().Set("TMPDIR", "");                     // this workspace is closed to them
  if (std::string(GetParam()) == "newest") {  // it may lie in a home that is closed to them, too
    std::filesystem::copy_file(ResticProgram(GetParam()), ws().Path("restic"));
    ws().Set("RESTIC_BIN", ws().Path("restic"));
  }
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 3) << run.all();
  EXPECT_EQ(Status("photos"), "WARNING");
  EXPECT_EQ(ws().SnapshotIds("target:photos").size(), 1U);
  EXPECT_THAT(run.out, HasSubstr("photos/secret"));
}

TEST_P(RunTest, SomebodyWhoIsNotRootRunsTheVariablesOfTheOldContainerAsTheyAre) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody who is not PUID either";
  ws().Write("photos/a.jpg", "aaa");
  const std::string restic =
      ResticProgram(GetParam()) == "restic" ? "/usr/bin/restic" : ResticProgram(GetParam());
  std::filesystem::copy_file(restic, ws().Path("restic"));
  ASSERT_EQ(chmod(ws().dir().c_str(), 0777), 0);
  const std::string program = "env RUNNER_CONFIG= TMPDIR=/tmp RESTIC_BIN=" + ws().Path("restic") +
                              " RESTIC_REPOSITORY=" + ws().Path("repo") +
                              " RESTIC_PASSWORD=sesame BACKUP_SOURCE_DIR=" + ws().Path("photos") +
                              " RUNNER_STATE_DIR=" + ws().Path("state") +
                              " BACKUP_TEMP_DIR=" + ws().Path("temp") + " ";
  std::filesystem::copy_file(ws().program(), ws().Path("runner"));
  const Ran run = ws().Run({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                            "sh", "-c", program + ws().Path("runner") + " run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(Status("default"), "SUCCESS");
  EXPECT_THAT(run.out, HasSubstr("jobs run as user 65534, not as 1000"));
}

TEST_P(RunTest, AWrongPasswordBlocksAndNeverCreatesARepository) {
  WriteOneTarget();
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  std::string config = ws().Read("backup.yaml");
  config.replace(config.find("correct horse"), 13, "wrong donkey");
  ws().Write("backup.yaml", config);
  std::filesystem::remove_all(ws().Path("state"));
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 4) << run.all();
  EXPECT_EQ(Status("photos"), "BLOCKED");
  EXPECT_THAT(run.out, HasSubstr("wrong password"));
  EXPECT_EQ(ws().SnapshotIds("target:photos").size(), 1U);
}

TEST_P(RunTest, AVanishedRepositoryIsAnAlarmAndIsNotCreatedAnew) {
  WriteOneTarget();
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  std::filesystem::rename(ws().Path("repo"), ws().Path("elsewhere"));
  std::filesystem::remove(
      ws().Path("state/repository/facts.json"));  // the last proof is not believed for ever
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 4) << run.all();
  EXPECT_FALSE(ws().Exists("repo"));
  EXPECT_THAT(run.out, HasSubstr("is not at"));
}

TEST_P(RunTest, AnotherRepositoryUnderTheSameUrlIsAnAlarm) {
  WriteOneTarget();
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  std::filesystem::remove_all(ws().Path("repo"));
  ASSERT_EQ(ws().Restic({"init"}).code, 0);
  std::filesystem::remove(ws().Path("state/repository/facts.json"));
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 4) << run.all();
  EXPECT_THAT(run.out, HasSubstr("this installation belongs to"));
  EXPECT_TRUE(ws().SnapshotIds("target:photos").empty());
}

TEST_P(RunTest, NeverInitialisesWhereThatIsForbidden) {
  ws().Write("photos/a.jpg", "aaa");
  ws().Write("backup.yaml", ws().ConfigHead("  init: never\n") +
                                "targets:\n  photos:\n    source: " + ws().Path("photos") + "\n");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 4) << run.all();
  EXPECT_FALSE(ws().Exists("repo/config"));
}

TEST_P(RunTest, HooksRunInOrderAndTheAfterHookAlways) {
  WriteOneTarget(
      "    hooks:\n      before: [[sh, -c, 'echo before >> ../order']]\n"
      "      after: [[sh, -c, 'echo after $$RUNNER_OUTCOME >> ../order']]\n"
      "      on_success: [[sh, -c, 'echo success $$RUNNER_TARGET >> ../order']]\n"
      "      on_failure: [[sh, -c, 'echo failure >> ../order']]\n");
  std::string config = ws().Read("backup.yaml");
  for (std::size_t at = config.find("../order"); at != std::string::npos;
       at = config.find("../order")) {
    config.replace(at, 8, ws().Path("order"));
  }
  ws().Write("backup.yaml", config);
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(ws().Read("order"), "before\nafter success\nsuccess photos\n");
  std::filesystem::remove(ws().Path("order"));
  std::filesystem::remove_all(ws().Path("photos"));
  ASSERT_EQ(ws().Runner({"run"}).code, 1);
  EXPECT_EQ(ws().Read("order"), "before\nafter failed\nfailure\n");
}

TEST_P(RunTest, ABeforeHookThatSaysNotNowSkipsTheRunWithoutFailingIt) {
  WriteOneTarget("    hooks: {before: [[sh, -c, 'exit 75']]}\n");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_TRUE(ws().SnapshotIds("target:photos").empty());
  EXPECT_THAT(run.out, HasSubstr("skipped"));
  EXPECT_FALSE(ws().Exists("state/targets/photos/backup_status"));
}

TEST_P(RunTest, AFailingBeforeHookFailsTheRun) {
  WriteOneTarget("    hooks: {before: [[sh, -c, 'echo database is gone >&2; exit 1']]}\n");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 1) << run.all();
  EXPECT_THAT(run.out, HasSubstr("database is gone"));
}

TEST_P(RunTest, AHookThatHangsIsStoppedByItsTimeout) {
  WriteOneTarget("    hooks: {before: [[sleep, '600']], timeout: 1s}\n");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 1) << run.all();
  EXPECT_THAT(run.out, HasSubstr("time limit"));
}

TEST_P(RunTest, CtrlCStopsResticCleanlyAndIsNotASuccess) {
  WriteOneTarget();
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  WriteOneTarget("    hooks: {before: [[sh, -c, 'touch started; sleep 600']]}\n");
  std::string config = ws().Read("backup.yaml");
  config.replace(config.find("touch started"), 13, "touch " + ws().Path("started"));
  ws().Write("backup.yaml", config);
  const auto running = ws().StartRunner({"run"});
  ASSERT_TRUE(Eventually([&] { return ws().Exists("started"); }));
  EXPECT_EQ(Status("photos"), "RUNNING");
  running->Signal(SIGINT);
  const Ran run = running->Wait();
  EXPECT_EQ(run.code, 130) << run.all();
  EXPECT_EQ(Status("photos"), "FAILED");
  EXPECT_EQ(ws().Restic({"list", "locks"}).out, "");
}

TEST_P(RunTest, PassesArgumentsThroughToRestic) {
  WriteOneTarget();
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  const Ran stats = ws().Runner({"restic", "--", "stats", "--json"});
  EXPECT_EQ(stats.code, 0) << stats.all();
  EXPECT_THAT(stats.out, HasSubstr("total_size"));
  EXPECT_NE(ws().Runner({"restic", "--", "no-such-command"}).code, 0);
}

TEST_P(RunTest, TwoRunsOfOneTargetDoNotOverlap) {
  WriteOneTarget(
      "    hooks: {before: [[sh, -c, 'touch STARTED; while [ ! -e GO ]; do sleep 0.05; done']]}\n");
  std::string config = ws().Read("backup.yaml");
  config.replace(config.find("STARTED"), 7, ws().Path("started"));
  config.replace(config.find("GO ]"), 2, ws().Path("go"));
  ws().Write("backup.yaml", config);
  const auto first = ws().StartRunner({"run"});
  ASSERT_TRUE(Eventually([&] { return ws().Exists("started"); }));
  const Ran second = ws().Runner({"run"});
  EXPECT_EQ(second.code, 4) << second.all();
  EXPECT_THAT(second.out, HasSubstr("another run"));
  ws().Write("go", "");
  EXPECT_EQ(first->Wait().code, 0);
  EXPECT_EQ(Status("photos"), "SUCCESS");
}

RUNNER_FOR_EACH_RESTIC(RunTest);

}  // namespace
}  // namespace runner::testing
