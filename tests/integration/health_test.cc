// Each condition of docs/formats/health.md that is unhealthy, seen by the built program: it turns
// `runner healthcheck` red within one call, and its cure turns it green.
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <filesystem>
#include <functional>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

constexpr long kDay = 24 * 3600;

class HealthTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    MakeCheapRepository();
    ws().Write("photos/a.jpg", "aaa");
    ws().Write("notes/n.txt", "nnn");
    ws().Write("backup.yaml",
               ws().ConfigHead() + "targets:\n  photos: {source: " + ws().Path("photos") +
                   ", schedule: '0 2 * * *'}\n  notes: " + "{source: " + ws().Path("notes") +
                   ", schedule: '0 2 * * *'}\n");
    const Ran run = ws().Runner({"run"});
    ASSERT_EQ(run.code, 0) << run.all();
    ExpectGreen();
  }

  static std::string Ago(long seconds) { return std::to_string(std::time(nullptr) - seconds); }
  static std::string Of(const std::string& name) { return "state/targets/photos/" + name; }
  void WriteMarker(const std::string& status, const std::string& reason, long age = 60) {
    ws().Write(Of("backup_status"), status + "\n" + Ago(age) + "\n" + reason + "\n");
  }
  void ExpectRed(const std::string& code) {
    const Ran json = ws().Runner({"healthcheck", "--json"});
    EXPECT_EQ(json.code, 1) << json.all();
    EXPECT_THAT(json.out, HasSubstr("\"code\":\"" + code + "\""));
    const Ran text = ws().Runner({"healthcheck"});
    EXPECT_EQ(text.code, 1);
    EXPECT_THAT(text.out, HasSubstr("photos: UNHEALTHY: "));
    EXPECT_THAT(text.out, HasSubstr("notes: HEALTHY: ")) << "only that target is red";
    EXPECT_THAT(text.out, HasSubstr(" - UNHEALTHY: photos: ")) << "the aggregate names it";
  }
  void ExpectGreen() {
    const Ran text = ws().Runner({"healthcheck"});
    EXPECT_EQ(text.code, 0) << text.all();
    EXPECT_THAT(text.out, HasSubstr(" - HEALTHY: "));
  }
  /// Red by what `spoil` does, green again by a good backup.
  void ExpectRedUntilABackup(const std::string& code, const std::function<void()>& spoil) {
    spoil();
    ExpectRed(code);
    const Ran run = ws().Runner({"run", "photos"});
    EXPECT_EQ(run.code, 0) << run.all();
    ExpectGreen();
  }
};

TEST_P(HealthTest, AFailureWrittenByHandIsRedWithItsReasonUntilItIsRemoved) {
  const std::string marker = ws().Read(Of("backup_status"));
  ASSERT_EQ(ws().Run({"sh", "-c",
                      "printf 'FAILED\\n%s\\nTest failure\\n' \"$(date +%s)\" > " +
                          ws().Path(Of("backup_status"))})
                .code,
            0);
  ExpectRed("failed");
  EXPECT_THAT(ws().Runner({"healthcheck"}).out, HasSubstr("Reason: Test failure"));
  fs::remove(ws().Path(Of("backup_status")));
  ExpectGreen();
}

TEST_P(HealthTest, AFailureStaysRedWhateverItsAge) {
  ExpectRedUntilABackup("failed", [this] { WriteMarker("FAILED", "no network", 400 * kDay); });
}

TEST_P(HealthTest, ABlockedJobIsRed) {
  ExpectRedUntilABackup("blocked", [this] { WriteMarker("BLOCKED", "locked"); });
}

TEST_P(HealthTest, AMarkerThatNobodyUnderstandsIsRed) {
  ExpectRedUntilABackup("unreadable_marker", [this] { WriteMarker("what is this", ""); });
}

TEST_P(HealthTest, ARunWhoseOwnerIsDeadIsRed) {
  ExpectRedUntilABackup("interrupted", [this] { WriteMarker("RUNNING", "backup is running"); });
}

TEST_P(HealthTest, ARunWithoutProgressIsRedAndOneWithProgressIsGreen) {
  const auto owner = ws().Start(
      {"flock", "-x", ws().Path(Of("lock")), "sh", "-c", "echo > locked; exec sleep 100"});
  ASSERT_TRUE(Eventually([&] { return ws().Exists("locked"); }));
  const std::string head = "RUNNING\n" + Ago(9 * 3600) + "\nbackup is running\nprogress: ";
  ws().Write(Of("backup_status"), head + Ago(60) + "\n");
  ExpectGreen();
  ws().Write(Of("backup_status"), head + Ago(5 * 3600) + "\n");
  ExpectRed("stalled");
}

TEST_P(HealthTest, IncompleteBackupsInARowAreRedAndFewerAreAWarning) {
  const auto incomplete = [this](int times) {
    WriteMarker("WARNING", "1 file could not be read");
    ws().Write(Of("facts.json"), "{\"version\": 1, \"incomplete_in_a_row\": " +
                                     std::to_string(times) + ", \"snapshots_seen\": 1}\n");
  };
  incomplete(2);
  ExpectGreen();
  ExpectRedUntilABackup("incomplete", [&] { incomplete(3); });
}

TEST_P(HealthTest, ABackupThatIsOverdueIsRed) {
  const auto last_was = [this](long age) {
    fs::remove(ws().Path(Of("facts.json")));
    ws().Write(Of("backup_status"), "SUCCESS\n" + Ago(age) + "\n\n");
    ws().Write(Of("last_backup_success"), Ago(age) + "\n");
  };
  last_was(kDay + 5 * 3600);
  ExpectGreen();
  ExpectRedUntilABackup("overdue", [&] { last_was(kDay + 7 * 3600); });
}

TEST_P(HealthTest, ATargetThatNeverSucceededIsRedAfterItsGrace) {
  const auto first_seen = [this](const std::string& time) {
    for (const char* file : {"backup_status", "last_backup_success"})
      fs::remove(ws().Path(Of(file)));
    ws().Write(Of("facts.json"), "{\"version\": 1, \"first_seen\": \"" + time + "\"}\n");
  };
  first_seen(ws().Run({"date", "-u", "+%Y-%m-%dT%H:%M:%SZ"}).out.substr(0, 20));
  ExpectGreen();
  ExpectRedUntilABackup("never_succeeded", [&] { first_seen("2026-01-01T00:00:00Z"); });
}

TEST_P(HealthTest, ASuccessInTheFutureIsRed) {
  ExpectRedUntilABackup("success_in_future", [this] {
    fs::remove(ws().Path(Of("facts.json")));
    ws().Write(Of("last_backup_success"), Ago(-2 * kDay) + "\n");
  });
}

TEST_P(HealthTest, DamagedFactsAreRed) {
  const std::string facts = ws().Read(Of("facts.json"));
  ws().Write(Of("facts.json"), "{\"version\": 1,");
  ExpectRed("state_unreadable");
  ws().Write(Of("facts.json"), facts);
  ExpectGreen();
}

TEST_P(HealthTest, AMissingSourceIsRed) {
  fs::rename(ws().Path("photos"), ws().Path("elsewhere"));
  ExpectRed("source_missing");
  fs::rename(ws().Path("elsewhere"), ws().Path("photos"));
  ExpectGreen();
}

TEST_P(HealthTest, AnUnreadableSourceIsRed) {
  fs::rename(ws().Path("photos"), ws().Path("elsewhere"));
  fs::create_directory_symlink(ws().Path("photos"), ws().Path("photos"));  // a loop
  ExpectRed("source_unreadable");
  fs::remove(ws().Path("photos"));
  fs::rename(ws().Path("elsewhere"), ws().Path("photos"));
  ExpectGreen();
}

TEST_P(HealthTest, OnlyAGoodCheckHealsAFailedCheck) {
  ws().Write("state/repository/check_status", "FAILED\n" + Ago(60) + "\npack is damaged\n");
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
  const Ran red = ws().Runner({"healthcheck"});
  EXPECT_EQ(red.code, 1);
  EXPECT_THAT(red.out, HasSubstr("pack is damaged"));
  EXPECT_EQ(ws().Runner({"check"}).code, 0);
  ExpectGreen();
}

TEST_P(HealthTest, ADaemonThatIsDeadOrStuckIsRed) {
  {
    const auto daemon = ws().StartRunner({"daemon"});
    ASSERT_TRUE(Eventually(
        [&] { return ws().Read("state/daemon.json").find("next_wakeup") != std::string::npos; }));
    EXPECT_EQ(ws().Runner({"healthcheck", "--live"}).code, 0);
    const std::string facts = ws().Read("state/daemon.json");
    std::string stuck = facts;
    stuck.replace(stuck.find("next_wakeup\": \"") + 15, 4, "2020");
    ws().Write("state/daemon.json", stuck);
    EXPECT_THAT(ws().Runner({"healthcheck", "--json"}).out, HasSubstr("\"code\":\"daemon_stuck\""));
    EXPECT_EQ(ws().Runner({"healthcheck", "--live"}).code, 1);
    ws().Write("state/daemon.json", facts);
    ExpectGreen();
    daemon->Signal(SIGKILL);
    daemon->Wait();
  }
  const Ran dead = ws().Runner({"healthcheck", "--json"});
  EXPECT_EQ(dead.code, 1);
  EXPECT_THAT(dead.out, HasSubstr("\"code\":\"daemon_not_running\""));
  const auto daemon = ws().StartRunner({"daemon"});
  EXPECT_TRUE(Eventually([&] { return ws().Runner({"healthcheck"}).code == 0; }));
  daemon->Signal(SIGTERM);
  EXPECT_EQ(daemon->Wait().code, 0);
}

TEST_P(HealthTest, NothingElseIsRed) {
  WriteMarker("WARNING", "some files could not be read");
  ExpectGreen();
  ws().Write(Of("forget_status"), "WARNING\n" + Ago(60) + "\nsuspended\n");
  ExpectGreen();
  ws().Write("state/targets/gone/backup_status", "FAILED\n1\nof a target that is not configured\n");
  ExpectGreen();
  fs::remove_all(ws().Path("state"));
  ExpectGreen();
  std::string config = ws().Read("backup.yaml");
  config.replace(config.find("photos: {"), 9, "photos: {enabled: false, ");
  ws().Write("backup.yaml", config);
  WriteMarker("FAILED", "disabled");
  ExpectGreen();
}

/// What restic complains of, and the warning about it.
class ResticErrorsTest : public HealthTest {
 protected:
  /// restic runs as somebody who may not read photos/secret. False: here that cannot be done.
  bool LockASecretAway() {
    if (geteuid() != 0) return false;
    ws().Write("photos/secret", "x", 0600);
    ws().Write("backup.yaml", ws().Read("backup.yaml") + "run_as: {uid: 65534, gid: 65534}\n");
    for (const char* folder : {"repo", "state/cache"})
      EXPECT_EQ(ws().Run({"chown", "-R", "65534:65534", ws().Path(folder)}).code, 0);
    ws().Set("TMPDIR", "");                     // this workspace is closed to them
    if (std::string(GetParam()) == "newest") {  // it may lie in a home that is closed to them, too
      fs::copy_file(ResticProgram(GetParam()), ws().Path("restic"));
      ws().Set("RESTIC_BIN", ws().Path("restic"));
    }
    return true;
  }
  void DamageAPack() {
    std::string pack;
    for (const auto& entry : fs::recursive_directory_iterator(ws().Path("repo/data")))
      if (entry.is_regular_file()) pack = entry.path();
    fs::permissions(pack, fs::perms::owner_write, fs::perm_options::add);
    fs::resize_file(pack, fs::file_size(pack) - 1);
  }
};

TEST_P(ResticErrorsTest, AreAWarningOfTheTargetForADay) {
  EXPECT_FALSE(ws().Exists(Of("restic_errors"))) << "good runs leave none";
  EXPECT_FALSE(ws().Exists("state/repository/restic_errors"));
  if (!LockASecretAway()) GTEST_SKIP() << "needs root, to run restic as somebody else";
  EXPECT_EQ(ws().Runner({"run", "photos"}).code, 3);
  EXPECT_THAT(ws().Read(Of("restic_errors")),
              HasSubstr("cannot read " + ws().Path("photos/secret")));
  ExpectGreen();
  const Ran health = ws().Runner({"healthcheck"});
  EXPECT_THAT(health.out, ContainsRegex("photos: HEALTHY: .*warning: restic complained in the last "
                                        "24 h \\([0-9]+ lines? of backup, the newest .* ago\\): "));
  EXPECT_THAT(ws().Runner({"healthcheck", "--json"}).out, HasSubstr("\"code\":\"restic_errors\""));
  EXPECT_THAT(ws().Runner({"explain", "photos"}).out, HasSubstr("photos/secret"));

  fs::remove(ws().Path("photos/secret"));
  EXPECT_EQ(ws().Runner({"run", "photos"}).code, 0);
  EXPECT_THAT(ws().Runner({"healthcheck"}).out, HasSubstr("restic complained"))
      << "a success does not hide them";
  ws().Write(Of("restic_errors"),
             "runner restic_errors 1\n" + Ago(kDay + 1) + " backup cannot read it\n");
  EXPECT_THAT(ws().Runner({"healthcheck"}).out, Not(HasSubstr("restic complained")));
}

TEST_P(ResticErrorsTest, OfACheckAreAWarningOfTheRepository) {
  DamageAPack();
  EXPECT_EQ(ws().Runner({"check"}).code, 1);
  const Ran health = ws().Runner({"healthcheck"});
  EXPECT_THAT(health.out, HasSubstr("repository: UNHEALTHY: Check failed"));
  EXPECT_THAT(health.out, HasSubstr("warning: restic complained in the last 24 h ("));
  EXPECT_THAT(ws().Runner({"explain", "check"}).out, HasSubstr("restic said  "));
}

TEST_P(ResticErrorsTest, InADamagedFileAreAWarningAndStopNoBackup) {
  ws().Write(Of("restic_errors"), std::string("\0rubbish", 8));
  ExpectGreen();
  EXPECT_THAT(ws().Runner({"healthcheck"}).out, HasSubstr("restic_errors is damaged: "));
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
}

RUNNER_FOR_EACH_RESTIC(ResticErrorsTest);

// The healthcheck starts no restic: one release to make the snapshots is enough.
INSTANTIATE_TEST_SUITE_P(Restic, HealthTest, ::testing::Values("system"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace runner::testing
