#include "runner/repository/gate.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using std::chrono::milliseconds;
using Pass = targets::Result<std::unique_ptr<GatePass>>;

/// A gate that nobody leaves by itself: each pause moves the clock and does what the test says.
class RepositoryGateTest : public ::testing::Test {
 protected:
  RepositoryGateTest() { files_.AddFolder("/gate"); }

  Pass Enter(LockMode mode, milliseconds patience = milliseconds{0}) {
    return gate_.Enter(mode, stop_, patience);
  }

  /// What holds one of the gate's two files, as another process would.
  std::unique_ptr<FileLock> Hold(const std::string& name, LockMode mode) {
    return files_.TryLock("/gate/" + name, mode).value();
  }

  testing::MemoryFileSystem files_;
  testing::FakeClock clock_;
  StopHandle stop_;
  std::vector<milliseconds> pauses_;
  std::function<void()> meanwhile_;
  RepositoryGate gate_{files_, clock_, "/gate", [this](milliseconds pause) {
                         pauses_.push_back(pause);
                         clock_.Advance(pause);
                         if (meanwhile_) meanwhile_();
                       }};
};

TEST_F(RepositoryGateTest, IsSharedTogether) {
  const Pass first = Enter(LockMode::kShared);
  const Pass second = Enter(LockMode::kShared);
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(RepositoryGateTest, IsExclusiveAlone) {
  const Pass alone = Enter(LockMode::kExclusive);
  ASSERT_TRUE(alone);
  EXPECT_FALSE(Enter(LockMode::kShared));
  EXPECT_FALSE(Enter(LockMode::kExclusive));
}

TEST_F(RepositoryGateTest, LetsNobodyInAloneWhileItIsShared) {
  const Pass shared = Enter(LockMode::kShared);
  EXPECT_FALSE(Enter(LockMode::kExclusive));
}

TEST_F(RepositoryGateTest, IsLeftByDestruction) {
  Pass alone = Enter(LockMode::kExclusive);
  ASSERT_TRUE(alone);
  alone->reset();
  EXPECT_TRUE(Enter(LockMode::kShared));
}

TEST_F(RepositoryGateTest, IsLeftByTheDeathOfTheProcess) {
  const Pass alone = Enter(LockMode::kExclusive);
  files_.CrashAndLoseUnsynced();
  EXPECT_TRUE(Enter(LockMode::kExclusive));
}

TEST_F(RepositoryGateTest, KeepsNoTurnstileOnceEntered) {
  const Pass shared = Enter(LockMode::kShared);
  EXPECT_NE(Hold("turnstile.lock", LockMode::kExclusive), nullptr);
}

TEST_F(RepositoryGateTest, KeepsNoTurnstileAfterGivingUp) {
  const Pass shared = Enter(LockMode::kShared);
  EXPECT_FALSE(Enter(LockMode::kExclusive));
  EXPECT_NE(Hold("turnstile.lock", LockMode::kExclusive), nullptr);
}

TEST_F(RepositoryGateTest, IsEnteredAsSoonAsTheOtherLeaves) {
  Pass shared = Enter(LockMode::kShared);
  meanwhile_ = [&] {
    if (pauses_.size() == 3) shared->reset();
  };
  EXPECT_TRUE(Enter(LockMode::kExclusive, milliseconds{60'000}));
  EXPECT_EQ(pauses_, (std::vector{milliseconds{10}, milliseconds{20}, milliseconds{40}}));
}

TEST_F(RepositoryGateTest, LetsAWaitingExclusiveInBeforeNewSharedOnes) {
  Pass old_shared = Enter(LockMode::kShared);
  RepositoryGate other(files_, clock_, "/gate", [this](milliseconds by) { clock_.Advance(by); });
  int refused = 0;
  meanwhile_ = [&] {
    // While this one waits, newcomers come without end; they must not slip in beside the old one.
    if (!other.Enter(LockMode::kShared, stop_, milliseconds{0})) ++refused;
    if (pauses_.size() == 5) old_shared->reset();
  };
  EXPECT_TRUE(Enter(LockMode::kExclusive, milliseconds{60'000}));
  EXPECT_EQ(refused, 5);
}

TEST_F(RepositoryGateTest, RunsOutOfPatience) {
  const Pass alone = Enter(LockMode::kExclusive);
  const MonotonicTime start = clock_.Monotonic();
  const Pass late = Enter(LockMode::kShared, milliseconds{1'000});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().message, "other jobs of this repository did not finish in time");
  EXPECT_FALSE(late.error().hint.empty());
  EXPECT_GE(clock_.Monotonic() - start, milliseconds{1'000});
  EXPECT_LE(clock_.Monotonic() - start, milliseconds{1'250});
}

TEST_F(RepositoryGateTest, HasOnePatienceForTheTurnstileAndTheGate) {
  const auto turnstile_holder = Hold("gate.lock", LockMode::kExclusive);
  auto turnstile = Hold("turnstile.lock", LockMode::kExclusive);
  meanwhile_ = [&] {
    if (pauses_.size() == 4) turnstile.reset();
  };
  const MonotonicTime start = clock_.Monotonic();
  EXPECT_FALSE(Enter(LockMode::kShared, milliseconds{1'000}));
  EXPECT_LE(clock_.Monotonic() - start, milliseconds{1'250});
}

TEST_F(RepositoryGateTest, EndsWaitingWhenItIsStopped) {
  const Pass alone = Enter(LockMode::kExclusive);
  meanwhile_ = [&] {
    if (pauses_.size() == 2) stop_.Stop();
  };
  const Pass stopped = gate_.Enter(LockMode::kShared, stop_);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().message, "stopped while waiting for other jobs of this repository");
  EXPECT_EQ(pauses_.size(), 2U);
}

TEST_F(RepositoryGateTest, SaysWhyItsFilesCannotBeLocked) {
  files_.AddFile("/gate/turnstile.lock", "");
  files_.SetUnreadable("/gate/turnstile.lock", true);
  const Pass pass = Enter(LockMode::kShared);
  ASSERT_FALSE(pass);
  EXPECT_NE(pass.error().message.find("/gate/turnstile.lock"), std::string::npos);
}

TEST_F(RepositoryGateTest, AwaitsAnotherLockOfTheseJobs) {
  const auto attempt = [this] { return files_.TryLock("/gate/other", LockMode::kExclusive); };
  auto held = Hold("other", LockMode::kExclusive);
  const auto late = gate_.Await(attempt, stop_, milliseconds{500});
  ASSERT_TRUE(late);
  EXPECT_EQ(*late, nullptr) << "not free in time";

  meanwhile_ = [&] { held.reset(); };
  const auto lock = gate_.Await(attempt, stop_, milliseconds{500});
  ASSERT_TRUE(lock);
  EXPECT_NE(*lock, nullptr);

  meanwhile_ = [this] { stop_.Stop(); };
  const auto stopped = gate_.Await(attempt, stop_, {});
  ASSERT_TRUE(stopped);
  EXPECT_EQ(*stopped, nullptr);
}

}  // namespace
}  // namespace runner
