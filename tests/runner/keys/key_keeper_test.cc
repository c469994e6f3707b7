#include "runner/keys/key_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/support/fake_restic.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::Secret;
using ::testing::Contains;
using testing::FullId;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kKeys = "/srv/repo/keys";

class Events final : public Observer {
 public:
  void OnEvent(const Event& event) override { messages.push_back(event.message); }
  std::vector<std::string> messages;
};

/// Puts nothing, or something else.
class BrokenPlace final : public RepositoryFiles {
 public:
  BrokenPlace(FileSystem& files, std::string content)
      : files_(files), content_(std::move(content)) {}
  Outcome<void> Put(const RepositoryFile& file, StopHandle& /*stop*/) override {
    if (content_.empty())
      return tl::unexpected(Failure{Cause::kPermission, "read-only", "", std::nullopt});
    EXPECT_TRUE(files_.WriteDurably(std::string(kKeys) + "/" + file.name, content_, 0400));
    return {};
  }
  Outcome<std::set<targets::SnapshotId>> Snapshots(StopHandle& /*stop*/) override {
    return std::set<targets::SnapshotId>{};
  }

 private:
  FileSystem& files_;
  std::string content_;
};

/// A repository in memory whose keys are real ones: a child gets in if its password opens the key
/// that it hints at, or is the user's.
class KeyKeeperTest : public ::testing::Test {
 protected:
  KeyKeeperTest() {
    config_.instance = targets::InstanceName("server1");
    config_.repository.url = "/srv/repo";
    for (const char* folder : {kKeys, "/state/repository"}) files_.AddFolder(folder);
    EXPECT_TRUE(files_.WriteDurably("/srv/repo/config", "sealed", 0440));
    std::ifstream master(std::string(KEY_TESTDATA) + "/restic-014.master.json");
    fake_.master_key.assign(std::istreambuf_iterator<char>(master), {});
    fake_.opens = [this](const ProcessSpec& spec) { return Opens(spec); };
    fake_.watch = [this](const std::string& command, const ProcessSpec& spec) {
      if (command == "key remove") {
        EXPECT_TRUE(files_.Remove(std::string(kKeys) + "/" + spec.argv.back()));
      }
      if (command == "key list") ListFolder();
      last_ = spec;
    };
  }

  bool Opens(const ProcessSpec& spec) {
    const Secret password(spec.environment.at("RESTIC_PASSWORD"));
    if (password.Expose() == "sesame") return true;
    const auto hint = spec.environment.find("RESTIC_KEY_HINT");
    if (hint == spec.environment.end()) return false;
    const auto content = files_.Read(std::string(kKeys) + "/" + hint->second, kSmallFileLimit);
    return content && content->has_value() && OpenKeyFile(**content, password);
  }
  void ListFolder() {
    for (const std::string& id : InRepository())
      fake_.keys.try_emplace(id, testing::FakeRestic::Key{KeyKeeper::kUser, "server1", false});
  }
  std::vector<std::string> InRepository() { return files_.List(kKeys, 100).value(); }

  KeyKeeper Keeper(RepositoryFiles* place) {
    return KeyKeeper({config_, restic_, choice_, gate_, store_, clock_, events_, place,
                      [this](const Secret& secret) { learned_.push_back(secret); }});
  }
  KeyRecord Record() { return store_.Read().value().value(); }

  targets::Config config_;
  testing::MemoryFileSystem files_;
  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
  testing::FakeRestic fake_{processes_, clock_};
  KeyChoice choice_;
  Restic restic_{
      config_, {Secret("sesame"), {}, {}}, testing::FakeRestic::kVersion, processes_, "restic",
      &choice_};
  RepositoryGate gate_{files_, clock_, "/state/repository",
                       [this](std::chrono::milliseconds by) { clock_.Advance(by); }};
  KeyRecordStore store_{files_, "/state/repository"};
  Events events_;
  FolderFiles folder_{files_, "/srv/repo", FolderFiles::Owner::kThisProcess};
  std::vector<Secret> learned_;
  ProcessSpec last_;
  StopHandle stop_;
};

TEST_F(KeyKeeperTest, MakesAKeyThatTheNextChildrenUseInsteadOfThePassword) {
  KeyKeeper keeper = Keeper(&folder_);
  keeper.Ensure(FullId('a'), stop_);
  const KeyRecord record = Record();
  EXPECT_EQ(record.state, KeyState::kInUse);
  EXPECT_EQ(InRepository(), std::vector<std::string>{record.id});
  EXPECT_EQ(learned_, std::vector<Secret>{record.password});
  EXPECT_TRUE(restic_.StoredBytes(stop_));
  EXPECT_EQ(last_.environment.at("RESTIC_PASSWORD"), record.password.Expose());
  EXPECT_EQ(last_.environment.at("RESTIC_KEY_HINT"), record.id);
  EXPECT_EQ(restic_.OpensOnly(), FullId('a'));
}

TEST_F(KeyKeeperTest, NeverPutsThePasswordOnACommandLine) {
  KeyKeeper keeper = Keeper(&folder_);
  keeper.Ensure(FullId('a'), stop_);
  EXPECT_TRUE(restic_.StoredBytes(stop_));
  for (const ProcessSpec& spec : processes_.Launched()) {
    for (const std::string& word : spec.argv)
      EXPECT_EQ(word.find(Record().password.Expose()), std::string::npos);
  }
  for (const std::string& message : events_.messages)
    EXPECT_EQ(message.find(Record().password.Expose()), std::string::npos);
}

TEST_F(KeyKeeperTest, GivesTheKeyTheRightsOfTheRepository) {
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  const auto info = files_.Stat(std::string(kKeys) + "/" + Record().id, LinkHandling::kNoFollow);
  EXPECT_EQ(info.value()->mode & 0777U, 0440U);
}

TEST_F(KeyKeeperTest, MakesOneAndNotAnotherWithEachWave) {
  KeyKeeper keeper = Keeper(&folder_);
  for (int i = 0; i < 3; ++i) keeper.Ensure(FullId('a'), stop_);
  EXPECT_EQ(InRepository().size(), 1U);
}

TEST_F(KeyKeeperTest, TakesUpTheKeptKeyWithoutStartingAnything) {
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  choice_.UsePassword();
  const std::size_t launched = processes_.Launched().size();
  Keeper(&folder_).TakeUp(FullId('a'));
  EXPECT_TRUE(choice_.Current());
  EXPECT_EQ(processes_.Launched().size(), launched);
}

TEST_F(KeyKeeperTest, LeavesTheKeyOfAnotherRepositoryAlone) {
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  choice_.UsePassword();
  Keeper(&folder_).TakeUp(FullId('b'));
  EXPECT_FALSE(choice_.Current());
}

TEST_F(KeyKeeperTest, DoesNothingWhenItIsOff) {
  config_.repository.machine_key = targets::MachineKeyRule::kOff;
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  EXPECT_THAT(processes_.Launched(), IsEmpty());
  EXPECT_THAT(InRepository(), IsEmpty());
}

TEST_F(KeyKeeperTest, GoesOnWithThePasswordWhereItCannotWriteAndTriesAgainADayLater) {
  BrokenPlace place(files_, "");
  KeyKeeper keeper = Keeper(&place);
  keeper.Ensure(FullId('a'), stop_);
  EXPECT_FALSE(choice_.Current());
  EXPECT_EQ(Record().state, KeyState::kFailed);
  EXPECT_THAT(events_.messages, Contains(HasSubstr("no machine key could be added: read-only")));
  const int asked = fake_.Count("key list");
  clock_.Advance(std::chrono::hours(23));
  keeper.Ensure(FullId('a'), stop_);
  EXPECT_EQ(fake_.Count("key list"), asked);
  clock_.Advance(std::chrono::hours(2));
  keeper.Ensure(FullId('a'), stop_);
  EXPECT_GT(fake_.Count("key list"), asked);
}

TEST_F(KeyKeeperTest, RemovesAKeyThatDoesNotProveItself) {
  BrokenPlace place(files_, "damaged on its way");
  Keeper(&place).Ensure(FullId('a'), stop_);
  EXPECT_THAT(InRepository(), IsEmpty());
  EXPECT_EQ(Record().state, KeyState::kFailed);
  EXPECT_THAT(Record().made, IsEmpty());
  EXPECT_FALSE(choice_.Current());
}

TEST_F(KeyKeeperTest, NeverPilesUpKeys) {
  for (const char digit : {'1', '2', '3', '4'})
    fake_.keys[FullId(digit)] = {KeyKeeper::kUser, "server1", false};
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  EXPECT_THAT(InRepository(), IsEmpty());
  EXPECT_THAT(events_.messages, Contains(HasSubstr("5 keys, 4 of them from this runner")));
  EXPECT_EQ(fake_.Count("key remove"), 0);
}

TEST_F(KeyKeeperTest, AddsNoneWhereTenAreThere) {
  for (const char digit : {'1', '2', '3', '4', '5', '6', '7', '8', '9'})
    fake_.keys[FullId(digit)] = {"root", "elsewhere", false};
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  EXPECT_THAT(InRepository(), IsEmpty());
}

TEST_F(KeyKeeperTest, RemovesWhatACrashLeftAndNothingElse) {
  ASSERT_TRUE(store_.Write({.state = KeyState::kMaking,
                            .repository = FullId('a'),
                            .since = clock_.Now() - targets::Duration{2 * 24 * 3600},
                            .made = {FullId('1')}}));
  fake_.keys[FullId('1')] = {KeyKeeper::kUser, "server1", false};
  fake_.keys[FullId('2')] = {KeyKeeper::kUser, "server1", false};
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  EXPECT_FALSE(fake_.keys.contains(FullId('1')));
  EXPECT_TRUE(fake_.keys.contains(FullId('2')));  // of somebody with our name: not made here
  EXPECT_TRUE(fake_.keys.contains(FullId('c')));  // the user's
}

TEST_F(KeyKeeperTest, FallsBackInTheSameCommandWhenTheKeyIsGone) {
  KeyKeeper keeper = Keeper(&folder_);
  keeper.Ensure(FullId('a'), stop_);
  ASSERT_TRUE(files_.Remove(std::string(kKeys) + "/" + Record().id));
  EXPECT_TRUE(restic_.StoredBytes(stop_));
  EXPECT_FALSE(choice_.Current());
  EXPECT_EQ(Record().state, KeyState::kRefused);
  EXPECT_TRUE(Record().password.Empty());
  EXPECT_THAT(events_.messages, Contains(HasSubstr("does not take the machine key")));
}

TEST_F(KeyKeeperTest, DoesNotFallBackIntoAnotherRepositoryOfTheSamePassword) {
  KeyKeeper keeper = Keeper(&folder_);
  keeper.Ensure(FullId('a'), stop_);
  ASSERT_TRUE(files_.Remove(std::string(kKeys) + "/" + Record().id));
  fake_.repository = FullId('f');
  const auto stored = restic_.StoredBytes(stop_);
  ASSERT_FALSE(stored);
  EXPECT_THAT(stored.error().reason, HasSubstr("holds repository ffffffffff, but"));
  EXPECT_EQ(stored.error().cause, Cause::kUnknown);
  EXPECT_EQ(Record().state, KeyState::kInUse);
}

TEST_F(KeyKeeperTest, TellsWhatLiesThereInsteadWhenAskedForTheRepository) {
  KeyKeeper keeper = Keeper(&folder_);
  keeper.Ensure(FullId('a'), stop_);
  ASSERT_TRUE(files_.Remove(std::string(kKeys) + "/" + Record().id));
  fake_.repository = FullId('f');
  const RepositoryState state = restic_.Probe(stop_);
  EXPECT_EQ(std::get<RepositoryFound>(state).id, FullId('f'));
}

TEST_F(KeyKeeperTest, UsesTheSuccessorThatSomebodyElseMade) {
  KeyKeeper keeper = Keeper(&folder_);
  keeper.Ensure(FullId('a'), stop_);
  const MachineKey old = choice_.Current().value();
  ASSERT_TRUE(keeper.Renew(FullId('a'), stop_));
  choice_.Use(old);  // as in a daemon that knows nothing of it
  EXPECT_TRUE(restic_.StoredBytes(stop_));
  EXPECT_EQ(choice_.Current()->id, Record().id);
  EXPECT_EQ(Record().state, KeyState::kInUse);
}

TEST_F(KeyKeeperTest, RenewsAndRemovesTheOneBefore) {
  KeyKeeper keeper = Keeper(&folder_);
  keeper.Ensure(FullId('a'), stop_);
  const std::string before = Record().id;
  const auto renewed = keeper.Renew(FullId('a'), stop_);
  ASSERT_TRUE(renewed);
  EXPECT_NE(*renewed, before);
  EXPECT_EQ(InRepository(), std::vector<std::string>{*renewed});
  EXPECT_EQ(Record().made, std::vector<std::string>{*renewed});
}

TEST_F(KeyKeeperTest, KeepsTheOldKeyWhenARenewalFails) {
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  const KeyRecord before = Record();
  BrokenPlace place(files_, "");
  EXPECT_FALSE(Keeper(&place).Renew(FullId('a'), stop_));
  EXPECT_EQ(Record().id, before.id);
  EXPECT_EQ(Record().state, KeyState::kInUse);
  EXPECT_EQ(choice_.Current()->id, before.id);
}

TEST_F(KeyKeeperTest, RevokesAllOfThisInstanceAndMakesNoneAgain) {
  KeyKeeper keeper = Keeper(&folder_);
  keeper.Ensure(FullId('a'), stop_);
  fake_.keys[FullId('1')] = {KeyKeeper::kUser, "server1", false};  // of a lost state folder
  fake_.keys[FullId('2')] = {KeyKeeper::kUser, "server2", false};
  const auto revoked = keeper.Revoke(FullId('a'), stop_);
  ASSERT_TRUE(revoked) << revoked.error().reason;
  EXPECT_EQ(revoked->size(), 2U);
  EXPECT_TRUE(fake_.keys.contains(FullId('2')));
  EXPECT_TRUE(fake_.keys.contains(FullId('c')));
  EXPECT_EQ(Record().state, KeyState::kRevoked);
  EXPECT_TRUE(Record().password.Empty());
  EXPECT_FALSE(choice_.Current());
  clock_.Advance(std::chrono::hours(48));
  keeper.Ensure(FullId('a'), stop_);
  EXPECT_THAT(InRepository(), IsEmpty());
}

TEST_F(KeyKeeperTest, ForgetsTheSecretEvenIfTheRepositoryKeepsTheKey) {
  KeyKeeper keeper = Keeper(&folder_);
  keeper.Ensure(FullId('a'), stop_);
  fake_.Next("key remove", testing::Script().Complains("Fatal: forbidden\n").Exits(1));
  EXPECT_FALSE(keeper.Revoke(FullId('a'), stop_));
  EXPECT_TRUE(Record().password.Empty());
  EXPECT_EQ(Record().made.size(), 1U);
}

TEST_F(KeyKeeperTest, ReplacesARecordThatIsGarbage) {
  ASSERT_TRUE(files_.WriteDurably(store_.Path(), "garbage", 0600));
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  EXPECT_EQ(Record().state, KeyState::kInUse);
  EXPECT_THAT(events_.messages, Contains(HasSubstr("a new machine key is made")));
}

TEST_F(KeyKeeperTest, ReplacesAKeyThatOthersCouldRead) {
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  const KeyRecord exposed = Record();
  choice_.UsePassword();
  ASSERT_TRUE(files_.WriteDurably(store_.Path(), ToJson(exposed), 0644));
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  EXPECT_NE(Record().id, exposed.id);
  EXPECT_EQ(InRepository(), std::vector<std::string>{Record().id});
}

TEST_F(KeyKeeperTest, LeavesTheMakingToWhoeverIsAtIt) {
  const auto other = store_.TryLock();
  ASSERT_TRUE(other && *other != nullptr);
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  EXPECT_THAT(processes_.Launched(), IsEmpty());
}

TEST_F(KeyKeeperTest, ThatWasStoppedTriesAgainNextTime) {
  StopHandle stopped;
  stopped.Stop();
  Keeper(&folder_).Ensure(FullId('a'), stopped);
  EXPECT_EQ(store_.Read().value(), std::nullopt);
  Keeper(&folder_).Ensure(FullId('a'), stop_);
  EXPECT_EQ(Record().state, KeyState::kInUse);
}

}  // namespace
}  // namespace runner
