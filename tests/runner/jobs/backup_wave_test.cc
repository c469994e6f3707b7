#include "runner/jobs/backup_wave.h"

#include <condition_variable>

#include "tests/runner/jobs/wave_fixture.h"

namespace runner {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::FullId;

constexpr const char* kHere = "host-a";

/// Lets no backup begin before so many were launched: only possible if they run side by side.
class Rendezvous final : public ProcessRunner {
 public:
  Rendezvous(ProcessRunner& inner, int wanted) : inner_(inner), wanted_(wanted) {}

  std::unique_ptr<Process> Launch(ProcessSpec spec) override {
    const bool backup = testing::HasWords({"backup"})(spec);
    if (backup) {
      std::unique_lock lock(mutex_);
      ++arrived_;
      changed_.notify_all();
      met_ = changed_.wait_for(lock, seconds(20), [this] { return arrived_ >= wanted_; });
    }
    return inner_.Launch(std::move(spec));
  }
  std::unique_ptr<StreamPair> LaunchStream(ProcessSpec producer, ProcessSpec consumer) override {
    return inner_.LaunchStream(std::move(producer), std::move(consumer));
  }
  void StopAll() override { inner_.StopAll(); }
  [[nodiscard]] bool met() const { return met_; }

 private:
  ProcessRunner& inner_;
  const int wanted_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool met_ = false;
};

class BackupWaveTest : public WaveFixture {
 protected:
  std::vector<JobReport> Run() {
    std::vector<const targets::Target*> all;
    for (const targets::Target& target : targets_) all.push_back(&target);
    return BackupWave(tools_, opener_, gate_, listings_, cleaner_, patience_).Run(all, stop_);
  }
  std::vector<JobOutcome> Outcomes() {
    std::vector<JobOutcome> outcomes;
    for (const JobReport& report : Run()) outcomes.push_back(report.outcome);
    return outcomes;
  }
  /// A stream whose last run was killed a minute ago, after restic made a snapshot.
  void AddInterruptedStream() {
    AddTarget("db").source = targets::CommandSource{{"pg_dump"}, "app.sql"};
    processes_.When(testing::HasWords({"pg_dump"}), Script().Exits(0));
    const targets::UnixTime then = clock_.Now() - seconds(60);
    ASSERT_TRUE(markers_.Write(KeyOf("db"), {MarkerStatus::kRunning, then, "running", {}}));
    fake_.snapshots.push_back({FullId('e'), then - seconds(1), "server1", {"target:db"}});
    fake_.snapshots.push_back({FullId('f'), then, "server1", {"target:db"}});
    fake_.snapshots.push_back({FullId('d'), then, "server1", {"target:other"}});
  }
};

TEST_F(BackupWaveTest, ProvesAllItsBackupsWithOneListing) {
  for (const char* id : {"a", "b", "c"}) AddTarget(id);
  const std::vector<JobReport> reports = Run();
  ASSERT_EQ(reports.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(reports[i].target, targets_[i].id);
    EXPECT_EQ(reports[i].outcome, JobOutcome::kSuccess) << reports[i].reason;
    EXPECT_TRUE(MarkerOf(targets_[i].id.str()).starts_with("SUCCESS"));
  }
  EXPECT_EQ(fake_.Count("cat config"), 1);
  EXPECT_EQ(fake_.Count("backup"), 3);
  EXPECT_EQ(fake_.Count("snapshots"), 1);
}

TEST_F(BackupWaveTest, ListsNothingIfNothingIsToBeProven) {
  AddTarget("a");
  SourceIs("missing");
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kFailed});
  EXPECT_EQ(fake_.Count("snapshots"), 0);
}

TEST_F(BackupWaveTest, ListsOnceMoreIfTheListingFails) {
  AddTarget("a");
  fake_.Next("snapshots", Script().Complains("Fatal: dial tcp\n").Exits(1));
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kSuccess});
  EXPECT_EQ(fake_.Count("snapshots"), 2);
}

TEST_F(BackupWaveTest, FailsEveryBackupThatCannotBeProven) {
  for (const char* id : {"a", "b"}) AddTarget(id);
  for (int i = 0; i < 2; ++i)
    fake_.Next("snapshots", Script().Prints("[]\n").Complains("odd\n").Exits(0));
  EXPECT_EQ(Outcomes(), (std::vector{JobOutcome::kFailed, JobOutcome::kFailed}));
}

TEST_F(BackupWaveTest, LetsOneFailureStopNoOther) {
  for (const char* id : {"a", "b", "c"}) AddTarget(id);
  fake_.Next("backup", Script().Complains("Fatal: no space\n").Exits(1));
  EXPECT_EQ(Outcomes(),
            (std::vector{JobOutcome::kFailed, JobOutcome::kSuccess, JobOutcome::kSuccess}));
}

TEST_F(BackupWaveTest, BlocksEverythingIfTheRepositoryIsUnknown) {
  for (const char* id : {"a", "b"}) AddTarget(id);
  fake_.Next("cat config", Script().Complains("Fatal: dial tcp: no route\n").Exits(1));
  EXPECT_EQ(Outcomes(), (std::vector{JobOutcome::kBlocked, JobOutcome::kBlocked}));
  EXPECT_TRUE(MarkerOf("a").starts_with("BLOCKED "));
  EXPECT_EQ(fake_.Count("backup"), 0);
}

TEST_F(BackupWaveTest, RunsOneAfterTheOtherIfThatIsWanted) {
  for (const char* id : {"a", "b", "c"}) AddTarget(id);
  Run();
  EXPECT_EQ(fake_.most_backups_at_once, 1);
}

TEST_F(BackupWaveTest, RunsSideBySideUpToMaxParallel) {
  for (const char* id : {"a", "b", "c", "d"}) AddTarget(id);
  config_.max_parallel = 2;
  Rendezvous rendezvous(processes_, 2);
  Restic restic(config_, {targets::Secret("sesame"), {}, {}}, testing::FakeRestic::kVersion,
                rendezvous);
  JobTools tools{config_,  clock_, files_,     rendezvous, restic,  state_,
                 markers_, facts_, inspector_, events_,    errors_, recorder_};
  std::vector<const targets::Target*> all;
  for (const targets::Target& target : targets_) all.push_back(&target);
  const auto reports =
      BackupWave(tools, opener_, gate_, listings_, cleaner_, patience_).Run(all, stop_);
  for (const JobReport& report : reports) EXPECT_EQ(report.outcome, JobOutcome::kSuccess);
  EXPECT_TRUE(rendezvous.met());
  EXPECT_LE(fake_.most_backups_at_once, 2);
}

TEST_F(BackupWaveTest, CleansUpAProvenDeadLockAndTriesAgain) {
  for (const char* id : {"a", "b"}) AddTarget(id);
  fake_.Next("backup", testing::FakeRestic::MeetsALock());
  fake_.locks[FullId('1')] = {clock_.Now() - minutes(31), true, "elsewhere", "root", 7};
  EXPECT_EQ(Outcomes(), (std::vector{JobOutcome::kSuccess, JobOutcome::kSuccess}));
  EXPECT_EQ(fake_.Count("unlock"), 1);
  EXPECT_EQ(fake_.Count("backup"), 3);
  EXPECT_EQ(fake_.Count("snapshots"), 1);
}

TEST_F(BackupWaveTest, StaysBlockedByALivingLock) {
  AddTarget("a");
  fake_.Next("backup", testing::FakeRestic::MeetsALock());
  fake_.locks[FullId('1')] = {clock_.Now() - minutes(5), true, "elsewhere", "root", 7};
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kBlocked});
  EXPECT_TRUE(MarkerOf("a").starts_with("BLOCKED "));
  EXPECT_EQ(fake_.Count("unlock"), 0);
  EXPECT_EQ(fake_.Count("backup"), 1);
  EXPECT_NE(targets::Join(events_.lines(), "\n")
                .find("repository: the repository holds an exclusive lock of process 7"),
            std::string::npos);
}

TEST_F(BackupWaveTest, TriesAgainIfTheLockIsGoneByItself) {
  AddTarget("a");
  fake_.Next("backup", testing::FakeRestic::MeetsALock());
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kSuccess});
  EXPECT_EQ(fake_.Count("unlock"), 0);
}

/// A release that waits for locks by itself has waited already.
TEST_F(BackupWaveTest, WaitsForALivingLockIfResticCannot) {
  AddTarget("a").hooks.before = {{{"hook"}}};
  Restic restic(config_, {targets::Secret("sesame"), {}, {}}, {0, 14, 0}, processes_);
  JobTools tools{config_,  clock_, files_,     processes_, restic,  state_,
                 markers_, facts_, inspector_, events_,    errors_, recorder_};
  LockPatience patience(config_, restic, cleaner_, clock_, events_,
                        [this](std::chrono::milliseconds by) { Pause(by); });
  BackupWave wave(tools, opener_, gate_, listings_, cleaner_, patience);
  const MonotonicTime began = clock_.Monotonic();
  LockBy("elsewhere", minutes(1));
  fake_.Next("backup", testing::FakeRestic::MeetsALock());
  on_pause_ = [&] {
    if (clock_.Monotonic() - began >= seconds(25)) fake_.locks.clear();
  };
  EXPECT_EQ(wave.Run({&targets_.front()}, stop_).front().outcome, JobOutcome::kSuccess);
  EXPECT_EQ(clock_.Monotonic() - began, seconds(30));
  EXPECT_EQ(fake_.Count("backup"), 2) << "hooks may stop an application: not every ten seconds";
  EXPECT_TRUE(events_.lines().at(1).ends_with("; waiting up to 5m")) << events_.lines().at(1);
}

TEST_F(BackupWaveTest, TriesALockOnlyOnceMore) {
  AddTarget("a");
  for (int i = 0; i < 2; ++i) fake_.Next("backup", testing::FakeRestic::MeetsALock());
  fake_.locks[FullId('1')] = {clock_.Now() - minutes(31), true, "elsewhere", "root", 7};
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kBlocked});
  EXPECT_EQ(fake_.Count("backup"), 2);
}

TEST_F(BackupWaveTest, StartsNoMoreAfterAStopButProvesWhatIsDone) {
  for (const char* id : {"a", "b", "c"}) AddTarget(id);
  targets_[0].hooks.after = {{"hook", "stop"}};
  processes_.When(testing::HasWords({"hook", "stop"}),
                  Script().Does([this] { stop_.Stop(); }).Exits(0));
  EXPECT_EQ(Outcomes(), (std::vector{JobOutcome::kSuccess, JobOutcome::kInterrupted,
                                     JobOutcome::kInterrupted}));
  EXPECT_EQ(fake_.Count("backup"), 1);
}

TEST_F(BackupWaveTest, IsInterruptedWhileItWaitsForTheGate) {
  AddTarget("a");
  const auto busy = files_.TryLock("/state/repository/gate.lock", LockMode::kExclusive).value();
  RepositoryGate gate(files_, clock_, "/state/repository",
                      [this](std::chrono::milliseconds) { stop_.Stop(); });
  const std::vector<const targets::Target*> all = {&targets_.front()};
  const auto reports =
      BackupWave(tools_, opener_, gate, listings_, cleaner_, patience_).Run(all, stop_);
  EXPECT_EQ(reports.front().outcome, JobOutcome::kInterrupted);
  EXPECT_EQ(fake_.Count("backup"), 0);
}

TEST_F(BackupWaveTest, SetsAsideWhatAnInterruptedStreamLeft) {
  AddInterruptedStream();
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kSuccess});
  const auto tags = [&](std::size_t i) { return targets::Join(fake_.snapshots[i].tags, " "); };
  EXPECT_EQ(tags(0), "target:db");  // older than the interrupted run
  EXPECT_EQ(tags(1), "target:db quarantine");
  EXPECT_EQ(tags(2), "target:other");
  EXPECT_EQ(tags(3), "target:db");  // the new one
}

TEST_F(BackupWaveTest, SetsNothingAsideThatWasProven) {
  AddInterruptedStream();
  TargetFacts facts;
  facts.newest_good = GoodSnapshot{targets::SnapshotId(FullId('f')), clock_.Now(), 1, 1};
  ASSERT_TRUE(facts_.WriteTarget(targets::TargetId("db"), facts));
  Run();
  EXPECT_EQ(fake_.Count("tag"), 0);
}

TEST_F(BackupWaveTest, DoesNotRunAStreamAgainBeforeItsSuspectSnapshotIsSetAside) {
  AddInterruptedStream();
  fake_.Next("tag", Script().Complains("Fatal: no space left on device").Exits(1));
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kBlocked});
  EXPECT_EQ(fake_.Count("backup"), 0);
  EXPECT_EQ(MarkerOf("db").substr(0, 7), "BLOCKED");

  // The marker says BLOCKED by now; the suspicion is not forgotten.
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kSuccess});
  EXPECT_EQ(targets::Join(fake_.snapshots[1].tags, " "), "target:db quarantine");
  EXPECT_TRUE(FactsOf("db").decisions.empty());
}

TEST_F(BackupWaveTest, RemovesAWorthlessStreamAloneInTheRepository) {
  AddTarget("db").source = targets::CommandSource{{"pg_dump"}, "app.sql"};
  processes_.When(testing::HasWords({"pg_dump"}), Script().Exits(0));
  fake_.next_backup_is_incomplete = true;
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kFailed});
  EXPECT_TRUE(fake_.snapshots.empty());
  EXPECT_TRUE(FactsOf("db").decisions.empty());
  // While another backup is at work it waits for its end, as every forget.
  fake_.next_backup_is_incomplete = true;
  const auto busy = files_.TryLock("/state/repository/gate.lock", LockMode::kShared).value();
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kFailed});
  EXPECT_EQ(fake_.Count("forget"), 1);
  ASSERT_EQ(fake_.snapshots.size(), 1U);
  EXPECT_FALSE(FactsOf("db").decisions.empty()) << "the next run sets it aside";
}

TEST_F(BackupWaveTest, SetsAsideAWorthlessStreamThatCouldNotBeForgotten) {
  AddTarget("db").source = targets::CommandSource{{"pg_dump"}, "app.sql"};
  processes_.When(testing::HasWords({"pg_dump"}), Script().Exits(0));
  fake_.next_backup_is_incomplete = true;
  fake_.Next("forget", testing::FakeRestic::MeetsALock());
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kFailed});
  ASSERT_EQ(fake_.snapshots.size(), 1U);
  EXPECT_EQ(targets::Join(fake_.snapshots[0].tags, " "), "target:db quarantine");
  EXPECT_TRUE(FactsOf("db").decisions.empty());
}

TEST_F(BackupWaveTest, RemembersAWorthlessStreamUntilItIsSetAside) {
  AddTarget("db").source = targets::CommandSource{{"pg_dump"}, "app.sql"};
  processes_.When(testing::HasWords({"pg_dump"}), Script().Exits(0));
  fake_.next_backup_is_incomplete = true;
  fake_.Next("forget", testing::FakeRestic::MeetsALock());
  fake_.Next("tag", testing::FakeRestic::MeetsALock());
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kFailed});
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kSuccess});
  EXPECT_EQ(targets::Join(fake_.snapshots[0].tags, " "), "target:db quarantine");
}

TEST_F(BackupWaveTest, RemembersASuspectStreamWhileTheRepositoryIsOutOfReach) {
  AddInterruptedStream();
  fake_.Next("cat config", Script().Complains("Fatal: connection refused").Exits(1));
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kBlocked});
  EXPECT_EQ(Outcomes(), std::vector{JobOutcome::kSuccess});
  EXPECT_EQ(targets::Join(fake_.snapshots[1].tags, " "), "target:db quarantine");
}

}  // namespace
}  // namespace runner
