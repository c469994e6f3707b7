// The built program as a daemon: its start, its end, its configuration, and what it leaves when it
// is killed.
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class DaemonTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    MakeCheapRepository();
    ws().Write("photos/a.jpg", "aaa");
    Configure("");
  }

  /// A folder that is backed up at the start; `more` are further targets.
  void Configure(const std::string& more, const std::string& head = "") {
    ws().Write("backup.yaml", ws().ConfigHead() + head + "targets:\n" +
                                  "  photos:\n    source: " + ws().Path("photos") +
                                  "\n    schedule: {cron: '0 3 1 1 *', on_start: true}\n" +
                                  "    retention: {last: 2}\n" + more);
  }
  /// A stream whose command tells its process id and then hangs; `shell` comes before.
  static std::string HangingStream(const std::string& shell = "") {
    return "  hangs:\n    command: [sh, -c, \"" + shell +
           "echo $$$$ > pid; echo data; exec sleep 1000\"]\n" +
           "    filename: dump\n    schedule: {cron: '0 3 1 1 *', on_start: true}\n" +
           "    retention: {last: 2}\n";
  }

  std::string Status(const std::string& target, const std::string& stage = "backup") {
    const std::string text = ws().Read("state/targets/" + target + "/" + stage + "_status");
    return text.substr(0, text.find('\n'));
  }
  void ExpectStatus(const std::string& target, const std::string& status,
                    const std::string& stage = "backup") {
    EXPECT_TRUE(Eventually([&] { return Status(target, stage) == status; }))
        << target << " " << stage << ": " << Status(target, stage);
  }
  std::string Locks() { return ws().Restic({"list", "locks"}).out; }
  void ExpectOrderlyEnd(Background& daemon) {
    daemon.Signal(SIGTERM);
    const Ran ran = daemon.Wait();
    EXPECT_EQ(ran.code, 0) << ran.all();
    EXPECT_THAT(ran.out, HasSubstr("daemon: stopped"));
  }
};

TEST_P(DaemonTest, BacksUpAtItsStartThenForgetsAndSleeps) {
  const auto daemon = ws().StartRunner({"daemon"});
  ExpectStatus("photos", "SUCCESS");
  ExpectStatus("photos", "SUCCESS", "forget");
  EXPECT_EQ(ws().Runner({"healthcheck", "--require-daemon"}).code, 0);
  EXPECT_EQ(ws().Runner({"healthcheck", "--live"}).code, 0);
  const Ran status = ws().Runner({"status"});
  EXPECT_THAT(status.out, HasSubstr("daemon: running since"));
  ExpectOrderlyEnd(*daemon);
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 0) << "it stopped by itself";
  EXPECT_EQ(ws().Runner({"healthcheck", "--require-daemon"}).code, 1);
}

TEST_P(DaemonTest, KeepsOnlyWhatRetentionSaysOverManyStarts) {
  for (int i = 0; i < 4; ++i) {
    const std::string before = ws().Read("state/daemon.json");
    const auto daemon = ws().StartRunner({"daemon"});
    EXPECT_TRUE(Eventually([&] {
      // Of the second start on the rest is true before it has begun to listen to signals.
      return ws().Read("state/daemon.json") != before &&
             ws().Read("state/targets/photos/forget_status").starts_with("SUCCESS") &&
             ws().SnapshotIds("target:photos").size() == static_cast<std::size_t>(i == 0 ? 1 : 2);
    }));
    ExpectOrderlyEnd(*daemon);
  }
  EXPECT_EQ(ws().SnapshotIds("target:photos").size(), 2U);
}

TEST_P(DaemonTest, TermEndsARunningBackupWithoutSnapshotAndWithoutLock) {
  Configure(HangingStream());
  {
    const auto daemon = ws().StartRunner({"daemon"});
    ASSERT_TRUE(Eventually([&] { return !ws().Read("pid").empty(); }));
    ExpectOrderlyEnd(*daemon);
  }
  EXPECT_EQ(Status("hangs"), "FAILED");
  EXPECT_THAT(ws().Read("state/targets/hangs/backup_status"), HasSubstr("cause: interrupted"));
  EXPECT_THAT(ws().SnapshotIds("target:hangs"), IsEmpty());
  EXPECT_EQ(Locks(), "");
  EXPECT_NE(kill(std::stoi(ws().Read("pid")), 0), 0) << "its command still runs";
}

TEST_P(DaemonTest, ASecondSignalHurries) {
  Configure(HangingStream("trap '' INT; "), "stop_grace: 10m\n");
  const auto daemon = ws().StartRunner({"daemon"});
  ASSERT_TRUE(Eventually([&] { return !ws().Read("pid").empty(); }));
  daemon->Signal(SIGTERM);
  daemon->Signal(SIGINT);
  EXPECT_TRUE(Eventually([&] { return !daemon->Alive(); })) << "it sits out ten minutes";
  EXPECT_EQ(daemon->Wait().code, 0);
}

TEST_P(DaemonTest, OnlyOneWorksWithAStateFolder) {
  const auto daemon = ws().StartRunner({"daemon"});
  ExpectStatus("photos", "SUCCESS");
  const Ran second = ws().Runner({"daemon"});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.err, HasSubstr("already at work"));
  EXPECT_THAT(second.err, HasSubstr("process " + std::to_string(daemon->pid())));
  ExpectOrderlyEnd(*daemon);
}

TEST_P(DaemonTest, DoesNotStartWithAnInvalidConfiguration) {
  ws().Write("backup.yaml", ws().ConfigHead() + "targets: {photos: {sauce: /x}}\n");
  const Ran ran = ws().Runner({"daemon"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("sauce"));
}

TEST_P(DaemonTest, ReloadsAValidConfigurationAndKeepsTheOldOneOtherwise) {
  const auto daemon = ws().StartRunner({"daemon"});
  ExpectStatus("photos", "SUCCESS");
  ws().Write("notes/n.txt", "nnn");
  Configure("  notes: {source: " + ws().Path("notes") +
            ", schedule: {cron: '0 3 1 1 *', on_start: true}}\n");
  const Ran good = ws().Runner({"reload"});
  EXPECT_EQ(good.code, 0) << good.all();
  ExpectStatus("notes", "SUCCESS");

  Configure("  notes: {sauce: x}\n");
  const Ran bad = ws().Runner({"reload"});
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.err, HasSubstr("sauce"));
  daemon->Signal(SIGHUP);  // somebody who did not look first
  EXPECT_TRUE(Eventually(
      [&] { return ws().Read("state/daemon.json").find("config_error") != std::string::npos; }));
  EXPECT_TRUE(daemon->Alive());
  ExpectOrderlyEnd(*daemon);
}

TEST_P(DaemonTest, ReloadWithoutADaemonSaysSo) {
  const Ran ran = ws().Runner({"reload"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("no daemon is at work"));
}

TEST_P(DaemonTest, LivesOnWithoutItsPasswordAndSaysWhatIsWrong) {
  ws().Write("backup.yaml", "version: 1\ninstance: test\ntimezone: UTC\nstate_dir: " +
                                ws().Path("state") + "\nrepository: {url: " + ws().Path("repo") +
                                ", password_file: " + ws().Path("password") + "}\ntargets:\n" +
                                "  photos:\n    source: " + ws().Path("photos") +
                                "\n    schedule: {cron: '0 3 1 1 *', on_start: true}\n");
  const auto daemon = ws().StartRunner({"daemon"});
  ExpectStatus("photos", "BLOCKED");
  EXPECT_THAT(ws().Read("state/targets/photos/backup_status"), HasSubstr("password"));
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 1);
  EXPECT_TRUE(daemon->Alive());
  ws().Write("password", "correct horse\n");
  EXPECT_EQ(ws().Runner({"run"}).code, 0) << "a person repaired it meanwhile";
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 0);
  ExpectOrderlyEnd(*daemon);
}

TEST_P(DaemonTest, AfterAKillTheInterruptedRunIsDoneAgainAndNothingBlocks) {
  ws().Write("slow/restic",
             "#!/bin/sh\ncase \" $* \" in *' backup '*) echo > began; sleep 2;; esac\n" +
                 std::string("exec ") + ResticProgram(GetParam()) + " \"$@\"\n",
             0755);
  ws().Set("RESTIC_BIN", ws().Path("slow/restic"));
  {
    const auto daemon = ws().StartRunner({"daemon"});
    ASSERT_TRUE(Eventually([&] { return ws().Exists("began"); }));
    daemon->Signal(SIGKILL);
    daemon->Wait();
  }
  EXPECT_EQ(Status("photos"), "RUNNING");
  const Ran health = ws().Runner({"healthcheck"});
  EXPECT_EQ(health.code, 1);
  EXPECT_THAT(health.out, HasSubstr("interrupted"));
  ws().Set("RESTIC_BIN", ResticProgram(GetParam()));
  const auto daemon = ws().StartRunner({"daemon"});
  ExpectStatus("photos", "SUCCESS");
  EXPECT_TRUE(Eventually([&] { return ws().Runner({"healthcheck"}).code == 0; }));
  ExpectOrderlyEnd(*daemon);
  EXPECT_THAT(ws().Read("state/targets/photos/schedule"), Not(HasSubstr("running=1")));
  EXPECT_EQ(Locks(), "");
}

TEST_P(DaemonTest, ARunTypedBesideItWaitsItsTurnAndSucceeds) {
  ws().Write("notes/n.txt", "nnn");
  Configure("  notes: {source: " + ws().Path("notes") + "}\n");
  const auto daemon = ws().StartRunner({"daemon"});
  const Ran run = ws().Runner({"run", "notes"});
  EXPECT_EQ(run.code, 0) << run.all();
  ExpectStatus("photos", "SUCCESS");
  const Ran check = ws().Runner({"check"});
  EXPECT_EQ(check.code, 0) << check.all();
  ExpectOrderlyEnd(*daemon);
}

TEST_P(DaemonTest, AsProcessOneItReapsOrphansAndEndsOnTerm) {
  if (ws().Run({"unshare", "--pid", "--fork", "--mount-proc", "true"}).code != 0)
    GTEST_SKIP() << "no process namespaces here";
  ws().Write("backup.yaml",
             ws().ConfigHead() + "targets:\n  photos:\n    source: " + ws().Path("photos") +
                 "\n    schedule: {cron: '0 3 1 1 *', on_start: true}\n    hooks:\n" +
                 "      before: [[sh, -c, 'sleep 0.3 >/dev/null 2>&1 & exit 0']]\n" +
                 "      on_success: [[sh, -c, 'sleep 1; ps -eo pid,stat,comm > " +
                 ws().Path("processes") + "']]\n");
  const auto daemon = ws().Start({"unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
                                  Workspace::program(), "daemon"});
  ASSERT_TRUE(Eventually([&] { return !ws().Read("processes").empty(); }));
  EXPECT_THAT(ws().Read("processes"), HasSubstr("1 S"));
  EXPECT_THAT(ws().Read("processes"), Not(HasSubstr("defunct")));
  ExpectStatus("photos", "SUCCESS");
  std::ifstream children("/proc/" + std::to_string(daemon->pid()) + "/task/" +
                         std::to_string(daemon->pid()) + "/children");
  pid_t inner = 0;
  ASSERT_TRUE(children >> inner);
  kill(inner, SIGTERM);
  const Ran ran = daemon->Wait();
  EXPECT_EQ(ran.code, 0) << ran.all();
}

RUNNER_FOR_EACH_RESTIC(DaemonTest);

}  // namespace
}  // namespace runner::testing
