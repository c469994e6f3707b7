// Sources that lost their data, on real file systems with the real restic.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include "tests/integration/program_test.h"
#include "tests/support/rest_server.h"
#include "tests/support/tcp_relay.h"

namespace runner::testing {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class RestoreTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    MakeCheapRepository();
    ws().Write("photos/a.jpg", "aaa");
    ws().Write("photos/sub/b.jpg", std::string(300'000, 'b'));
    ws().Write("photos/sub/private", "secret", 0600);
    ws().Write("photos/with\nnewline", "n");
    ws().Write("photos/\xFF\xFE", "no UTF-8");
    fs::create_symlink("a.jpg", ws().Path("photos/link"));
    ASSERT_EQ(mkfifo(ws().Path("photos/fifo").c_str(), 0640), 0);
    ASSERT_EQ(chmod(ws().Path("photos").c_str(), 02750), 0);
    if (geteuid() == 0) {
      ASSERT_EQ(chown(ws().Path("photos/sub").c_str(), 42, 43), 0);
      ASSERT_EQ(chown(ws().Path("photos").c_str(), 44, 45), 0);
    }
    ws().Run({"touch", "-d", "2020-02-03 04:05:06.789", ws().Path("photos")});
    Configure("{enabled: true}");
  }

  void Configure(const std::string& rule, const std::string& more = "") {
    ws().Write("backup.yaml",
               ws().ConfigHead() + "targets:\n  photos:\n    source: " + ws().Path("photos") +
                   "\n    restore_if_empty: " + rule + "\n    retention: {last: 1000}\n" + more);
  }
  /// Type, mode, owner, size, time and name of everything in it, itself included.
  std::string Everything(const std::string& folder) {
    return ws()
        .Run(
            {"sh", "-c",
             "cd \"$1\" && find . -name lost+found -prune -o "
             "\\( -type d -printf '%y %m %U:%G %T@ %P\\0' -o -printf '%y %m %U:%G %s %T@ %P %l\\0' "
             "\\) | LC_ALL=C sort -z | tr '\\0' '\\n'; find . -type f -print0 | LC_ALL=C sort -z "
             "| xargs -0 sha256sum",
             "sh", ws().Path(folder)})
        .out;
  }
  void Empty(const std::string& folder) {
    for (const auto& entry : fs::directory_iterator(ws().Path(folder))) fs::remove_all(entry);
  }
  /// A new machine with an empty volume: the state is gone as well. Returns what was there.
  std::string LoseEverything() {
    EXPECT_EQ(ws().Runner({"run"}).code, 0);
    std::string before = Everything("photos");
    fs::remove_all(ws().Path("state"));
    Empty("photos");
    EXPECT_EQ(chmod(ws().Path("photos").c_str(), 0755), 0);
    return before;
  }
  std::string Marker(const std::string& stage) {
    return ws().Read("state/targets/photos/" + stage + "_status");
  }
  std::size_t Entries(const std::string& folder) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(ws().Path(folder)), fs::directory_iterator()));
  }
  std::size_t Snapshots() { return ws().SnapshotIds("target:photos").size(); }
};

TEST_P(RestoreTest, BringsBackEverythingOnANewMachineAndGoesOnBackingUp) {
  const std::string before = LoseEverything();
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(Everything("photos"), before);
  EXPECT_THAT(Marker("restore"), HasSubstr("SUCCESS\n"));
  EXPECT_THAT(Marker("backup"), HasSubstr("SUCCESS\n"));
  EXPECT_EQ(Snapshots(), 2U);
}

TEST_P(RestoreTest, NeverDoesSoAgainByItself) {
  LoseEverything();
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  Empty("photos");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 4) << run.all();
  EXPECT_EQ(Entries("photos"), 0U);
  EXPECT_THAT(Marker("restore"), AllOf(HasSubstr("BLOCKED"), HasSubstr("runner restore photos")));
  EXPECT_EQ(Snapshots(), 2U) << "an emptied source is never backed up";
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 1);
  EXPECT_EQ(ws().Runner({"restore", "photos"}).code, 0);
  EXPECT_TRUE(ws().Exists("photos/a.jpg"));
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 0);
}

TEST_P(RestoreTest, RestoresIntoAVolumeWithLostAndFoundAndThroughALink) {
  const std::string before = LoseEverything();
  fs::rename(ws().Path("photos"), ws().Path("volume"));
  fs::create_directory_symlink(ws().Path("volume"), ws().Path("photos"));
  ws().MakeFolder("volume/lost+found");
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(Everything("volume"), before);
  EXPECT_TRUE(fs::is_symlink(ws().Path("photos")));
}

TEST_P(RestoreTest, FollowsASourceThatMoved) {
  const std::string before = LoseEverything();
  fs::remove(ws().Path("photos"));
  ws().MakeFolder("elsewhere");
  std::string config = ws().Read("backup.yaml");
  config.replace(config.find(ws().Path("photos")), ws().Path("photos").size(),
                 ws().Path("elsewhere"));
  ws().Write("backup.yaml", config);
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(Everything("elsewhere"), before);
}

TEST_P(RestoreTest, DoesNotNestASnapshotOfAFoldersContent) {
  const std::string content = ws().Path("photos");
  const Ran made = ws().Run({"sh", "-c",
                             "cd \"$1\" && RESTIC_PASSWORD='correct horse' \"$2\" --repo \"$3\" "
                             "--no-cache backup --host test --tag target:photos .",
                             "sh", content, ResticProgram(GetParam()), ws().Path("repo")});
  ASSERT_EQ(made.code, 0) << made.all();
  Empty("photos");
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(ws().Read("photos/a.jpg"), "aaa");
  EXPECT_TRUE(ws().Exists("photos/sub/b.jpg"));
}

TEST_P(RestoreTest, TellsANewTargetFromOneWhoseSnapshotsCannotBeSeen) {
  Empty("photos");
  EXPECT_EQ(ws().Runner({"run", "--stage", "restore"}).code, 0) << "proven none: a new target";
  EXPECT_THAT(Marker("restore"), HasSubstr("a new target"));
  fs::remove_all(ws().Path("state"));
  // What restic does if a storage forgets its listing: an empty list, a word, and exit code 0.
  ws().Write(
      "forgetful-restic",
      "#!/bin/sh\ncase \"$*\" in *' snapshots '*|'snapshots '*) echo '[]'; echo 'unable to list: "
      "404' >&2; exit 0 ;; esac\nexec \"" +
          ResticProgram(GetParam()) + "\" \"$@\"\n",
      0755);
  ws().Set("RESTIC_BIN", ws().Path("forgetful-restic"));
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 4) << run.all();
  EXPECT_THAT(Marker("restore"), HasSubstr("BLOCKED"));
  EXPECT_EQ(Entries("photos"), 0U);
}

TEST_P(RestoreTest, DemandsASnapshotWhereToldTo) {
  Empty("photos");
  Configure("{enabled: true, on_missing: fail}");
  EXPECT_EQ(ws().Runner({"run", "--stage", "restore"}).code, 1);
  EXPECT_THAT(Marker("restore"), HasSubstr("FAILED"));
}

TEST_P(RestoreTest, LeavesAnOldSnapshotToAPerson) {
  ASSERT_EQ(ws().Restic({"backup", "--host", "test", "--tag", "target:photos", "--time",
                         "2024-01-01 00:00:00", ws().Path("photos")})
                .code,
            0);
  Empty("photos");
  Configure("{enabled: true, max_age: 30d}");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 4) << run.all();
  EXPECT_EQ(Entries("photos"), 0U);
  EXPECT_THAT(Marker("restore"), HasSubstr("max_age"));
}

TEST_P(RestoreTest, TakesNeitherQuarantinedNorFutureNorForeignSnapshots) {
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  const std::string before = Everything("photos");
  ws().Write("photos/a.jpg", "bad");
  for (const std::vector<std::string>& as :
       {std::vector<std::string>{"--host", "test", "--tag", "target:photos", "--tag", "quarantine"},
        {"--host", "test", "--tag", "target:photos", "--time", "2099-01-01 00:00:00"},
        {"--host", "other", "--tag", "target:photos"},
        {"--host", "test", "--tag", "target:music"}}) {
    std::vector<std::string> arguments = {"backup"};
    arguments.insert(arguments.end(), as.begin(), as.end());
    arguments.push_back(ws().Path("photos"));
    ASSERT_EQ(ws().Restic(arguments).code, 0);
  }
  fs::remove_all(ws().Path("state"));
  Empty("photos");
  const Ran run = ws().Runner({"run", "--stage", "restore"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(Everything("photos"), before);
}

/// An application that did not wait.
TEST_P(RestoreTest, NeverReplacesWhatAppearedMeanwhile) {
  LoseEverything();
  ws().Write("busy-restic",
             "#!/bin/sh\ncase \"$*\" in *' restore '*|'restore '*) echo precious > \"" +
                 ws().Path("photos/app.db") + "\" ;; esac\nexec \"" + ResticProgram(GetParam()) +
                 "\" \"$@\"\n",
             0755);
  ws().Set("RESTIC_BIN", ws().Path("busy-restic"));
  const Ran run = ws().Runner({"run", "--stage", "restore"});
  EXPECT_EQ(run.code, 4) << run.all();
  EXPECT_EQ(ws().Read("photos/app.db"), "precious\n");
  EXPECT_EQ(Entries("photos"), 1U);
  EXPECT_THAT(Marker("restore"), HasSubstr("app.db"));
  ws().Set("RESTIC_BIN", ResticProgram(GetParam()));
  const Ran later = ws().Runner({"run"});
  EXPECT_EQ(later.code, 4) << "one file is not the new truth: " << later.all();
  EXPECT_THAT(Marker("backup"), AllOf(HasSubstr("BLOCKED"), HasSubstr("runner ack photos")));
  EXPECT_EQ(Snapshots(), 1U);
  EXPECT_EQ(ws().Runner({"restore", "photos", "--force"}).code, 0);
  EXPECT_EQ(ws().Read("photos/app.db"), "precious\n");
  EXPECT_EQ(ws().Read("photos/a.jpg"), "aaa");
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
}

TEST_P(RestoreTest, APersonMayKeepWhatAppearedInsteadOfARestore) {
  LoseEverything();
  ws().Write(
      "dying-restic",
      "#!/bin/sh\ncase \"$*\" in *' restore '*|'restore '*) echo 'Fatal: connection refused' "
      ">&2; exit 1 ;; esac\nexec \"" +
          ResticProgram(GetParam()) + "\" \"$@\"\n",
      0755);
  ws().Set("RESTIC_BIN", ws().Path("dying-restic"));
  EXPECT_EQ(ws().Runner({"run"}).code, 1);
  EXPECT_EQ(Entries("photos"), 0U);
  ws().Set("RESTIC_BIN", ResticProgram(GetParam()));
  ws().Write("photos/app.db", "fresh");
  EXPECT_EQ(ws().Runner({"run"}).code, 4);
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 1);
  const Ran ack = ws().Runner({"ack", "photos"});
  EXPECT_EQ(ack.code, 0) << ack.all();
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 0);
  EXPECT_EQ(Entries("photos"), 1U);
  EXPECT_EQ(Snapshots(), 2U);
}

/// Debian's restic gives up by itself; newer ones try for a quarter of an hour, which is longer
/// than the patience of whoever looks on.
TEST_P(RestoreTest, LeavesNothingBehindIfTheServerDiesInTheMiddle) {
  std::string noise(20'000'000, '\0');
  std::mt19937 random(20'261'123);
  std::ranges::generate(noise, [&] { return static_cast<char>(random()); });
  ws().Write("photos/large", noise);
  const std::string before = LoseEverything();
  const RestServer server(ws(), "repo");
  TcpRelay relay(server.port());
  std::string config = ws().Read("backup.yaml");
  config.replace(config.find("url: " + ws().Path("repo")), 5 + ws().Path("repo").size(),
                 "url: " + RestServer::Url(relay.port()));
  ws().Write("backup.yaml", config);
  relay.CutAfter(8'000'000);
  const auto running = ws().StartRunner({"run"});
  ASSERT_TRUE(Eventually([&] { return relay.IsCut(); })) << running->OutputSoFar();
  const bool gives_up = std::string(GetParam()) == "system";
  if (!gives_up) running->Signal(SIGINT);
  const Ran run = running->Wait();
  EXPECT_EQ(run.code, gives_up ? 1 : 130) << run.all();
  EXPECT_EQ(Entries("photos"), 0U);
  EXPECT_EQ(Snapshots(), 1U);
  relay.Mend();
  const Ran again = ws().Runner({"run"});
  EXPECT_EQ(again.code, 0) << again.all();
  EXPECT_EQ(Everything("photos"), before);
}

/// kill -9 at random moments: a later backup sees the whole snapshot or is blocked.
TEST_P(RestoreTest, KilledAtRandomItFinishesOrStartsOver) {
  const bool thorough = std::getenv("RUNNER_TEST_LONG") != nullptr;
  const std::string before = LoseEverything();
  const auto began = std::chrono::steady_clock::now();
  ASSERT_EQ(ws().Runner({"run", "--stage", "restore"}).code, 0);
  const std::chrono::duration<double> undisturbed = std::chrono::steady_clock::now() - began;
  fs::remove_all(ws().Path("state"));
  Empty("photos");
  std::mt19937 random(20'261'123);
  std::uniform_real_distribution<double> part(0, 1);
  int killed = 0;
  for (int round = 0; round < (thorough ? 100 : 12); ++round) {
    SCOPED_TRACE(round);
    const auto running = ws().StartRunner({"run", "--stage", "restore"});
    std::this_thread::sleep_for(undisturbed * part(random));
    running->Signal(SIGKILL);
    if (running->Wait().signal == SIGKILL) ++killed;
    // What restic left of itself ends by its own death signal.
    ASSERT_TRUE(Eventually([&] { return ws().Runner({"run", "--stage", "backup"}).code != 1; }));
    const bool staged = ws().Exists("photos/.runner-restore-data");
    if (!staged && Entries("photos") > 0) {
      EXPECT_EQ(Everything("photos"), before);
    }
    if (staged) {
      EXPECT_THAT(Marker("backup"), HasSubstr("BLOCKED"));
    }
    const Ran next = ws().Runner({"run", "--stage", "restore"});
    EXPECT_EQ(next.code, 0) << next.all();
    EXPECT_EQ(Everything("photos"), before);
    if (HasFailure()) return;
    fs::remove_all(ws().Path("state"));
    Empty("photos");
  }
  EXPECT_GT(killed, 0);
}

TEST_P(RestoreTest, LetsAnApplicationStartWhenItsDataIsThere) {
  LoseEverything();
  const Ran early = ws().Runner({"wait-restored", "--timeout", "1s"});
  EXPECT_EQ(early.code, 1) << early.all();
  EXPECT_THAT(early.err, HasSubstr("photos: waiting: the source is empty"));
  const auto waiting = ws().StartRunner({"wait-restored", "photos"});
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(waiting->Wait().code, 0);
  EXPECT_EQ(ws().Runner({"wait-restored"}).code, 0);
  // A new empty volume behind an old state.
  Empty("photos");
  EXPECT_EQ(ws().Runner({"wait-restored", "--timeout", "1s"}).code, 1);
  const auto stopped = ws().StartRunner({"wait-restored"});
  EXPECT_TRUE(Eventually([&] { return !stopped->OutputSoFar().empty(); }));
  stopped->Signal(SIGTERM);
  EXPECT_EQ(stopped->Wait().code, 130);
}

TEST_P(RestoreTest, OnRequestGoesElsewhereByTimeByIdAndInPart) {
  ASSERT_EQ(ws().Restic({"backup", "--host", "test", "--tag", "target:photos", "--time",
                         "2024-01-01 00:00:00", ws().Path("photos")})
                .code,
            0);
  const std::string before = Everything("photos");
  ws().Write("photos/a.jpg", "newer");
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  const Ran dry = ws().Runner({"restore", "photos", "--to", ws().Path("dry"), "--dry-run"});
  EXPECT_EQ(dry.code, 0) << dry.all();
  EXPECT_FALSE(ws().Exists("dry"));
  EXPECT_EQ(ws().Runner({"restore", "photos", "--to", ws().Path("now")}).code, 0);
  EXPECT_EQ(ws().Read("now/a.jpg"), "newer");
  EXPECT_EQ(ws().Runner({"restore", "photos", "--to", ws().Path("then"), "--at",
                         "2024-06-01T00:00:00Z", "--verify"})
                .code,
            0);
  EXPECT_EQ(Everything("then"), before);
  const std::string id = ws().SnapshotIds("target:photos").front();
  EXPECT_EQ(ws().Runner({"restore", "photos", "--to", ws().Path("part"), "--snapshot",
                         id.substr(0, 10), "--include", "b.jpg"})
                .code,
            0);
  EXPECT_EQ(ws().Read("part/sub/b.jpg").size(), 300'000U);
  EXPECT_FALSE(ws().Exists("part/a.jpg"));
  EXPECT_EQ(ws().Runner({"restore", "photos", "--to", ws().Path("x"), "--snapshot", "zzz"}).code,
            1);
}

TEST_P(RestoreTest, OnRequestReplacesOnlyByForceAndDeletesNothing) {
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  ws().Write("photos/a.jpg", "spoilt");
  ws().Write("photos/sub/new", "new");
  const Ran refused = ws().Runner({"restore", "photos"});
  EXPECT_EQ(refused.code, 4) << refused.all();
  EXPECT_EQ(ws().Read("photos/a.jpg"), "spoilt");
  EXPECT_THAT(Marker("restore"), Not(HasSubstr("BLOCKED"))) << "a typing error turns nothing red";
  const Ran forced = ws().Runner({"restore", "photos", "--force"});
  EXPECT_EQ(forced.code, 0) << forced.all();
  EXPECT_EQ(ws().Read("photos/a.jpg"), "aaa");
  EXPECT_EQ(ws().Read("photos/sub/new"), "new");
}

TEST_P(RestoreTest, OnRequestOfAStreamNeedsAPlace) {
  ws().Write(
      "backup.yaml",
      ws().ConfigHead() + "targets:\n  db:\n    command: [echo, dump]\n    filename: db.sql\n");
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(ws().Runner({"restore", "db"}).code, 1);
  EXPECT_EQ(ws().Runner({"restore", "db", "--to", ws().Path("out")}).code, 0);
  EXPECT_EQ(ws().Read("out/db.sql"), "dump\n");
}

RUNNER_FOR_EACH_RESTIC(RestoreTest);

}  // namespace
}  // namespace runner::testing
