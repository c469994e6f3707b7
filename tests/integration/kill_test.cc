// kill -9 of the runner at every step of a backup, then a new run: no marker that lies, no snapshot
// lost, no lock that blocks for ever.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <filesystem>
#include <set>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;

namespace fs = std::filesystem;

/// Calls the real restic and kills the runner (its parent) before or after the call of that number.
constexpr const char* kKillingRestic = R"(#!/bin/sh
n=$(($(cat "$CALLS" 2>/dev/null || echo 0) + 1))
echo $n > "$CALLS"
[ "$n" = "$KILL_BEFORE" ] && kill -9 $PPID
[ "$n" = "$KILL_AFTER" ] || exec "$REAL_RESTIC" "$@"
"$REAL_RESTIC" "$@"
kill -9 $PPID
)";

class KillTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    MakeCheapRepository();
    ws().Write("photos/a.jpg", "aaa");
    Configure("{last: 1000}");
    ws().Write("killing-restic", kKillingRestic, 0755);
    ws().Set("REAL_RESTIC", ResticProgram(GetParam()));
    ws().Set("CALLS", ws().Path("calls"));
  }

  void Configure(const std::string& retention) {
    ws().Write(
        "backup.yaml",
        ws().ConfigHead() + "max_parallel: 1\ndefaults: {retention: " + retention +
            "}\ntargets:\n  photos:\n    source: " + ws().Path("photos") +
            "\n    hooks: {before: [['true']], after: [['true']], on_success: [['true']]}\n" +
            "  stream:\n    command: [echo, dump]\n    filename: dump.sql\n");
  }

  std::string Status(const std::string& target) {
    const std::string text = ws().Read("state/targets/" + target + "/backup_status");
    return text.substr(0, text.find('\n'));
  }

  /// Ids, and what they were before a tag was added: quarantine rewrites a snapshot under a new id.
  std::set<std::string> AllSnapshots() {
    std::set<std::string> ids;
    if (!ws().Exists("repo/config")) return ids;
    for (const char* target : {"target:photos", "target:stream"}) {
      for (const std::string& id : ws().SnapshotIds(target)) ids.insert(id);
      for (const std::string& id : ws().OriginalIds(target)) ids.insert(id);
    }
    return ids;
  }

  /// What the marker calls a success is in the repository.
  void ExpectNoLie() {
    const std::set<std::string> ids = AllSnapshots();
    for (const char* target : {"photos", "stream"}) {
      if (Status(target) != "SUCCESS") continue;
      const std::string marker =
          ws().Read(std::string("state/targets/") + target + "/backup_status");
      const std::size_t at = marker.find("snapshot: ");
      ASSERT_NE(at, std::string::npos) << marker;
      EXPECT_TRUE(ids.contains(marker.substr(at + 10, 64))) << marker;
    }
  }

  void ExpectGoodRunAfterwards(const std::set<std::string>& before) {
    ws().Set("RESTIC_BIN", ResticProgram(GetParam()));
    const Ran run = ws().Runner({"run"});
    EXPECT_EQ(run.code, 0) << run.all();
    EXPECT_EQ(Status("photos"), "SUCCESS");
    EXPECT_EQ(Status("stream"), "SUCCESS");
    ExpectNoLie();
    const std::set<std::string> after = AllSnapshots();
    for (const std::string& id : before) EXPECT_TRUE(after.contains(id)) << id << run.out;
    ExpectLocksGo();
  }

  /// 0.14 leaves its lock if it is interrupted in its first moments, and the orphan of a killed
  /// runner may outlive the next run: a later run removes the lock, with proof.
  void ExpectLocksGo() {
    EXPECT_TRUE(Eventually([&] {
      if (ws().Restic({"list", "locks"}).out.empty()) return true;
      ws().Runner({"run", "photos"});
      return false;
    }));
  }
};

TEST_P(KillTest, BeforeAndAfterEachCallOfRestic) {
  for (const char* when : {"KILL_BEFORE", "KILL_AFTER"}) {
    for (int call = 1; call < 20; ++call) {
      SCOPED_TRACE(std::string(when) + " " + std::to_string(call));
      fs::remove(ws().Path("calls"));
      fs::remove(
          ws().Path("state/repository/facts.json"));  // so that the repository is opened anew
      const std::set<std::string> before = AllSnapshots();
      ws().Set("RESTIC_BIN", ws().Path("killing-restic"));
      ws().Set(when, std::to_string(call));
      const Ran run = ws().Runner({"run"});
      ws().Set(when, "");
      if (run.signal == 0) {
        EXPECT_GT(call, 3) << "hardly any call was hit: " << run.all();
        break;
      }
      EXPECT_EQ(run.signal, SIGKILL);
      ExpectNoLie();
      ExpectGoodRunAfterwards(before);
      if (HasFailure()) return;
    }
  }
}

TEST_P(KillTest, WhileOldSnapshotsAreForgotten) {
  Configure("{last: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0}");
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  for (const char* when : {"KILL_BEFORE", "KILL_AFTER"}) {
    for (int call = 1; call < 20; ++call) {
      SCOPED_TRACE(std::string(when) + " " + std::to_string(call));
      fs::remove(ws().Path("calls"));
      ws().Set("RESTIC_BIN", ws().Path("killing-restic"));
      ws().Set(when, std::to_string(call));
      const Ran run = ws().Runner({"run"});
      ws().Set(when, "");
      ExpectNoLie();
      for (const char* target : {"target:photos", "target:stream"})
        EXPECT_GE(ws().SnapshotIds(target).size(), 1U) << target;
      if (run.signal == 0) {
        EXPECT_GT(call, 5) << "hardly any call was hit: " << run.all();
        break;
      }
      ExpectGoodRunAfterwards({});
      EXPECT_EQ(ws().SnapshotIds("target:photos").size(), 1U);
      if (HasFailure()) return;
    }
  }
}

TEST_P(KillTest, AroundTheCreationOfTheRepository) {
  for (const char* when : {"KILL_BEFORE", "KILL_AFTER"}) {
    for (const int call : {3, 4}) {  // version, cat config, cat config alone behind the gate, init
      SCOPED_TRACE(std::string(when) + " " + std::to_string(call));
      for (const char* trace : {"repo", "state", "calls"}) fs::remove_all(ws().Path(trace));
      ws().Set("RESTIC_BIN", ws().Path("killing-restic"));
      ws().Set(when, std::to_string(call));
      EXPECT_EQ(ws().Runner({"run"}).signal, SIGKILL);
      ws().Set(when, "");
      ExpectNoLie();
      ExpectGoodRunAfterwards({});
      if (HasFailure()) return;
    }
  }
}

/// Every durable write of a run ends in fsync and rename; the runner is killed inside each of them.
TEST_P(KillTest, InsideEachDurableWrite) {
  const Ran probe = ws().Run({"strace", "-qq", "-o", "/dev/null", "true"});
  if (probe.code != 0) GTEST_SKIP() << "strace cannot trace here: " << probe.err;
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  for (const std::string call : {"renameat", "fsync"}) {
    int kills = 0;
    for (int number = 1; number < 60; ++number) {
      SCOPED_TRACE(call + " " + std::to_string(number));
      const std::set<std::string> before = AllSnapshots();
      const auto running =
          ws().StartTraced({"strace", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                            "inject=" + call + ":signal=SIGKILL:when=" + std::to_string(number)},
                           {"run"});
      const Ran run = running->Wait();
      if (run.signal == 0 && run.code == 0) break;
      ++kills;
      ExpectNoLie();
      // Every fifth place gets the whole check; the state accumulates over the others on purpose.
      if (number % 5 == 0) ExpectGoodRunAfterwards(before);
      if (HasFailure()) return;
    }
    EXPECT_GT(kills, 5);
    ExpectGoodRunAfterwards(AllSnapshots());
  }
}

TEST_P(KillTest, InTheMiddleOfAStreamLeavesNothingThatPassesForGood) {
  const std::string good = ws().Read("backup.yaml");
  std::string endless = good;
  const std::string command = "[sh, -c, 'head -c 2000000 /dev/urandom; touch " +
                              ws().Path("started") + "; exec sleep 600']";
  endless.replace(endless.find("[echo, dump]"), 12, command);
  ws().Write("backup.yaml", endless);
  const auto running = ws().StartRunner({"run", "stream"});
  ASSERT_TRUE(Eventually([&] { return ws().Exists("started"); }));
  ASSERT_TRUE(Eventually([&] { return !fs::is_empty(ws().Path("state/repository/children")); }));
  running->Signal(SIGKILL);
  EXPECT_EQ(running->Wait().signal, SIGKILL);
  EXPECT_EQ(Status("stream"), "RUNNING");
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 1);

  ws().Write("backup.yaml", good);
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  const std::size_t all = ws().SnapshotIds("target:stream").size();
  const std::size_t quarantined = ws().SnapshotIds("target:stream,quarantine").size();
  EXPECT_EQ(all - quarantined, 1U) << run.out;
  EXPECT_EQ(Status("stream"), "SUCCESS");
  ExpectLocksGo();
}

class DeadLockTest : public KillTest {
 protected:
  void SetUp() override {
    KillTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_EQ(ws().Runner({"run"}).code, 0);
  }

  /// A whole one: restic writes a file under another name first.
  bool HasLock() {
    constexpr std::size_t kIdLength = 64;
    for (const auto& entry : fs::directory_iterator(ws().Path("repo/locks"))) {
      if (entry.path().filename().string().size() == kIdLength) return true;
    }
    return false;
  }

  /// An exclusive lock whose owner is dead; returns its process id.
  pid_t LeaveExclusiveLock() {
    const auto check =
        ws().Start({"env", "RESTIC_PASSWORD=correct horse", ResticProgram(GetParam()), "--repo",
                    ws().Path("repo"), "--no-cache", "check", "--read-data"});
    const pid_t pid = check->pid();
    EXPECT_TRUE(Eventually([&] { return HasLock(); }));
    check->Signal(SIGKILL);
    check->Wait();
    EXPECT_FALSE(fs::is_empty(ws().Path("repo/locks")));
    return pid;
  }
};

TEST_P(DeadLockTest, OfOurOwnDeadChildIsRemovedAndTheBackupRuns) {
  const pid_t pid = LeaveExclusiveLock();
  ws().Write("state/repository/children/" + std::to_string(pid),
             "started: " + std::to_string(std::time(nullptr) - 60) + "\nbirth: gone/1\n");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(ws().Restic({"list", "locks"}).out, "");
}

TEST_P(DeadLockTest, OfSomebodyElseIsRespectedAndNamed) {
  const pid_t pid = LeaveExclusiveLock();
  std::string config = ws().Read("backup.yaml");
  config.replace(config.find("  password:"), 0, "  retry_lock: 1s\n");
  ws().Write("backup.yaml", config);
  const Ran run = ws().Runner({"run", "photos"});
  EXPECT_EQ(run.code, 4) << run.all();
  EXPECT_EQ(Status("photos"), "BLOCKED");
  EXPECT_THAT(run.out, HasSubstr(std::to_string(pid)));
  EXPECT_FALSE(fs::is_empty(ws().Path("repo/locks")));
}

TEST_P(DeadLockTest, OfALivingProcessIsWaitedFor) {
  const auto check =
      ws().Start({"env", "RESTIC_PASSWORD=correct horse", ResticProgram(GetParam()), "--repo",
                  ws().Path("repo"), "--no-cache", "check", "--read-data"});
  ASSERT_TRUE(Eventually([&] { return HasLock(); }));
  check->Signal(SIGSTOP);
  const auto running = ws().StartRunner({"run", "photos"});
  const bool old = std::string(GetParam()) == "system";
  EXPECT_TRUE(Eventually([&] {
    return old ? running->OutputSoFar().find("waiting up to 5m") != std::string::npos
               : !fs::is_empty(ws().Path("state/repository/children"));
  }));
  check->Signal(SIGCONT);
  EXPECT_EQ(check->Wait().code, 0);
  const Ran run = running->Wait();
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(Status("photos"), "SUCCESS");
}

RUNNER_FOR_EACH_RESTIC(KillTest);
RUNNER_FOR_EACH_RESTIC(DeadLockTest);

}  // namespace
}  // namespace runner::testing
