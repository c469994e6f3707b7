#include "runner/repository/child_ledger.h"

#include <gtest/gtest.h>

#include <csignal>

#include "tests/runner/repository/proc_files.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_process_runner.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AddProcess;
using testing::RemoveProcess;
using testing::Script;

constexpr int kPid = 1234;

class ChildLedgerTest : public ::testing::Test {
 protected:
  ChildLedgerTest() {
    files_.AddFolder("/ledger");
    files_.AddFile("/proc/sys/kernel/random/boot_id", "boot-one\n");
  }

  std::vector<std::string> Entries() { return files_.List("/ledger", 100).value(); }

  /// A child of ours that is entered and at work.
  void StartChild(long birth = 500) {
    AddProcess(files_, kPid, "restic", birth);
    ledger_.Started(kPid);
  }

  testing::MemoryFileSystem files_;
  testing::FakeClock clock_;
  targets::UnixTime start_ = clock_.Now();
  ChildLedger ledger_{files_, clock_, "/ledger"};
};

TEST_F(ChildLedgerTest, EntersAChildAndForgetsIt) {
  StartChild();
  EXPECT_EQ(Entries(), std::vector<std::string>{"1234"});
  EXPECT_EQ(files_.Read("/ledger/1234", kSmallFileLimit).value(),
            "started: 1800000000\nbirth: boot-one/500\n");
  ledger_.Ended(kPid);
  EXPECT_TRUE(Entries().empty());
}

TEST_F(ChildLedgerTest, KnowsADeadChild) {
  StartChild();
  RemoveProcess(files_, kPid);
  EXPECT_TRUE(ledger_.WasOurs(kPid, start_ + seconds(1)));
  EXPECT_FALSE(ledger_.Alive(kPid));
}

TEST_F(ChildLedgerTest, KnowsALivingChild) {
  StartChild();
  EXPECT_FALSE(ledger_.WasOurs(kPid, start_ + seconds(1)));
  EXPECT_TRUE(ledger_.Alive(kPid));
  EXPECT_EQ(ledger_.NameOf(kPid), "restic");
}

TEST_F(ChildLedgerTest, TakesAZombieForDead) {
  StartChild();
  AddProcess(files_, kPid, "restic", 500, 'Z');
  EXPECT_TRUE(ledger_.WasOurs(kPid, start_));
  EXPECT_FALSE(ledger_.Alive(kPid));
}

TEST_F(ChildLedgerTest, TellsAReusedProcessIdFromTheChild) {
  StartChild();
  AddProcess(files_, kPid, "postgres", 900);
  EXPECT_TRUE(ledger_.WasOurs(kPid, start_));
  EXPECT_TRUE(ledger_.Alive(kPid));
  EXPECT_EQ(ledger_.NameOf(kPid), "postgres");
}

TEST_F(ChildLedgerTest, TellsAProcessOfTheNextBootFromTheChild) {
  StartChild();
  files_.AddFile("/proc/sys/kernel/random/boot_id", "boot-two\n");
  EXPECT_TRUE(ledger_.WasOurs(kPid, start_));
}

TEST_F(ChildLedgerTest, ReadsNamesWithParenthesesAndSpaces) {
  AddProcess(files_, kPid, "a) S 1 (b", 500);
  ledger_.Started(kPid);
  EXPECT_FALSE(ledger_.WasOurs(kPid, start_));
  AddProcess(files_, kPid, "a) S 1 (b", 501);
  EXPECT_TRUE(ledger_.WasOurs(kPid, start_));
}

TEST_F(ChildLedgerTest, ProvesNothingOfALockThatIsOlderThanTheChild) {
  StartChild();
  RemoveProcess(files_, kPid);
  EXPECT_TRUE(ledger_.WasOurs(kPid, start_ - seconds(5)));  // clocks are never quite equal
  EXPECT_FALSE(ledger_.WasOurs(kPid, start_ - seconds(6)));
}

TEST_F(ChildLedgerTest, ProvesNothingWithoutAnEntry) {
  EXPECT_FALSE(ledger_.WasOurs(kPid, start_));
  EXPECT_FALSE(ledger_.Alive(kPid));
  EXPECT_EQ(ledger_.NameOf(kPid), "");
}

TEST_F(ChildLedgerTest, ProvesNothingWithADamagedEntry) {
  for (const char* text : {"", "started: soon\nbirth: boot-one/500\n", "birth: boot-one/500\n",
                           "started: 18000x\nbirth: b\n"}) {
    files_.AddFile("/ledger/1234", text);
    EXPECT_FALSE(ledger_.WasOurs(kPid, start_)) << text;
  }
}

TEST_F(ChildLedgerTest, ProvesNothingOfAChildWhoseBirthItNeverSaw) {
  ledger_.Started(kPid);  // /proc said nothing of it
  AddProcess(files_, kPid, "restic", 500);
  EXPECT_FALSE(ledger_.WasOurs(kPid, start_));
}

TEST_F(ChildLedgerTest, ProvesNothingWhileProcCannotBeRead) {
  StartChild();
  files_.SetUnreadable("/proc/1234/stat", true);
  EXPECT_FALSE(ledger_.WasOurs(kPid, start_));
}

/// A storage may keep a lock that its restic removed.
TEST_F(ChildLedgerTest, KnowsTheLockOfAChildThatEndedWellOnceNobodyRefreshesIt) {
  StartChild();
  clock_.Advance(seconds(10));
  RemoveProcess(files_, kPid);
  ledger_.EndedWell(kPid);
  ledger_.Ended(kPid);
  EXPECT_FALSE(ledger_.WasOurs(kPid, start_ + seconds(1))) << "it may be another machine's";
  clock_.Advance(seconds(351));
  EXPECT_FALSE(ledger_.WasOurs(kPid, start_ + seconds(1)));
  clock_.Advance(seconds(1));
  EXPECT_TRUE(ledger_.WasOurs(kPid, start_ + seconds(1)));
  EXPECT_FALSE(ledger_.WasOurs(kPid, start_ + seconds(11))) << "made or refreshed after its end";
  EXPECT_FALSE(ledger_.WasOurs(kPid, start_ - seconds(6))) << "made before its start";
  EXPECT_FALSE(ledger_.WasOurs(kPid + 1, start_ + seconds(1)));
  EXPECT_TRUE(ledger_.Dead().empty()) << "no reason to look for locks";
  AddProcess(files_, kPid, "restic", 999);
  EXPECT_FALSE(ledger_.WasOurs(kPid, start_ + seconds(1))) << "somebody has that id now";
}

TEST_F(ChildLedgerTest, SweepsOnlyOldEntriesOfTheDead) {
  AddProcess(files_, 1, "restic", 10);
  ledger_.Started(1);  // lives on
  StartChild();
  RemoveProcess(files_, kPid);
  clock_.Advance(seconds(24 * 3600 - 1));
  ledger_.Sweep();
  EXPECT_EQ(Entries(), (std::vector<std::string>{"1", "1234"}));
  clock_.Advance(seconds(1));
  ledger_.Sweep();
  EXPECT_EQ(Entries(), std::vector<std::string>{"1"});
}

TEST_F(ChildLedgerTest, CountsAnEntryWhoseWriterWasKilledBeforeItWasRenamed) {
  StartChild();
  const std::string text = files_.Read("/ledger/1234", kSmallFileLimit).value().value();
  ledger_.Ended(kPid);
  files_.AddFile("/ledger/.1234.tmp-7-1", text);
  EXPECT_TRUE(ledger_.Dead().empty()) << "it lives";
  RemoveProcess(files_, kPid);
  ledger_.Sweep();
  EXPECT_EQ(ledger_.Dead(), std::vector<pid_t>{kPid});
  ledger_.Ended(kPid);
  EXPECT_TRUE(Entries().empty());
}

TEST_F(ChildLedgerTest, SweepsWhatIsNoEntry) {
  files_.AddFile("/ledger/rubbish", "hello");
  ledger_.Sweep();
  EXPECT_TRUE(Entries().empty());
}

TEST_F(ChildLedgerTest, IsKeptByTheProcessRunnerUntilTheChildIsWaitedFor) {
  testing::FakeProcessRunner inner(clock_);
  std::vector<std::string> while_it_ran;
  inner.When(
      testing::HasWords({"restic"}),
      Script().Does([&] { while_it_ran = Entries(); }, milliseconds(5)).Exits(0, milliseconds(9)));
  LedgerProcessRunner runner(inner, ledger_);
  ProcessSpec spec;
  spec.argv = {"restic", "backup"};
  EXPECT_TRUE(runner.Run(spec).Succeeded());
  EXPECT_EQ(while_it_ran.size(), 1U);
  EXPECT_TRUE(Entries().empty());
}

TEST_F(ChildLedgerTest, IsKeptOfAChildThatMayHaveLeftItsLock) {
  struct Case {
    Script end;
    std::size_t entries;
  };
  for (const Case& ended : {Case{Script().Exits(1), 0}, Case{Script().Exits(11), 0},
                            Case{Script().Exits(130), 1}, Case{Script().Dies(SIGKILL), 1}}) {
    for (const std::string& name : Entries()) ledger_.Ended(std::stoi(name));
    testing::FakeProcessRunner inner(clock_);
    inner.When(testing::HasWords({"restic"}), ended.end);
    LedgerProcessRunner runner(inner, ledger_);
    ProcessSpec spec;
    spec.argv = {"restic", "backup"};
    runner.Run(spec);
    EXPECT_EQ(Entries().size(), ended.entries);
  }
}

TEST_F(ChildLedgerTest, EntersOfAStreamOnlyTheReader) {
  testing::FakeProcessRunner inner(clock_);
  inner.When(testing::HasWords({"restic"}), Script().AtEndOfInput(Script().Exits(0)));
  inner.When(testing::HasWords({"pg_dump"}), Script().Exits(0));
  LedgerProcessRunner runner(inner, ledger_);
  ProcessSpec producer;
  producer.argv = {"pg_dump"};
  ProcessSpec consumer;
  consumer.argv = {"restic"};
  {
    const auto pair = runner.LaunchStream(producer, consumer);
    EXPECT_EQ(Entries(), std::vector<std::string>{std::to_string(pair->Consumer().Pid())});
    EXPECT_TRUE(pair->Producer().Wait().Succeeded());
    pair->CloseWriteEnd();
    EXPECT_TRUE(pair->Consumer().Wait().Succeeded());
  }
  EXPECT_TRUE(Entries().empty());
}

TEST_F(ChildLedgerTest, HasNoEntryForAProgramThatDidNotStart) {
  testing::FakeProcessRunner inner(clock_);
  LedgerProcessRunner runner(inner, ledger_);
  ProcessSpec spec;
  spec.argv = {"restic"};
  EXPECT_FALSE(runner.Run(spec).Succeeded());
  EXPECT_TRUE(Entries().empty());
}

}  // namespace
}  // namespace runner
