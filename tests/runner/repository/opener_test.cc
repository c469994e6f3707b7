#include "runner/repository/opener.h"

#include <gtest/gtest.h>

#include "tests/support/fake_restic.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using std::chrono::seconds;
using testing::FullId;
using testing::Script;

class Events final : public Observer {
 public:
  void OnEvent(const Event& event) override { messages.push_back(event.message); }
  std::vector<std::string> messages;
};

class RepositoryOpenerTest : public ::testing::Test {
 protected:
  RepositoryOpenerTest() {
    config_.instance = targets::InstanceName("server1");
    config_.repository.url = "/srv/repo";
    EXPECT_TRUE(state_.Prepare(clock_.Now()));
  }

  Outcome<std::string> Open() { return opener_.Open(stop_); }
  std::string Pinned() { return facts_.PinnedRepositoryId().value().value_or("(none)"); }
  void Pin(char digit) { ASSERT_TRUE(facts_.PinRepositoryId(FullId(digit))); }
  int Launches() { return static_cast<int>(processes_.Launched().size()); }

  targets::Config config_;
  testing::MemoryFileSystem files_;
  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
  testing::FakeRestic fake_{processes_, clock_};
  StateFolder state_{files_, "/state"};
  FactStore facts_{files_, state_};
  Restic restic_{
      config_, {targets::Secret("sesame"), {}, {}}, testing::FakeRestic::kVersion, processes_};
  Events events_;
  RepositoryGate gate_{files_, clock_, "/state/repository",
                       [this](std::chrono::milliseconds by) { clock_.Advance(by); }};
  RepositoryOpener opener_{config_, restic_, gate_, facts_, clock_, events_};
  StopHandle stop_;
};

TEST_F(RepositoryOpenerTest, PinsTheRepositoryThatItFindsFirst) {
  EXPECT_EQ(Open(), FullId('a'));
  EXPECT_EQ(Pinned(), FullId('a'));
  EXPECT_EQ(fake_.Count("init"), 0);
}

/// A key of the runner's own opens no other repository, so each start of restic proves it again.
TEST_F(RepositoryOpenerTest, WithAMachineKeyAProofLastsLonger) {
  KeyChoice choice;
  Restic with_key{config_,
                  {targets::Secret("sesame"), {}, {}},
                  testing::FakeRestic::kVersion,
                  processes_,
                  "restic",
                  &choice};
  RepositoryOpener opener{config_, with_key, gate_, facts_, clock_, events_};
  ASSERT_TRUE(opener.Open(stop_));
  clock_.Advance(RepositoryOpener::kProofLasts);
  ASSERT_TRUE(opener.Open(stop_));
  EXPECT_EQ(Launches(), 2);
  choice.Use({FullId('k'), targets::Secret("machine"), FullId('a')});
  clock_.Advance(RepositoryOpener::kProofLastsWithKey - seconds(1));
  EXPECT_EQ(opener.Open(stop_), FullId('a'));
  EXPECT_EQ(Launches(), 2);
  clock_.Advance(seconds(1));
  EXPECT_EQ(opener.Open(stop_), FullId('a'));
  EXPECT_EQ(Launches(), 3);
  EXPECT_EQ(processes_.Launched().back().environment.at("RESTIC_PASSWORD"), "sesame")
      << "the user's password is proven with it";
  choice.Use({FullId('k'), targets::Secret("machine"), FullId('b')});
  clock_.Advance(RepositoryOpener::kProofLasts);
  EXPECT_EQ(opener.Open(stop_), FullId('a'));
  EXPECT_GT(Launches(), 3) << "a key of another repository proves nothing";
}

TEST_F(RepositoryOpenerTest, AcceptsThePinnedRepository) {
  Pin('a');
  EXPECT_EQ(Open(), FullId('a'));
}

TEST_F(RepositoryOpenerTest, SoundsTheAlarmNamingBothIfAnotherRepositoryIsThere) {
  Pin('b');
  const auto opened = Open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason,
            "/srv/repo holds repository aaaaaaaaaa, but this installation belongs to bbbbbbbbbb");
  EXPECT_NE(opened.error().hint.find("id: " + FullId('a')), std::string::npos);
  EXPECT_EQ(Pinned(), FullId('b'));
}

TEST_F(RepositoryOpenerTest, CreatesAMissingRepositoryOnce) {
  fake_.repository.reset();
  EXPECT_EQ(Open(), FullId('a'));
  EXPECT_EQ(Open(), FullId('a'));
  EXPECT_EQ(fake_.Count("init"), 1);
  EXPECT_EQ(Pinned(), FullId('a'));
  EXPECT_EQ(events_.messages, std::vector<std::string>{"created aaaaaaaaaa at /srv/repo"});
}

TEST_F(RepositoryOpenerTest, CreatesNothingIfSomebodyElseWasFaster) {
  fake_.Next("cat config", Script().Exits(10));  // missing; at the second look it is there
  EXPECT_EQ(Open(), FullId('a'));
  EXPECT_EQ(fake_.Count("init"), 0);
}

TEST_F(RepositoryOpenerTest, CreatesNothingIfTheSecondLookFails) {
  fake_.Next("cat config", Script().Exits(10));
  fake_.Next("cat config", Script().Complains("Fatal: dial tcp: timeout\n").Exits(1));
  EXPECT_FALSE(Open());
  EXPECT_EQ(fake_.Count("init"), 0);
}

TEST_F(RepositoryOpenerTest, NeverCreatesWhatTheConfigurationForbids) {
  fake_.repository.reset();
  config_.repository.init = targets::InitRule::kNever;
  const auto opened = Open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().cause, Cause::kNoRepository);
  EXPECT_EQ(opened.error().reason, "there is no repository at /srv/repo");
  EXPECT_EQ(fake_.Count("init"), 0);
  EXPECT_EQ(Pinned(), "(none)");
}

TEST_F(RepositoryOpenerTest, SoundsTheAlarmIfThePinnedRepositoryIsGone) {
  Pin('a');
  fake_.repository.reset();
  const auto opened = Open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().cause, Cause::kNoRepository);
  EXPECT_EQ(opened.error().reason, "repository aaaaaaaaaa is not at /srv/repo any more");
  EXPECT_EQ(fake_.Count("init"), 0);
}

TEST_F(RepositoryOpenerTest, SoundsTheAlarmIfTheConfiguredRepositoryIsMissing) {
  config_.repository.id = FullId('a');
  fake_.repository.reset();
  EXPECT_FALSE(Open());
  EXPECT_EQ(fake_.Count("init"), 0);
}

TEST_F(RepositoryOpenerTest, NeverCreatesAnythingIfTheAnswerIsUnknown) {
  for (const int code : {1, 11, 12, 130, 2, 77}) {
    fake_.repository.reset();
    fake_.Next("cat config", Script().Complains("Fatal: who knows\n").Exits(code));
    EXPECT_FALSE(Open()) << code;
  }
  fake_.Next("cat config", Script().Dies(9));
  EXPECT_FALSE(Open());
  fake_.Next("cat config", Script().Prints("{}").Exits(0));
  EXPECT_FALSE(Open());
  EXPECT_EQ(fake_.Count("init"), 0);
  EXPECT_EQ(Pinned(), "(none)");
}

TEST_F(RepositoryOpenerTest, FailsIfItCannotCreate) {
  fake_.repository.reset();
  fake_.Next("init", Script().Complains("Fatal: create: permission denied\n").Exits(1));
  EXPECT_FALSE(Open());
  EXPECT_EQ(Pinned(), "(none)");
}

TEST_F(RepositoryOpenerTest, WaitsForTheGateBeforeItCreates) {
  fake_.repository.reset();
  const auto busy = files_.TryLock("/state/repository/gate.lock", LockMode::kShared).value();
  EXPECT_FALSE(Open());
  EXPECT_EQ(fake_.Count("init"), 0);
}

TEST_F(RepositoryOpenerTest, ReusesAProofWithinTheHour) {
  ASSERT_TRUE(Open());
  clock_.Advance(seconds(3599));
  const int before = Launches();
  EXPECT_EQ(Open(), FullId('a'));
  EXPECT_EQ(Launches(), before);
}

TEST_F(RepositoryOpenerTest, ProvesAnewAfterAnHour) {
  ASSERT_TRUE(Open());
  clock_.Advance(seconds(3600));
  ASSERT_TRUE(Open());
  EXPECT_EQ(fake_.Count("cat config"), 2);
}

TEST_F(RepositoryOpenerTest, ProvesAnewIfTheClockWentBack) {
  ASSERT_TRUE(Open());
  clock_.JumpTo(clock_.Now() - seconds(1));
  ASSERT_TRUE(Open());
  EXPECT_EQ(fake_.Count("cat config"), 2);
}

TEST_F(RepositoryOpenerTest, ProvesAnewAtAnotherUrl) {
  ASSERT_TRUE(Open());
  config_.repository.url = "/srv/other";
  ASSERT_TRUE(Open());
  EXPECT_EQ(fake_.Count("cat config"), 2);
}

TEST_F(RepositoryOpenerTest, ReusesAProofForExistingWorkButProvesAnewIfAsked) {
  ASSERT_TRUE(Open());
  EXPECT_EQ(opener_.OpenExisting(stop_), FullId('a'));
  EXPECT_EQ(fake_.Count("cat config"), 1);
  EXPECT_EQ(opener_.Prove(stop_), FullId('a'));
  EXPECT_EQ(fake_.Count("cat config"), 2);
  fake_.repository = FullId('b');
  EXPECT_TRUE(opener_.OpenExisting(stop_));
  EXPECT_FALSE(opener_.Prove(stop_));
}

TEST_F(RepositoryOpenerTest, LetsNobodyInByAProofThatALaterAnswerRefuted) {
  ASSERT_TRUE(Open());
  fake_.repository = FullId('b');
  EXPECT_FALSE(opener_.Prove(stop_));
  EXPECT_FALSE(Open());
  EXPECT_FALSE(opener_.OpenExisting(stop_));
  fake_.repository = FullId('a');
  EXPECT_EQ(Open(), FullId('a'));
  fake_.repository.reset();
  EXPECT_FALSE(opener_.Prove(stop_));
  EXPECT_FALSE(Open());
}

TEST_F(RepositoryOpenerTest, ARefutedProofDoesNotComeBackWithTheClock) {
  ASSERT_TRUE(Open());
  fake_.repository = FullId('b');
  clock_.Advance(seconds(3600));
  EXPECT_FALSE(Open());
  clock_.JumpTo(clock_.Now() - seconds(600));
  EXPECT_FALSE(Open());
}

TEST_F(RepositoryOpenerTest, RefusesAnotherRepositoryAlsoIfItCannotWithdrawItsProof) {
  ASSERT_TRUE(Open());
  fake_.repository = FullId('b');
  files_.SetFull(true);
  const auto proven = opener_.Prove(stop_);
  ASSERT_FALSE(proven);
  EXPECT_NE(proven.error().reason.find("this installation belongs to"), std::string::npos);
  EXPECT_EQ(events_.messages.size(), 1U);
}

TEST_F(RepositoryOpenerTest, CreatesARepositoryForBackupsOnly) {
  fake_.repository.reset();
  for (const auto& opened : {opener_.OpenExisting(stop_), opener_.Prove(stop_)}) {
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().cause, Cause::kNoRepository);
    EXPECT_EQ(opened.error().reason, "there is no repository at /srv/repo");
  }
  EXPECT_EQ(fake_.Count("init"), 0);
}

TEST_F(RepositoryOpenerTest, RefusesAnotherRepositoryThanTheConfiguredOne) {
  config_.repository.id = FullId('b');
  EXPECT_FALSE(Open());
  EXPECT_EQ(Pinned(), "(none)");
}

TEST_F(RepositoryOpenerTest, FollowsTheConfigurationToAnotherRepository) {
  Pin('b');
  config_.repository.id = FullId('a');
  EXPECT_EQ(Open(), FullId('a'));
  EXPECT_EQ(Pinned(), FullId('a'));
}

TEST_F(RepositoryOpenerTest, KeepsThePinIfTheConfiguredRepositoryIsNotThere) {
  Pin('b');
  config_.repository.id = FullId('c');
  EXPECT_FALSE(Open());
  EXPECT_EQ(Pinned(), FullId('b'));
}

TEST_F(RepositoryOpenerTest, FailsIfThePinCannotBeWritten) {
  files_.SetFull(true);
  EXPECT_FALSE(Open());
}

TEST_F(RepositoryOpenerTest, FailsIfItsFactsAreDamaged) {
  files_.AddFile("/state/repository/facts.json", "{");
  EXPECT_FALSE(Open());
  EXPECT_EQ(Launches(), 0);
}

}  // namespace
}  // namespace runner
