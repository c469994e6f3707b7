#include <gmock/gmock.h>

#include "tests/runner/restic/restic_fixture.h"

namespace runner {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

const std::string kRepository(64, 'a');

class ResticKeysTest : public ResticFixture {
 protected:
  ResticKeysTest() {
    keys_.Use({std::string(64, 'b'), targets::Secret("machine"), kRepository});
    keys_.OnRefused([this](const MachineKey& key) { refused_.push_back(key.id); });
  }

  Restic Make() {
    return {config_, {targets::Secret("sesame"), {}, {}}, {0, 19, 1}, processes_, "restic", &keys_};
  }
  static Script WrongPassword() {
    return Script().Complains("Fatal: wrong password or no key found\n").Exits(12);
  }
  static Script Config(const std::string& id) {
    return Script().Prints(R"({"version":2,"id":")" + id + "\"}").Exits(0);
  }
  /// Of each restic, in order.
  std::vector<std::string> Passwords() {
    std::vector<std::string> passwords;
    for (const ProcessSpec& spec : processes_.Launched()) {
      const auto found = spec.environment.find("RESTIC_PASSWORD");
      if (found != spec.environment.end()) passwords.push_back(found->second);
    }
    return passwords;
  }

  KeyChoice keys_;
  std::vector<std::string> refused_;
};

TEST_F(ResticKeysTest, RunsTheSameCommandAgainWithThePassword) {
  Play({WrongPassword(), Config(kRepository), Script().Prints("[]").Exits(0)});
  Restic restic = Make();
  EXPECT_TRUE(restic.AllSnapshots(stop_));
  EXPECT_EQ(Passwords(), (std::vector<std::string>{"machine", "sesame", "sesame"}));
  EXPECT_EQ(processes_.Launched()[0].argv, processes_.Launched()[2].argv);
  EXPECT_EQ(refused_, std::vector<std::string>{std::string(64, 'b')});
  EXPECT_EQ(restic.OpensOnly(), std::nullopt);
}

TEST_F(ResticKeysTest, BacksUpNothingIntoAnotherRepository) {
  Play({WrongPassword(), Config(std::string(64, 'f'))});
  Restic restic = Make();
  const BackupOutcome outcome = restic.BackupDirectory(target_, {}, stop_);
  EXPECT_EQ(outcome.kind, BackupOutcome::Kind::kFailed);
  EXPECT_THAT(outcome.failure->reason, HasSubstr("/srv/repo holds repository ffffffffff"));
  EXPECT_TRUE(refused_.empty());
  EXPECT_EQ(restic.OpensOnly(), kRepository);
}

TEST_F(ResticKeysTest, KeepsTheKeyWhenThePasswordIsWrongToo) {
  Play({WrongPassword(), WrongPassword()});
  Restic restic = Make();
  EXPECT_EQ(restic.AllSnapshots(stop_).error().cause, Cause::kWrongPassword);
  EXPECT_TRUE(refused_.empty());
}

TEST_F(ResticKeysTest, KnowsThatTooManyKeysWereTried) {
  Play({Script().Complains("Fatal: maximum number of keys reached\n").Exits(1), Config(kRepository),
        Script().Prints("[]").Exits(0)});
  EXPECT_TRUE(Make().AllSnapshots(stop_));
}

TEST_F(ResticKeysTest, StartsTheCommandOfAStreamAgainToo) {
  target_.source = targets::CommandSource{{"pg_dump", "app"}, "app.sql"};
  target_.limits.stall_timeout = targets::Duration{0};
  ProcessSpec producer;
  producer.argv = {"pg_dump", "app"};
  Play({WrongPassword(), Script().Exits(0), Config(kRepository),
        Script().ExitsOn(2, 130).AtEndOfInput(Script().Prints(Summary("54f13b08")).Exits(0)),
        Script().Exits(0)});
  const BackupOutcome outcome = Make().BackupStream(target_, producer, nullptr, stop_);
  EXPECT_EQ(outcome.kind, BackupOutcome::Kind::kComplete) << outcome.failure->reason;
  EXPECT_EQ(Passwords(), (std::vector<std::string>{"machine", "sesame", "sesame"}));
  EXPECT_EQ(refused_.size(), 1U);
}

TEST_F(ResticKeysTest, GivesACommandOfTheUserThePasswordAndNoHint) {
  const ProcessSpec spec = Make().PassThrough({"key", "passwd"});
  EXPECT_EQ(spec.environment.at("RESTIC_PASSWORD"), "sesame");
  EXPECT_FALSE(spec.environment.contains("RESTIC_KEY_HINT"));
}

TEST_F(ResticKeysTest, HidesThePasswordUnderAnyName) {
  keys_.Hide(VariablesWith({{"MY_PASSWORD", "sesame"}, {"RESTIC_PASSWORD", "sesame"}, {"A", "b"}},
                           targets::Secret("sesame")));
  config_.repository.environment = {{"COPY", "sesame"}, {"RESTIC_PASSWORD_FILE", "/p"}};
  Play({Script().Prints("[]").Exits(0)});
  EXPECT_TRUE(Make().AllSnapshots(stop_));
  const ProcessSpec spec = processes_.Launched().front();
  EXPECT_THAT(spec.unset, Contains("MY_PASSWORD"));
  EXPECT_FALSE(spec.environment.contains("COPY"));
  EXPECT_FALSE(spec.environment.contains("RESTIC_PASSWORD_FILE"));
  EXPECT_EQ(spec.environment.at("RESTIC_PASSWORD"), "machine");
}

TEST_F(ResticKeysTest, ReadsTheListOfEveryRelease) {
  const auto keys = ParseKeys(
      R"([{"current":true,"id":"d51750e3","userName":"root","hostName":"vm","created":"2026"}])");
  EXPECT_EQ(keys.value(), (std::vector<KeyInfo>{{"d51750e3", "root", "vm", "2026", true}}));
  EXPECT_FALSE(ParseKeys("[]"));
  EXPECT_FALSE(ParseKeys(R"([{"current":true}])"));
  EXPECT_FALSE(ParseKeys("{}"));
}

}  // namespace
}  // namespace runner
