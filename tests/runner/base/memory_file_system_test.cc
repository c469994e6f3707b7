#include "tests/support/memory_file_system.h"

#include <gtest/gtest.h>

#include <functional>

namespace runner::testing {
namespace {

constexpr const char* kFile = "/state/file";

/// Every content that `operation` can leave in kFile when the machine stops at any of its steps.
std::vector<std::string> ContentsAfterACrash(
    const std::function<void(MemoryFileSystem&)>& operation, void (MemoryFileSystem::*crash)()) {
  std::vector<std::string> contents;
  for (int step = 1;; ++step) {
    MemoryFileSystem files;
    files.AddFile(kFile, "old");
    files.StopBeforeStep(step);
    operation(files);
    const bool stopped = files.Stopped();
    (files.*crash)();
    contents.push_back(files.Read(kFile, 100).value().value_or("(absent)"));
    if (!stopped) return contents;
  }
}

using Contents = std::vector<std::string>;

TEST(MemoryFileSystem, APowerCutDuringAWriteLeavesTheOldContentUntilTheFolderIsSynced) {
  const auto write = [](MemoryFileSystem& files) { (void)files.WriteDurably(kFile, "new", 0600); };
  EXPECT_EQ(ContentsAfterACrash(write, &MemoryFileSystem::CrashAndLoseUnsynced),
            (Contents{"old", "old", "old", "old", "old", "new"}));
  EXPECT_EQ(ContentsAfterACrash(write, &MemoryFileSystem::CrashAndKeepUnsynced),
            (Contents{"old", "old", "old", "old", "new", "new"}));
}

TEST(MemoryFileSystem, APowerCutDuringARemovalLeavesTheFileUntilTheFolderIsSynced) {
  const auto remove = [](MemoryFileSystem& files) { (void)files.Remove(kFile); };
  EXPECT_EQ(ContentsAfterACrash(remove, &MemoryFileSystem::CrashAndLoseUnsynced),
            (Contents{"old", "old", "(absent)"}));
}

TEST(MemoryFileSystem, APowerCutForgetsFoldersThatWereNotSynced) {
  MemoryFileSystem files;
  files.StopBeforeStep(4);  // create /a, sync /, create /a/b, and then not: sync /a
  EXPECT_FALSE(files.CreateDirectories("/a/b", 0700));
  files.CrashAndLoseUnsynced();
  EXPECT_EQ(files.Tree(), std::vector<std::string>{"/a"});
}

TEST(MemoryFileSystem, AfterACrashItWorksAgain) {
  MemoryFileSystem files;
  files.AddFolder("/state");
  files.StopBeforeStep(1);
  EXPECT_FALSE(files.WriteDurably(kFile, "x", 0600));
  EXPECT_FALSE(files.WriteDurably(kFile, "x", 0600));
  files.CrashAndLoseUnsynced();
  EXPECT_TRUE(files.WriteDurably(kFile, "x", 0600));
}

TEST(MemoryFileSystem, AStepThatFailsLeavesTheOldContentAndNoRubbish) {
  for (int step = 1; step <= 4; ++step) {
    MemoryFileSystem files;
    files.AddFile(kFile, "old");
    files.FailStep(step);
    EXPECT_FALSE(files.WriteDurably(kFile, "new", 0600)) << step;
    EXPECT_EQ(files.Read(kFile, 100).value(), "old") << step;
    EXPECT_EQ(files.Tree(), (std::vector<std::string>{"/state", kFile})) << step;
  }
}

TEST(MemoryFileSystem, AFullDiskLeavesTheOldContentAndNoRubbish) {
  MemoryFileSystem files;
  files.AddFile(kFile, "old");
  files.SetFull(true);
  const auto written = files.WriteDurably(kFile, "new", 0600);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "cannot write /state/file: No space left on device");
  EXPECT_EQ(files.Read(kFile, 100).value(), "old");
  EXPECT_EQ(files.Tree(), (std::vector<std::string>{"/state", kFile}));
  files.SetFull(false);
  EXPECT_TRUE(files.WriteDurably(kFile, "new", 0600));
}

TEST(MemoryFileSystem, ACrashFreesLocksAndTheirDeadHoldersChangeNothing) {
  MemoryFileSystem files;
  files.AddFile("/state/lock", "");
  auto dead = files.TryLock("/state/lock", LockMode::kExclusive).value();
  files.CrashAndKeepUnsynced();
  const auto alive = files.TryLock("/state/lock", LockMode::kExclusive).value();
  ASSERT_NE(alive, nullptr);
  dead.reset();
  EXPECT_TRUE(files.IsLocked("/state/lock").value());
}

TEST(MemoryFileSystem, MountPointsSpaceAndTimesAreWhatTheTestSays) {
  MemoryFileSystem files;
  files.AddFolder("/data/photos");
  files.SetMountPoint("/data", true);
  files.SetSpace("/", {.total = 100, .available = 50});
  files.SetSpace("/data", {.total = 1000, .available = 1});
  files.SetTime(targets::FromUnixSeconds(77));
  EXPECT_TRUE(files.IsMountPoint("/data").value());
  EXPECT_FALSE(files.IsMountPoint("/data/photos").value());
  EXPECT_EQ(files.Space("/data/photos").value().total, 1000U);
  EXPECT_EQ(files.Space("/").value().total, 100U);
  ASSERT_TRUE(files.WriteDurably("/data/a", "x", 0600));
  EXPECT_EQ(files.Stat("/data/a", LinkHandling::kFollow).value()->modified,
            targets::FromUnixSeconds(77));
}

}  // namespace
}  // namespace runner::testing
