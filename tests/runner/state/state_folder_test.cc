#include "runner/state/state_folder.h"

#include <gtest/gtest.h>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::FromUnixSeconds;
using targets::Stage;
using targets::TargetId;
using testing::MemoryFileSystem;

const auto kNow = FromUnixSeconds(1'000'000);
const TargetId kPhotos("photos");

class StateFolderTest : public ::testing::Test {
 protected:
  MemoryFileSystem files_;
  StateFolder folder_{files_, "/var/lib/runner"};
};

TEST_F(StateFolderTest, CreatesItsFoldersForTheOwnerAlone) {
  ASSERT_TRUE(folder_.Prepare(kNow));
  ASSERT_TRUE(folder_.PrepareTarget(kPhotos));
  EXPECT_EQ(files_.Tree(), (std::vector<std::string>{
                               "/var", "/var/lib", "/var/lib/runner", "/var/lib/runner/repository",
                               "/var/lib/runner/targets", "/var/lib/runner/targets/photos",
                               "/var/lib/runner/version"}));
  EXPECT_EQ(files_.Stat("/var/lib/runner/targets/photos", LinkHandling::kFollow).value()->mode,
            0700U);
  EXPECT_EQ(files_.Read("/var/lib/runner/version", 100).value(), "1\n");
  EXPECT_TRUE(folder_.Prepare(kNow)) << "a second time";
}

TEST_F(StateFolderTest, AFolderThatCannotBeCreatedSaysWhatToDo) {
  files_.AddFolder("/var/lib");
  files_.SetUnreadable("/var/lib", true);
  const auto prepared = folder_.Prepare(kNow);
  ASSERT_FALSE(prepared);
  EXPECT_NE(prepared.error().message.find("the state folder /var/lib/runner cannot be used"),
            std::string::npos);
  EXPECT_NE(prepared.error().hint.find("set state_dir or RUNNER_STATE_DIR"), std::string::npos);
}

TEST_F(StateFolderTest, AFullDiskIsToldAtTheStart) {
  files_.SetFull(true);
  ASSERT_FALSE(folder_.Prepare(kNow));
  files_.SetFull(false);
  EXPECT_TRUE(folder_.Prepare(kNow));
}

TEST_F(StateFolderTest, AFolderOfANewerRunnerIsRefused) {
  files_.AddFile("/var/lib/runner/version", "2\n");
  const auto prepared = folder_.Prepare(kNow);
  ASSERT_FALSE(prepared);
  EXPECT_NE(prepared.error().message.find("has version 2, this runner knows only 1"),
            std::string::npos);
}

TEST_F(StateFolderTest, AVersionThatIsNoneIsRefused) {
  for (const char* text : {"", "one", "1x", "0", "-1"}) {
    files_.AddFile("/var/lib/runner/version", text);
    EXPECT_FALSE(folder_.Prepare(kNow)) << text;
  }
  files_.AddFile("/var/lib/runner/version", " 1\r\n");
  EXPECT_TRUE(folder_.Prepare(kNow));
}

TEST_F(StateFolderTest, RemovesWhatACrashLeftBehindButNoWriteThatMayStillGoOn) {
  const std::string old = "/var/lib/runner/.daemon.json.tmp-1-0";
  const std::string young = "/var/lib/runner/.daemon.json.tmp-1-1";
  files_.AddFile(old, "x");
  files_.SetModified(old, kNow - targets::Duration{3600});
  files_.AddFile(young, "x");
  files_.SetModified(young, kNow - targets::Duration{3599});
  files_.AddFile("/var/lib/runner/notes.txt", "the user's");
  ASSERT_TRUE(folder_.Prepare(kNow));
  EXPECT_FALSE(files_.Stat(old, LinkHandling::kFollow).value().has_value());
  EXPECT_TRUE(files_.Stat(young, LinkHandling::kFollow).value().has_value());
  EXPECT_TRUE(files_.Stat("/var/lib/runner/notes.txt", LinkHandling::kFollow).value().has_value());
}

TEST_F(StateFolderTest, OneTargetHasOneRunAtATime) {
  auto run = folder_.TryLockTarget(kPhotos).value();
  ASSERT_NE(run, nullptr);
  EXPECT_EQ(folder_.TryLockTarget(kPhotos).value(), nullptr);
  EXPECT_TRUE(folder_.TargetIsLocked(kPhotos).value());
  EXPECT_NE(folder_.TryLockTarget(TargetId("database")).value(), nullptr);
  run.reset();
  EXPECT_FALSE(folder_.TargetIsLocked(kPhotos).value());
  EXPECT_NE(folder_.TryLockTarget(kPhotos).value(), nullptr);
}

TEST_F(StateFolderTest, TheDeathOfARunFreesItsTarget) {
  const auto run = folder_.TryLockTarget(kPhotos).value();
  files_.CrashAndKeepUnsynced();
  EXPECT_FALSE(folder_.TargetIsLocked(kPhotos).value());
  EXPECT_NE(folder_.TryLockTarget(kPhotos).value(), nullptr);
}

TEST_F(StateFolderTest, TheDaemonAndTheRepositorysStagesHaveLocksOfTheirOwn) {
  ASSERT_TRUE(folder_.Prepare(kNow));
  EXPECT_FALSE(folder_.DaemonIsLocked().value());
  const auto daemon = folder_.TryLockDaemon().value();
  const auto prune = folder_.TryLockRepositoryStage(Stage::kPrune).value();
  EXPECT_EQ(folder_.TryLockDaemon().value(), nullptr);
  EXPECT_TRUE(folder_.DaemonIsLocked().value());
  EXPECT_TRUE(folder_.RepositoryStageIsLocked(Stage::kPrune).value());
  EXPECT_FALSE(folder_.RepositoryStageIsLocked(Stage::kCheck).value());
}

}  // namespace
}  // namespace runner
