#include "runner/repository/stale_locks.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/runner/repository/proc_files.h"
#include "tests/support/fake_restic.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::AddProcess;
using testing::FullId;
using testing::RemoveProcess;

constexpr const char* kHere = "host-a";
constexpr seconds kStale = minutes(30) + seconds(1);

class StaleLocks : public ::testing::Test {
 protected:
  StaleLocks() {
    files_.AddFolder("/ledger");
    files_.AddFolder("/gate");
    config_.instance = targets::InstanceName("server1");
    config_.repository.url = "/srv/repo";
  }

  // The kinds of lock, by what unlock would do to them.
  void AddLock(seconds age, const std::string& host, int pid) {
    const char digit = static_cast<char>('1' + fake_.locks.size());
    fake_.locks[FullId(digit)] = {clock_.Now() - age, false, host, "root", pid};
  }
  void AddForeign(seconds age) { AddLock(age, "elsewhere", 7); }
  void AddOursProvenDead(int pid = 100) {
    AddProcess(files_, pid, "restic", 500);
    ledger_.Started(pid);
    RemoveProcess(files_, pid);
    AddLock(seconds(0), kHere, pid);
  }
  void AddOursUnprovenDead(int pid = 200) { AddLock(seconds(60), kHere, pid); }
  void AddOursAlive(const std::string& name, int pid = 300) {
    AddProcess(files_, pid, name, 500);
    AddLock(seconds(60), kHere, pid);
  }

  Outcome<LockCleanup> CleanUp() {
    RepositoryGate gate(files_, clock_, "/gate", [](std::chrono::milliseconds) {});
    const auto pass = gate.Enter(LockMode::kExclusive, stop_, std::chrono::milliseconds(0)).value();
    return CleanUpLocks(restic_, ledger_, clock_, kHere, *pass, stop_);
  }

  void ExpectUntouched(std::size_t locks) {
    const auto cleanup = CleanUp();
    ASSERT_TRUE(cleanup);
    EXPECT_EQ(cleanup->removed, 0U);
    EXPECT_EQ(cleanup->left, locks);
    EXPECT_TRUE(cleanup->explanation.starts_with("the repository holds a")) << cleanup->explanation;
    EXPECT_EQ(fake_.Count("unlock"), 0);
    EXPECT_EQ(fake_.locks.size(), locks);
  }

  void ExpectUnlocked(std::size_t removed, std::size_t left) {
    const auto cleanup = CleanUp();
    ASSERT_TRUE(cleanup);
    EXPECT_EQ(cleanup->removed, removed);
    EXPECT_EQ(cleanup->left, left);
    EXPECT_EQ(fake_.Count("unlock"), 1);
  }

  void TearDown() override {
    for (const ProcessSpec& spec : processes_.Launched()) {
      EXPECT_EQ(std::find(spec.argv.begin(), spec.argv.end(), "--remove-all"), spec.argv.end());
    }
  }

  targets::Config config_;
  testing::MemoryFileSystem files_;
  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
  testing::FakeRestic fake_{processes_, clock_};
  ChildLedger ledger_{files_, clock_, "/ledger"};
  Restic restic_{
      config_, {targets::Secret("sesame"), {}, {}}, testing::FakeRestic::kVersion, processes_};
  StopHandle stop_;
};

TEST_F(StaleLocks, AreNothingToDoInARepositoryWithoutLocks) {
  const auto cleanup = CleanUp();
  ASSERT_TRUE(cleanup);
  EXPECT_EQ(cleanup->removed + cleanup->left, 0U);
  EXPECT_EQ(cleanup->explanation, "");
  EXPECT_EQ(fake_.Count("unlock"), 0);
}

TEST_F(StaleLocks, AreNotTheYoungOnesOfOthers) {
  AddForeign(minutes(5));
  ExpectUntouched(1);
}

TEST_F(StaleLocks, AreNotRemovedAtThirtyMinutesSharp) {
  AddForeign(minutes(30));
  ExpectUntouched(1);
}

TEST_F(StaleLocks, AreRemovedASecondAfterThirtyMinutes) {
  AddForeign(kStale);
  ExpectUnlocked(1, 0);
}

TEST_F(StaleLocks, AreNotThoseFromTheFuture) {
  AddForeign(minutes(-60));
  ExpectUntouched(1);
}

TEST_F(StaleLocks, AreThoseOfOurProvenDead) {
  AddOursProvenDead();
  ExpectUnlocked(1, 0);
}

TEST_F(StaleLocks, AreNotThoseOfOurHostWithoutProof) {
  AddOursUnprovenDead();
  ExpectUntouched(1);
}

TEST_F(StaleLocks, AreNotThoseOfALivingRestic) {
  AddOursAlive("restic");
  ExpectUntouched(1);
}

TEST_F(StaleLocks, AreLeftWhileUnlockWouldSignalAStranger) {
  AddOursAlive("postgres");
  ExpectUntouched(1);
}

TEST_F(StaleLocks, AreLeftWhenAStrangerHasTheProcessIdOfOurDead) {
  AddOursProvenDead();
  AddProcess(files_, 100, "postgres", 900);
  ExpectUntouched(1);
}

TEST_F(StaleLocks, OfOldAgeAreRemovedWhoeverHasTheirProcessId) {
  AddProcess(files_, 300, "postgres", 500);
  AddLock(kStale, kHere, 300);
  ExpectUnlocked(1, 0);  // restic judges by age before it looks at the process
}

TEST_F(StaleLocks, BesideAYoungForeignOneAreRemovedAndTheOtherIsNamed) {
  AddOursProvenDead();
  AddForeign(minutes(5));
  const auto cleanup = CleanUp();
  ASSERT_TRUE(cleanup);
  EXPECT_EQ(cleanup->removed, 1U);
  EXPECT_EQ(cleanup->left, 1U);
  EXPECT_EQ(cleanup->explanation,
            "the repository holds a shared lock of process 7 on elsewhere by root, 5m old");
  EXPECT_EQ(fake_.Count("unlock"), 1);
}

TEST_F(StaleLocks, BesideAnUnprovenOneOfThisHostAreAllLeft) {
  AddOursProvenDead();
  AddOursUnprovenDead();
  ExpectUntouched(2);
}

TEST_F(StaleLocks, BesideADangerousOneAreAllLeft) {
  AddForeign(kStale);
  AddOursAlive("postgres");
  ExpectUntouched(2);
}

TEST_F(StaleLocks, SayWhatWasRemoved) {
  AddOursProvenDead();
  clock_.Advance(seconds(90));
  const auto cleanup = CleanUp();
  ASSERT_TRUE(cleanup);
  EXPECT_EQ(cleanup->explanation,
            "removed a shared lock of process 100 on host-a by root, 1m30s old");
}

TEST_F(StaleLocks, CannotBeJudgedIfTheyCannotBeRead) {
  AddForeign(kStale);
  fake_.Next("cat lock", testing::Script().Complains("Fatal: no\n").Exits(1));
  EXPECT_FALSE(CleanUp());
  EXPECT_EQ(fake_.Count("unlock"), 0);
}

TEST_F(StaleLocks, AreNotClaimedToBeRemovedIfUnlockFails) {
  AddForeign(kStale);
  fake_.Next("unlock", testing::Script().Complains("Fatal: no\n").Exits(1));
  EXPECT_FALSE(CleanUp());
}

}  // namespace
}  // namespace runner
