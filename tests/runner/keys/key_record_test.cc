#include "runner/keys/key_record.h"

#include <gtest/gtest.h>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

KeyRecord Record() {
  return {.state = KeyState::kInUse,
          .repository = std::string(64, 'a'),
          .url = "/srv/repo",
          .id = std::string(64, 'b'),
          .password = targets::Secret("0123456789abcdef"),
          .since = targets::FromUnixSeconds(1'800'000'000),
          .made = {std::string(64, 'b'), std::string(64, 'c')}};
}

class KeyRecordTest : public ::testing::Test {
 protected:
  KeyRecordTest() { files_.AddFolder("/state/repository"); }

  testing::MemoryFileSystem files_;
  KeyRecordStore store_{files_, "/state/repository"};
};

TEST_F(KeyRecordTest, ComesBackAsItWasWritten) {
  for (const KeyState state : {KeyState::kMaking, KeyState::kInUse, KeyState::kRefused,
                               KeyState::kFailed, KeyState::kRevoked}) {
    KeyRecord record = Record();
    record.state = state;
    record.reason = "so it is";
    ASSERT_TRUE(store_.Write(record));
    EXPECT_EQ(store_.Read().value(), record);
  }
}

TEST_F(KeyRecordTest, IsForNobodyElse) {
  ASSERT_TRUE(store_.Write(Record()));
  EXPECT_EQ(files_.Stat(store_.Path(), LinkHandling::kNoFollow).value()->mode & 0777U, 0600U);
}

TEST_F(KeyRecordTest, ThatOthersMayReadGivesNoKey) {
  ASSERT_TRUE(files_.WriteDurably(store_.Path(), ToJson(Record()), 0640));
  const auto record = store_.Read().value();
  ASSERT_TRUE(record);
  EXPECT_TRUE(record->exposed);
  EXPECT_EQ(UsableKey(*record, record->repository, record->url), std::nullopt);
}

TEST_F(KeyRecordTest, ThatIsGarbageIsAnErrorAndNeverAKey) {
  const std::string good = ToJson(Record());
  std::string no_password = good;
  no_password.erase(no_password.find("  \"password\""), 36);
  for (const std::string& text :
       {std::string("garbage"), std::string("{}"), good.substr(0, good.size() / 2), no_password,
        std::string(R"({"version":2})"),
        std::string(R"({"version":1,"state":"in_use","repository":"abc"})")}) {
    ASSERT_TRUE(files_.WriteDurably(store_.Path(), text, 0600));
    EXPECT_FALSE(store_.Read()) << text;
  }
}

TEST_F(KeyRecordTest, IsUsedOnlyForItsRepositoryAtItsPlace) {
  const KeyRecord record = Record();
  const MachineKey key{record.id, record.password, record.repository};
  EXPECT_EQ(UsableKey(record, record.repository, "/srv/repo"), key);
  EXPECT_EQ(UsableKey(record, record.repository, "/srv/other"), std::nullopt);
  EXPECT_EQ(UsableKey(record, std::string(64, 'f'), "/srv/repo"), std::nullopt);
  EXPECT_EQ(UsableKey(record, "", "/srv/repo"), std::nullopt);
}

TEST_F(KeyRecordTest, ThatIsNotInUseGivesNoKey) {
  KeyRecord record = Record();
  record.state = KeyState::kRevoked;
  EXPECT_EQ(UsableKey(record, record.repository, record.url), std::nullopt);
}

TEST_F(KeyRecordTest, IsAbsentAtFirst) { EXPECT_EQ(store_.Read().value(), std::nullopt); }

}  // namespace
}  // namespace runner
