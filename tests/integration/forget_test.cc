// Retention, prune and check on real repositories.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

/// Without the retention that a target has by default.
const std::string kNoOther = ", daily: 0, weekly: 0, monthly: 0, yearly: 0}";

class ForgetTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    MakeCheapRepository();
    ws().Write("photos/a.jpg", "aaa");
    ws().Write("notes/n.txt", "nnn");
    // Notes down every call, so that a test can count them and wait for one.
    ws().Write(
        "spying-restic",
        "#!/bin/sh\necho \"$*\" >> \"$SPIED\"\nexec \"" + ResticProgram(GetParam()) + "\" \"$@\"\n",
        0755);
    ws().Set("SPIED", ws().Path("spied"));
    ws().Set("RESTIC_BIN", ws().Path("spying-restic"));
    Configure(2);
  }

  /// Keeps so many of photos, and of notes one of the newest two years.
  void Configure(int photos, const std::string& more_repository = "",
                 const std::string& more = "") {
    ws().Write("backup.yaml", ws().ConfigHead(more_repository) + more +
                                  "targets:\n  photos:\n    source: " + ws().Path("photos") +
                                  "\n    retention: {last: " + std::to_string(photos) + kNoOther +
                                  "\n  notes:\n    source: " + ws().Path("notes") +
                                  "\n    retention: {last: 0" +
                                  kNoOther.substr(0, kNoOther.find(", yearly")) + ", yearly: 2}\n");
  }
  /// A snapshot as if somebody had made it then; its full id.
  std::string Make(const std::string& time, const std::string& host, const std::string& tag,
                   const std::string& folder) {
    const auto before = Ids();
    std::vector<std::string> arguments = {"backup", "--time", time, "--host", host};
    if (!tag.empty()) arguments.insert(arguments.end(), {"--tag", tag});
    arguments.push_back(ws().Path(folder));
    const Ran ran = ws().Restic(arguments);
    EXPECT_EQ(ran.code, 0) << ran.all();
    for (const std::string& id : Ids()) {
      if (std::find(before.begin(), before.end(), id) == before.end()) return id;
    }
    return "";
  }
  std::string MakePhotos(const std::string& time) {
    return Make(time, "test", "target:photos", "photos");
  }
  std::vector<std::string> Ids() {
    std::vector<std::string> ids;
    for (const auto& entry : fs::directory_iterator(ws().Path("repo/snapshots")))
      ids.push_back(entry.path().filename());
    return ids;
  }
  bool IsThere(const std::string& id) { return ws().Exists("repo/snapshots/" + id); }
  std::size_t Photos() { return ws().SnapshotIds("target:photos").size(); }
  std::string ForgetStatus(const std::string& target) {
    const std::string text = ws().Read("state/targets/" + target + "/forget_status");
    return text.substr(0, text.find('\n'));
  }
  std::string RepositoryStatus(const std::string& stage) {
    const std::string text = ws().Read("state/repository/" + stage + "_status");
    return text.substr(0, text.find('\n'));
  }
  /// How often restic was called with that command.
  int Calls(const std::string& command) {
    const std::string text = ws().Read("spied");
    int calls = 0;
    for (std::size_t at = text.find(command + " "); at != std::string::npos;
         at = text.find(command + " ", at + 1))
      ++calls;
    return calls;
  }
  /// A backup of another program that goes on, and holds its lock, until Release().
  std::unique_ptr<Background> HoldALock() {
    EXPECT_EQ(ws().Run({"mkfifo", ws().Path("fifo")}).code, 0);
    fifo_ = open(ws().Path("fifo").c_str(), O_RDWR | O_CLOEXEC);
    auto holder = ws().Start(
        {"sh", "-c",
         "exec env RESTIC_PASSWORD='correct horse' '" + ResticProgram(GetParam()) + "' --repo '" +
             ws().Path("repo") + "' --cache-dir '" + ws().Path("test-cache") +
             "' backup --stdin --host elsewhere < '" + ws().Path("fifo") + "'"});
    EXPECT_TRUE(Eventually(
        [&] { return ws().Exists("repo/locks") && !fs::is_empty(ws().Path("repo/locks")); }));
    return holder;
  }
  void Release(Background& holder) {
    EXPECT_EQ(write(fifo_, "data", 4), 4);
    close(fifo_);  // the end of its input
    const Ran ran = holder.Wait();
    EXPECT_EQ(ran.code, 0) << ran.all();
  }

  int fifo_ = -1;
};

TEST_P(ForgetTest, ARunForgetsForEachTargetByItsOwnRetentionWithOneCall) {
  const std::string oldest = MakePhotos("2020-01-01 02:00:00");
  const std::string old = MakePhotos("2021-01-01 02:00:00");
  const std::string newer = MakePhotos("2022-01-01 02:00:00");
  const std::string note = Make("2021-06-01 02:00:00", "test", "target:notes", "notes");
  const std::string later_note = Make("2021-07-01 02:00:00", "test", "target:notes", "notes");
  const std::string foreign = Make("2020-01-01 02:00:00", "elsewhere", "target:photos", "photos");
  const std::string untagged = Make("2020-01-01 02:00:00", "test", "", "photos");
  const std::string other = Make("2020-01-01 02:00:00", "test", "target:other", "photos");

  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_FALSE(IsThere(oldest));
  EXPECT_FALSE(IsThere(old));
  EXPECT_TRUE(IsThere(newer));
  EXPECT_FALSE(IsThere(note));
  EXPECT_TRUE(IsThere(later_note));
  for (const std::string& id : {foreign, untagged, other}) EXPECT_TRUE(IsThere(id)) << id;
  EXPECT_EQ(Calls("forget"), 1);
  EXPECT_EQ(Calls("snapshots"), 1) << "the proof of the backups; the files prove the forget";
  EXPECT_EQ(ForgetStatus("photos"), "SUCCESS");
  EXPECT_EQ(ForgetStatus("notes"), "SUCCESS");
  EXPECT_THAT(run.out, HasSubstr("kept 2, removed 2 (snapshots " + old.substr(0, 8)));
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 0);
}

TEST_P(ForgetTest, ARunOfOneStageRunsThatAlone) {
  MakePhotos("2020-01-01 02:00:00");
  MakePhotos("2021-01-01 02:00:00");
  ASSERT_EQ(ws().Runner({"run", "--stage", "backup"}).code, 0);
  EXPECT_EQ(Photos(), 3U);
  EXPECT_EQ(ForgetStatus("photos"), "");
  ASSERT_EQ(ws().Runner({"run", "--stage", "forget"}).code, 0);
  EXPECT_EQ(Photos(), 2U);
  EXPECT_EQ(Calls("backup"), 2);
  EXPECT_EQ(ws().Runner({"run", "--stage", "prune"}).code, 2);
}

TEST_P(ForgetTest, ARunWithNothingToForgetStartsNoResticForThat) {
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(Calls("forget"), 0);
  EXPECT_EQ(Calls("snapshots"), 1);
  EXPECT_EQ(ForgetStatus("photos"), "SUCCESS");
}

TEST_P(ForgetTest, AQuarantinedNewestSnapshotSuspendsItsTargetOnly) {
  MakePhotos("2020-01-01 02:00:00");
  MakePhotos("2021-01-01 02:00:00");
  Make("2021-06-01 02:00:00", "test", "target:notes", "notes");
  Make("2021-07-01 02:00:00", "test", "target:notes", "notes");
  ASSERT_EQ(ws().Runner({"run", "--stage", "backup"}).code, 0);
  ASSERT_EQ(ws().Restic({"tag", "--add", "quarantine", "--tag", "target:photos", "--host", "test",
                         "latest"})
                .code,
            0);
  const Ran run = ws().Runner({"run", "--stage", "forget"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_THAT(run.out, HasSubstr("is quarantined"));
  EXPECT_EQ(ForgetStatus("photos"), "WARNING");
  EXPECT_EQ(Photos(), 3U);
  EXPECT_EQ(ForgetStatus("notes"), "SUCCESS");
  EXPECT_EQ(ws().SnapshotIds("target:notes").size(), 2U);
}

TEST_P(ForgetTest, ANewestSnapshotOfAnotherProgramSuspendsUntilTheNextBackup) {
  MakePhotos("2020-01-01 02:00:00");
  MakePhotos("2021-01-01 02:00:00");
  const Ran first = ws().Runner({"run", "--stage", "forget"});
  EXPECT_THAT(first.out, HasSubstr("was not proven by a backup of this runner"));
  EXPECT_EQ(ForgetStatus("photos"), "WARNING");
  EXPECT_EQ(Photos(), 2U);
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(ForgetStatus("photos"), "SUCCESS");
  EXPECT_EQ(Photos(), 2U);
}

TEST_P(ForgetTest, AnIncompleteNewestSnapshotSuspendsNothing) {
  if (geteuid() != 0)
    GTEST_SKIP() << "needs root, to run the jobs as somebody who may not read a file";
  Configure(1, "", "run_as: {uid: 65534, gid: 65534}\n");
  fs::copy_file(
      ResticProgram(GetParam()) == "restic" ? "/usr/bin/restic" : ResticProgram(GetParam()),
      ws().Path("restic"));
  ws().Set("RESTIC_BIN", ws().Path("restic"));
  ws().Set("TMPDIR", "");
  ASSERT_EQ(ws().Run({"chown", "-R", "65534:65534", ws().Path("repo")}).code, 0);
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  const std::string whole = ws().SnapshotIds("target:photos").front();
  ws().Write("photos/secret", "x", 0600);
  for (int i = 0; i < 2; ++i) {
    const Ran run = ws().Runner({"run"});
    EXPECT_EQ(run.code, 3) << run.all();
    EXPECT_EQ(ForgetStatus("photos"), "SUCCESS");
  }
  EXPECT_TRUE(IsThere(whole)) << "the newest whole one stays, though `last: 1` would not keep it";
  EXPECT_EQ(Photos(), 2U);
}

TEST_P(ForgetTest, VanishedSnapshotsStopEveryRemovalUntilAPersonAccepts) {
  std::vector<std::string> old;
  for (const char* year : {"2015", "2016", "2017", "2018", "2019", "2020"})
    old.push_back(MakePhotos(std::string(year) + "-01-01 02:00:00"));
  ASSERT_EQ(ws().Runner({"run", "--stage", "backup"}).code, 0);
  ASSERT_EQ(ws().Runner({"prune"}).code, 0);
  for (std::size_t i = 0; i < 5; ++i) fs::remove(ws().Path("repo/snapshots/" + old.at(i)));

  const Ran forget = ws().Runner({"run", "--stage", "forget"});
  EXPECT_EQ(forget.code, 4) << forget.all();
  EXPECT_THAT(forget.out, HasSubstr("lists 3 snapshots of this instance, but there were 8"));
  EXPECT_THAT(forget.all(), HasSubstr("runner snapshots --accept"));
  EXPECT_EQ(ForgetStatus("photos"), "BLOCKED");
  EXPECT_EQ(Calls("forget"), 0);
  const Ran prune = ws().Runner({"prune"});
  EXPECT_EQ(prune.code, 4) << prune.all();
  EXPECT_EQ(Calls("prune"), 1);
  EXPECT_EQ(RepositoryStatus("prune"), "BLOCKED");
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 1);
  EXPECT_EQ(ws().Runner({"run", "--stage", "backup"}).code, 0) << "backups go on";

  const Ran accept = ws().Runner({"snapshots", "--accept"});
  EXPECT_EQ(accept.code, 0) << accept.all();
  EXPECT_THAT(accept.out, HasSubstr("accepted: 5 snapshots of this instance, 5 in the whole"));
  EXPECT_EQ(ws().Runner({"run", "--stage", "forget"}).code, 0);
  EXPECT_EQ(Photos(), 2U);
  EXPECT_EQ(ws().Runner({"prune"}).code, 0);
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 0);
}

/// A backup each, one listing, one forget.
TEST_P(ForgetTest, AWaveStartsResticOnceForEachTargetAndTwiceMore) {
  Configure(1);
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  for (const char* older : {"2019", "2020"}) MakePhotos(std::string(older) + "-01-01 02:00:00");
  ws().Write("spied", "");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  EXPECT_EQ(Photos(), 1U);
  const std::string spied = ws().Read("spied");
  EXPECT_TRUE(spied.starts_with("version\n")) << "which opens no repository";
  EXPECT_EQ(std::ranges::count(spied, '\n'), 1 + 2 + 2) << spied;
}

TEST_P(ForgetTest, APruneDeletesWhatNoSnapshotNeeds) {
  Configure(1);
  ws().Write("photos/big.jpg", std::string(300'000, 'x'));
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  fs::remove(ws().Path("photos/big.jpg"));
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  const Ran prune = ws().Runner({"prune"});
  EXPECT_EQ(prune.code, 0) << prune.all();
  EXPECT_THAT(prune.out, HasSubstr("total prune: "));
  EXPECT_THAT(prune.out, HasSubstr("remaining: "));
  EXPECT_EQ(RepositoryStatus("prune"), "SUCCESS");
  EXPECT_TRUE(ws().Exists("state/repository/last_prune_success"));
  EXPECT_EQ(ws().Restic({"check", "--read-data"}).code, 0);
}

TEST_P(ForgetTest, APruneRemovesTheCachesThatNobodyUses) {
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  const std::string old = ws().Path("state/cache/" + std::string(64, '1'));
  const std::string young = ws().Path("state/cache/" + std::string(64, '2'));
  for (const std::string& cache : {old, young}) fs::create_directories(cache + "/snapshots");
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::days(31));
  EXPECT_EQ(ws().Runner({"prune"}).code, 0);
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(young));
}

TEST_P(ForgetTest, ACheckOfADamagedPackIsRedUntilItIsRepaired) {
  Configure(2, "", "maintenance: {check: {schedule: \"0 5 * * *\", read_data: 1/1}}\n");
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  const Ran good = ws().Runner({"check"});
  EXPECT_EQ(good.code, 0) << good.all();
  EXPECT_THAT(good.out, HasSubstr("no errors found: structure and part 1 of 1"));

  std::string pack;
  for (const auto& entry : fs::recursive_directory_iterator(ws().Path("repo/data")))
    if (entry.is_regular_file()) pack = entry.path();
  fs::copy_file(pack, ws().Path("pack"));
  chmod(pack.c_str(), 0600);
  ASSERT_EQ(ws().Run({"sh", "-c",
                      "printf XX | dd of='" + pack + "' bs=1 seek=20 conv=notrunc 2>/dev/null"})
                .code,
            0);
  const Ran bad = ws().Runner({"check"});
  EXPECT_EQ(bad.code, 1) << bad.all();
  EXPECT_EQ(RepositoryStatus("check"), "FAILED");
  EXPECT_THAT(bad.out, HasSubstr("part 1 of 1"));
  EXPECT_THAT(bad.out, HasSubstr("repository"));
  ws().Runner({"run"});
  EXPECT_EQ(RepositoryStatus("check"), "FAILED") << "a backup heals no check";
  const Ran health = ws().Runner({"healthcheck"});
  EXPECT_EQ(health.code, 1);
  EXPECT_THAT(health.out, HasSubstr("Check failed"));

  fs::remove(pack);
  fs::copy_file(ws().Path("pack"), pack);
  const Ran again = ws().Runner({"check"});
  EXPECT_EQ(again.code, 0) << again.all();
  EXPECT_EQ(RepositoryStatus("check"), "SUCCESS");
}

TEST_P(ForgetTest, ALivingForeignLockBlocksAndIsNamed) {
  Configure(2, "  retry_lock: 1s\n");
  MakePhotos("2020-01-01 02:00:00");
  MakePhotos("2021-01-01 02:00:00");
  ASSERT_EQ(ws().Runner({"run", "--stage", "backup"}).code, 0);
  const auto holder = HoldALock();
  const std::string named = "locked by PID " + std::to_string(holder->pid()) + " on ";
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"run", "--stage", "forget"}, {"prune"}, {"check"}}) {
    const Ran ran = ws().Runner(command);
    EXPECT_EQ(ran.code, 4) << ran.all();
    EXPECT_THAT(ran.out, HasSubstr(named));
    EXPECT_THAT(ran.out, HasSubstr("s ago)"));
  }
  EXPECT_THAT(ws().Read("state/targets/photos/forget_status"), HasSubstr(named));
  EXPECT_EQ(Photos(), 3U);
  EXPECT_EQ(Calls("unlock"), 0);
  Release(*holder);
  EXPECT_EQ(ws().Runner({"run", "--stage", "forget"}).code, 0);
  EXPECT_EQ(Photos(), 2U);
}

TEST_P(ForgetTest, ALivingForeignLockIsWaitedFor) {
  Configure(2, "  retry_lock: 1m\n");
  MakePhotos("2020-01-01 02:00:00");
  MakePhotos("2021-01-01 02:00:00");
  ASSERT_EQ(ws().Runner({"run", "--stage", "backup"}).code, 0);
  const auto holder = HoldALock();
  const auto running = ws().StartRunner({"run", "--stage", "forget"});
  ASSERT_TRUE(Eventually([&] { return Calls("forget") > 0; }));
  const bool waits_by_itself = std::string(GetParam()) == "newest";
  ASSERT_TRUE(waits_by_itself || Eventually([&] { return Calls("cat lock") > 0; }));
  EXPECT_EQ(ForgetStatus("photos"), "RUNNING");
  Release(*holder);
  const Ran ran = running->Wait();
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_EQ(Photos(), 2U);
}

RUNNER_FOR_EACH_RESTIC(ForgetTest);

}  // namespace
}  // namespace runner::testing
