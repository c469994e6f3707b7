#include "runner/keys/key_words.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

const std::string kRepository(64, 'a');

class KeyWordsTest : public ::testing::Test {
 protected:
  KeyWordsTest() { config_.repository.url = "/srv/repo"; }

  std::string Words() { return KeyWords(config_, record_, kRepository); }
  std::string Words(KeyState state) {
    record_ = KeyRecord{.state = state,
                        .repository = kRepository,
                        .id = std::string(64, 'b'),
                        .reason = "disk full",
                        .since = targets::FromUnixSeconds(1'800'000'000),
                        .made = {std::string(64, 'b')}};
    return Words();
  }

  targets::Config config_;
  targets::Result<std::optional<KeyRecord>> record_ = std::nullopt;
};

TEST_F(KeyWordsTest, TellEachState) {
  EXPECT_EQ(Words(), "none yet, the next backup makes one");
  EXPECT_EQ(Words(KeyState::kInUse), "in use since 2027-01-15 (bbbbbbbb)");
  EXPECT_EQ(Words(KeyState::kRefused),
            "refused by the repository on 2027-01-15; `runner key renew` makes a new one");
  EXPECT_EQ(Words(KeyState::kFailed),
            "could not be added on 2027-01-15: disk full; a backup tries again a day later");
  EXPECT_EQ(Words(KeyState::kRevoked), "revoked on 2027-01-15; `runner key renew` makes a new one");
}

TEST_F(KeyWordsTest, SayThatAKeyIsLeftOverWhenItIsOff) {
  config_.repository.machine_key = targets::MachineKeyRule::kOff;
  EXPECT_EQ(Words(), "off");
  EXPECT_EQ(Words(KeyState::kInUse),
            "off; `runner key revoke` removes the one that is in the repository");
}

TEST_F(KeyWordsTest, SayWhereItCannotBeDone) {
  for (const char* url : {"sftp:host:/srv", "rclone:b2:bucket", "s3:https://s3.example.com/bucket",
                          "relative/folder", "rest:http+unix:///tmp/socket:/"}) {
    config_.repository.url = url;
    EXPECT_EQ(Words(), "none, only restic can write to this storage") << url;
  }
}

TEST_F(KeyWordsTest, DoNotSpeakOfAnotherRepositorysKey) {
  Words(KeyState::kInUse);
  record_->value().repository = std::string(64, 'f');
  EXPECT_EQ(Words(), "none yet, the next backup makes one");
}

TEST_F(KeyWordsTest, SayWhyAFileIsNotUsed) {
  Words(KeyState::kInUse);
  record_->value().exposed = true;
  EXPECT_EQ(Words(), "not used: others may read its file; the next backup makes a new one");
  record_ = targets::Fail("it is garbage");
  EXPECT_EQ(Words(), "not used: it is garbage");
}

}  // namespace
}  // namespace runner
