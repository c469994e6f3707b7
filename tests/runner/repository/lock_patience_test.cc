#include "runner/repository/lock_patience.h"

#include <gtest/gtest.h>

#include "tests/support/fake_restic.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::FakeRestic;
using testing::FullId;

constexpr targets::ResticVersion kOld{0, 14, 0};

class Warnings final : public Observer {
 public:
  void OnEvent(const Event& event) override { messages.push_back(event.message); }
  std::vector<std::string> messages;
};

class LockPatienceTest : public ::testing::Test {
 protected:
  LockPatienceTest() {
    config_.instance = targets::InstanceName("server1");
    config_.repository.url = "/srv/repo";
    config_.repository.retry_lock = minutes(5);
    files_.AddFolder("/gate");
    files_.AddFolder("/ledger");
  }

  void LockFor(seconds age) {
    fake_.locks[FullId('1')] = {clock_.Now() - age, true, "elsewhere", "root", 7};
  }
  /// Prunes with a restic of that release.
  std::optional<Failure> Prune(targets::ResticVersion version) {
    std::optional<Failure> failure;
    With(version, [&](Restic& restic, RepositoryGate& gate, LockPatience& patience) {
      const auto alone = gate.Enter(LockMode::kExclusive, stop_).value();
      const auto prune = [&]() -> std::optional<Failure> {
        const auto done = restic.Prune({}, stop_);
        return done ? std::nullopt : std::optional(done.error());
      };
      failure = patience.Run(prune, *alone, stop_);
    });
    return failure;
  }
  /// Lets a backup that met a lock wait.
  bool Outlast(targets::ResticVersion version) {
    bool gone = false;
    With(version, [&](Restic&, RepositoryGate&, LockPatience& patience) {
      gone = patience.Outlast("locked by PID 7", stop_);
    });
    return gone;
  }
  void With(targets::ResticVersion version,
            const std::function<void(Restic&, RepositoryGate&, LockPatience&)>& use) {
    Restic restic(config_, {targets::Secret("sesame"), {}, {}}, version, processes_);
    const auto pause = [this](std::chrono::milliseconds by) {
      clock_.Advance(by);
      if (on_pause_) on_pause_();
    };
    RepositoryGate gate(files_, clock_, "/gate", pause);
    ChildLedger ledger(files_, clock_, "/ledger");
    LockCleaner cleaner(restic, ledger, gate, clock_, "host-a", events_);
    LockPatience patience(config_, restic, cleaner, clock_, events_, pause);
    use(restic, gate, patience);
  }

  targets::Config config_;
  testing::MemoryFileSystem files_;
  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
  FakeRestic fake_{processes_, clock_};
  Warnings events_;
  std::function<void()> on_pause_;
  StopHandle stop_;
};

TEST_F(LockPatienceTest, StartsAnUnlockedCommandOnce) {
  EXPECT_EQ(Prune(kOld), std::nullopt);
  EXPECT_EQ(fake_.Count("prune"), 1);
  EXPECT_EQ(fake_.Count("list locks"), 0);
}

TEST_F(LockPatienceTest, HandsOtherFailuresBackAtOnce) {
  fake_.Next("prune", testing::Script().Complains("Fatal: no space left on device\n").Exits(1));
  EXPECT_EQ(Prune(kOld)->reason, "no space left on device");
  EXPECT_EQ(fake_.Count("prune"), 1);
}

TEST_F(LockPatienceTest, TriesAgainEveryTenSecondsUntilTheLockIsGone) {
  LockFor(minutes(1));
  const MonotonicTime began = clock_.Monotonic();
  on_pause_ = [&] {
    if (clock_.Monotonic() - began >= seconds(25)) fake_.locks.clear();
  };
  EXPECT_EQ(Prune(kOld), std::nullopt);
  EXPECT_EQ(fake_.Count("prune"), 4);
  EXPECT_EQ(clock_.Monotonic() - began, seconds(30));
  EXPECT_EQ(events_.messages.size(), 2U) << "whose lock, and that it waits: once each";
  EXPECT_TRUE(events_.messages[1].ends_with("; waiting up to 5m")) << events_.messages[1];
}

TEST_F(LockPatienceTest, GivesUpWhenThePatienceIsOver) {
  LockFor(minutes(1));
  const MonotonicTime began = clock_.Monotonic();
  const auto failure = Prune(kOld);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->cause, Cause::kLocked);
  EXPECT_NE(failure->reason.find("by PID 7 on elsewhere by root, since 2027-01-15T07:59:00Z (360s"),
            std::string::npos)
      << failure->reason;
  EXPECT_EQ(clock_.Monotonic() - began, minutes(5));
}

TEST_F(LockPatienceTest, DoesNotWaitWithoutPatience) {
  config_.repository.retry_lock = seconds(0);
  LockFor(minutes(1));
  EXPECT_EQ(Prune(kOld)->cause, Cause::kLocked);
  EXPECT_EQ(fake_.Count("prune"), 1);
}

TEST_F(LockPatienceTest, LeavesTheWaitingToAResticThatCan) {
  LockFor(minutes(1));
  const MonotonicTime began = clock_.Monotonic();
  EXPECT_EQ(Prune(FakeRestic::kVersion)->cause, Cause::kLocked);
  EXPECT_EQ(fake_.Count("prune"), 1);
  EXPECT_EQ(clock_.Monotonic(), began);
}

TEST_F(LockPatienceTest, RemovesADeadLockAtOnceWhateverTheRelease) {
  for (const auto version : {kOld, FakeRestic::kVersion}) {
    LockFor(minutes(31));
    const MonotonicTime began = clock_.Monotonic();
    EXPECT_EQ(Prune(version), std::nullopt);
    EXPECT_EQ(clock_.Monotonic(), began);
  }
  EXPECT_EQ(fake_.Count("unlock"), 2);
}

TEST_F(LockPatienceTest, OutlastsAnExclusiveLockForABackup) {
  LockFor(minutes(1));
  const MonotonicTime began = clock_.Monotonic();
  on_pause_ = [&] {
    if (clock_.Monotonic() - began >= seconds(15)) fake_.locks.begin()->second.exclusive = false;
  };
  EXPECT_TRUE(Outlast(kOld)) << "a shared lock does not stop a backup";
  EXPECT_EQ(clock_.Monotonic() - began, seconds(20));
  EXPECT_EQ(events_.messages, std::vector<std::string>{"locked by PID 7; waiting up to 5m"});
}

TEST_F(LockPatienceTest, DoesNotOutlastALockForEver) {
  LockFor(minutes(1));
  const MonotonicTime began = clock_.Monotonic();
  EXPECT_FALSE(Outlast(FakeRestic::kVersion)) << "it has waited by itself";
  EXPECT_EQ(clock_.Monotonic(), began);
  EXPECT_FALSE(Outlast(kOld));
  EXPECT_EQ(clock_.Monotonic() - began, minutes(5));
  config_.repository.retry_lock = seconds(0);
  EXPECT_FALSE(Outlast(kOld));
  EXPECT_EQ(clock_.Monotonic() - began, minutes(5));
}

TEST_F(LockPatienceTest, StopsWaitingOnRequest) {
  LockFor(minutes(1));
  const MonotonicTime began = clock_.Monotonic();
  on_pause_ = [this] { stop_.Stop(); };
  EXPECT_TRUE(Prune(kOld));
  EXPECT_LE(clock_.Monotonic() - began, seconds(1));
}

}  // namespace
}  // namespace runner
