#include "runner/jobs/ready.h"

#include <gmock/gmock.h>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::SourceState;
using ::testing::HasSubstr;

class ReadyTest : public ::testing::Test {
 protected:
  ReadyTest() {
    target_.id = targets::TargetId("photos");
    target_.source = targets::DirectorySource{"/data"};
    target_.restore.if_empty = true;
    files_.AddFolder("/state/targets/photos");
  }
  std::string Why(std::optional<ReadyKind> ready, SourceState state) {
    return WhyNotReady(target_, ready, {state, "so it is", "/data"});
  }

  testing::MemoryFileSystem files_;
  StateFolder state_{files_, "/state"};
  targets::Target target_;
};

TEST_F(ReadyTest, IsKeptInAFileOfTheTarget) {
  const auto read = [this] { return ReadReady(files_, state_, target_.id).value(); };
  EXPECT_EQ(read(), std::nullopt);
  for (const ReadyKind kind : {ReadyKind::kData, ReadyKind::kEmpty}) {
    ASSERT_TRUE(WriteReady(files_, state_, target_.id, kind));
    EXPECT_EQ(read(), kind);
  }
  ASSERT_TRUE(WriteReady(files_, state_, target_.id, std::nullopt));
  EXPECT_EQ(read(), std::nullopt);
  files_.AddFile("/state/targets/photos/ready", "what?");
  EXPECT_EQ(read(), std::nullopt);
}

TEST_F(ReadyTest, NeedsDataThatSomebodyLookedAt) {
  EXPECT_EQ(Why(ReadyKind::kData, SourceState::kHasData), "");
  EXPECT_EQ(Why(ReadyKind::kEmpty, SourceState::kHasData), "");
  EXPECT_THAT(Why(std::nullopt, SourceState::kHasData), HasSubstr("is the daemon running?"));
}

TEST_F(ReadyTest, BelievesAnEmptySourceOnlyIfThatWasFoundRight) {
  EXPECT_EQ(Why(ReadyKind::kEmpty, SourceState::kEmpty), "");
  EXPECT_THAT(Why(ReadyKind::kData, SourceState::kEmpty), HasSubstr("its data was there before"));
  EXPECT_THAT(Why(std::nullopt, SourceState::kEmpty), HasSubstr("nobody has looked"));
}

TEST_F(ReadyTest, IsNeverAHalfRestoredMissingOrUnreadableSource) {
  for (const SourceState state :
       {SourceState::kHalfRestored, SourceState::kMissing, SourceState::kUnreadable})
    EXPECT_EQ(Why(ReadyKind::kData, state), "so it is");
}

TEST_F(ReadyTest, OfATargetThatNobodyChecksIsWhateverIsThere) {
  target_.restore.if_empty = false;
  EXPECT_EQ(Why(std::nullopt, SourceState::kHasData), "");
  EXPECT_EQ(Why(std::nullopt, SourceState::kEmpty), "");
  EXPECT_EQ(Why(std::nullopt, SourceState::kMissing), "so it is");
}

}  // namespace
}  // namespace runner
