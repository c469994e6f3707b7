// The contract of FileSystem, held by the real files and by their model.

#include "runner/base/file_system.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "runner/base/posix_file_system.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

/// One file system and a folder in it that the test may use.
class Place {
 public:
  virtual ~Place() = default;
  virtual FileSystem& files() = 0;
  virtual std::string folder() = 0;
  virtual void Link(const std::string& path, const std::string& target) = 0;
  virtual void MakeUnreadable(const std::string& path) = 0;
};

class MemoryPlace final : public Place {
 public:
  MemoryPlace() { files_.AddFolder("/work"); }
  FileSystem& files() override { return files_; }
  std::string folder() override { return "/work"; }
  void Link(const std::string& path, const std::string& target) override {
    files_.AddSymlink(path, target);
  }
  void MakeUnreadable(const std::string& path) override { files_.SetUnreadable(path, true); }

 private:
  testing::MemoryFileSystem files_;
};

class RealPlace final : public Place {
 public:
  RealPlace() {
    std::string pattern = ::testing::TempDir() + "/file-system-test-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    chmod(folder_.c_str(), 0755);
  }
  ~RealPlace() override {
    if (was_root_) {
      EXPECT_EQ(seteuid(0), 0);
    }
    std::filesystem::remove_all(folder_);
  }
  FileSystem& files() override { return files_; }
  std::string folder() override { return folder_; }
  void Link(const std::string& path, const std::string& target) override {
    ASSERT_EQ(symlink(target.c_str(), path.c_str()), 0);
  }
  /// Root may read everything, so the rest of the test runs as somebody else.
  void MakeUnreadable(const std::string& path) override {
    constexpr uid_t kNobody = 65534;
    ASSERT_EQ(chmod(path.c_str(), 0), 0);
    if (geteuid() != 0) return;
    was_root_ = true;
    ASSERT_EQ(seteuid(kNobody), 0);
  }

 private:
  PosixFileSystem files_;
  std::string folder_;
  bool was_root_ = false;
};

class FileSystemContract : public ::testing::TestWithParam<std::string> {
 protected:
  FileSystemContract() {
    if (GetParam() == "Real") {
      place_ = std::make_unique<RealPlace>();
    } else {
      place_ = std::make_unique<MemoryPlace>();
    }
  }
  FileSystem& files() { return place_->files(); }
  Place& place() { return *place_; }
  std::string Path(const std::string& name) { return place_->folder() + "/" + name; }

  std::string Content(const std::string& path) {
    const auto content = files().Read(path, kSmallFileLimit);
    if (!content) return "error: " + content.error().message;
    return content->value_or("(absent)");
  }
  std::vector<std::string> Listing() { return files().List(place_->folder(), 1000).value(); }

 private:
  std::unique_ptr<Place> place_;
};

using Names = std::vector<std::string>;

TEST_P(FileSystemContract, ReadsWhatWasWritten) {
  const std::string content("line\n\0binary", 12);
  ASSERT_TRUE(files().WriteDurably(Path("a"), content, 0600));
  EXPECT_EQ(Content(Path("a")), content);
}

TEST_P(FileSystemContract, WritingReplacesTheContentAndLeavesNoOtherFile) {
  ASSERT_TRUE(files().WriteDurably(Path("a"), "a long first content", 0600));
  ASSERT_TRUE(files().WriteDurably(Path("a"), "second", 0600));
  EXPECT_EQ(Content(Path("a")), "second");
  EXPECT_EQ(Listing(), Names{"a"});
}

TEST_P(FileSystemContract, GivesExactlyTheModeThatWasAskedFor) {
  const mode_t old_mask = umask(0077);
  ASSERT_TRUE(files().WriteDurably(Path("a"), "x", 0644));
  ASSERT_TRUE(files().CreateDirectories(Path("b"), 0755));
  umask(old_mask);
  EXPECT_EQ(files().Stat(Path("a"), LinkHandling::kFollow).value()->mode, 0644U);
  EXPECT_EQ(files().Stat(Path("b"), LinkHandling::kFollow).value()->mode, 0755U);
}

TEST_P(FileSystemContract, RefusesToWriteIntoAnAbsentFolder) {
  const auto written = files().WriteDurably(Path("absent/a"), "x", 0600);
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find(Path("absent/a")), std::string::npos);
}

TEST_P(FileSystemContract, RefusesToWriteOverAFolderAndLeavesNoRubbish) {
  ASSERT_TRUE(files().CreateDirectories(Path("a"), 0700));
  EXPECT_FALSE(files().WriteDurably(Path("a"), "x", 0600));
  EXPECT_EQ(Listing(), Names{"a"});
}

TEST_P(FileSystemContract, AnAbsentFileIsNotAnError) {
  EXPECT_EQ(files().Read(Path("a"), 10).value(), std::nullopt);
  EXPECT_FALSE(files().Stat(Path("a"), LinkHandling::kFollow).value().has_value());
  EXPECT_FALSE(files().Stat(Path("no/such/folder"), LinkHandling::kFollow).value().has_value());
}

TEST_P(FileSystemContract, BelowAFileThereIsNothing) {
  ASSERT_TRUE(files().WriteDurably(Path("a"), "x", 0600));
  EXPECT_FALSE(files().Stat(Path("a/b"), LinkHandling::kFollow).value().has_value());
  EXPECT_EQ(files().Read(Path("a/b"), 10).value(), std::nullopt);
}

TEST_P(FileSystemContract, ReadsUpToTheLimitAndNotOneByteMore) {
  ASSERT_TRUE(files().WriteDurably(Path("a"), "12345", 0600));
  EXPECT_EQ(files().Read(Path("a"), 5).value(), "12345");
  EXPECT_FALSE(files().Read(Path("a"), 4));
}

TEST_P(FileSystemContract, ReadingAFolderIsAnError) {
  EXPECT_FALSE(files().Read(place().folder(), 10));
}

TEST_P(FileSystemContract, TellsFilesFoldersAndLinksApart) {
  ASSERT_TRUE(files().WriteDurably(Path("file"), "12345", 0600));
  ASSERT_TRUE(files().CreateDirectories(Path("folder"), 0700));
  place().Link(Path("link"), Path("file"));
  place().Link(Path("dangling"), "nowhere");
  EXPECT_EQ(files().Stat(Path("file"), LinkHandling::kFollow).value()->type, FileType::kFile);
  EXPECT_EQ(files().Stat(Path("file"), LinkHandling::kFollow).value()->size, 5U);
  EXPECT_EQ(files().Stat(Path("folder"), LinkHandling::kFollow).value()->type,
            FileType::kDirectory);
  EXPECT_EQ(files().Stat(Path("link"), LinkHandling::kFollow).value()->type, FileType::kFile);
  EXPECT_EQ(files().Stat(Path("link"), LinkHandling::kNoFollow).value()->type, FileType::kSymlink);
  EXPECT_FALSE(files().Stat(Path("dangling"), LinkHandling::kFollow).value().has_value());
  EXPECT_TRUE(files().Stat(Path("dangling"), LinkHandling::kNoFollow).value().has_value());
}

TEST_P(FileSystemContract, ALinkToItselfIsAnErrorNotAnAbsence) {
  place().Link(Path("loop"), "loop");
  EXPECT_FALSE(files().Stat(Path("loop"), LinkHandling::kFollow));
}

TEST_P(FileSystemContract, RemovesFilesAndEmptyFoldersAndWhatIsNotThere) {
  ASSERT_TRUE(files().WriteDurably(Path("a"), "x", 0600));
  ASSERT_TRUE(files().CreateDirectories(Path("b"), 0700));
  EXPECT_TRUE(files().Remove(Path("a")));
  EXPECT_TRUE(files().Remove(Path("b")));
  EXPECT_TRUE(files().Remove(Path("never")));
  EXPECT_TRUE(files().Remove(Path("no/such/folder")));
  EXPECT_EQ(Listing(), Names{});
}

TEST_P(FileSystemContract, DoesNotRemoveAFolderThatHoldsSomething) {
  ASSERT_TRUE(files().CreateDirectories(Path("a/b"), 0700));
  EXPECT_FALSE(files().Remove(Path("a")));
  EXPECT_EQ(Listing(), Names{"a"});
}

TEST_P(FileSystemContract, MovesButReplacesNothing) {
  ASSERT_TRUE(files().WriteDurably(Path("a"), "x", 0600));
  ASSERT_TRUE(files().CreateDirectories(Path("b/c"), 0700));
  ASSERT_TRUE(files().CreateDirectories(Path("empty"), 0700));
  EXPECT_EQ(files().Move(Path("a"), Path("b/a")).value(), true);
  EXPECT_EQ(files().Move(Path("b/c"), Path("empty")).value(), false);
  EXPECT_EQ(files().Move(Path("empty"), Path("b/a")).value(), false);
  EXPECT_FALSE(files().Move(Path("absent"), Path("d")));
  EXPECT_EQ(Listing(), (Names{"b", "empty"}));
  EXPECT_EQ(Content(Path("b/a")), "x");
}

TEST_P(FileSystemContract, RemovesWholeTreesAndFollowsNoLink) {
  ASSERT_TRUE(files().CreateDirectories(Path("tree/b/c"), 0700));
  ASSERT_TRUE(files().CreateDirectories(Path("kept"), 0700));
  ASSERT_TRUE(files().WriteDurably(Path("tree/b/file"), "x", 0600));
  ASSERT_TRUE(files().WriteDurably(Path("kept/file"), "x", 0600));
  place().Link(Path("tree/b/link"), Path("kept"));
  EXPECT_TRUE(files().RemoveTree(Path("tree")));
  EXPECT_TRUE(files().RemoveTree(Path("tree")));
  EXPECT_TRUE(files().RemoveTree(Path("no/such/folder")));
  EXPECT_EQ(Listing(), Names{"kept"});
  EXPECT_EQ(Content(Path("kept/file")), "x");
}

TEST_P(FileSystemContract, RemovesAFileAsATreeOfOne) {
  ASSERT_TRUE(files().WriteDurably(Path("a"), "x", 0600));
  EXPECT_TRUE(files().RemoveTree(Path("a")));
  EXPECT_EQ(Listing(), Names{});
}

TEST_P(FileSystemContract, GivesAFolderTheAttributesAndTheTimeThatItShallHave) {
  ASSERT_TRUE(files().CreateDirectories(Path("a"), 0700));
  ASSERT_TRUE(files().CreateDirectories(Path("b"), 0750));
  EXPECT_TRUE(files().CopyAttributes(Path("b"), Path("a")));
  EXPECT_TRUE(files().SetModified(Path("a"), targets::FromUnixSeconds(1'000'000'000), 123'000'000));
  EXPECT_TRUE(files().SyncAll(Path("a")));
  const FileInfo info = files().Stat(Path("a"), LinkHandling::kFollow).value().value();
  EXPECT_EQ(info.mode, 0750U);
  EXPECT_EQ(info.modified, targets::FromUnixSeconds(1'000'000'000));
  EXPECT_EQ(info.modified_nanoseconds, 123'000'000);
  EXPECT_FALSE(files().CopyAttributes(Path("absent"), Path("a")));
  EXPECT_FALSE(files().SetModified(Path("absent"), {}, 0));
  EXPECT_FALSE(files().SyncAll(Path("absent")));
}

TEST_P(FileSystemContract, RemovingALinkLeavesWhatItPointsTo) {
  ASSERT_TRUE(files().WriteDurably(Path("a"), "x", 0600));
  place().Link(Path("link"), "a");
  EXPECT_TRUE(files().Remove(Path("link")));
  EXPECT_EQ(Listing(), Names{"a"});
}

TEST_P(FileSystemContract, CreatesFoldersWithTheirParentsAndAcceptsExistingOnes) {
  ASSERT_TRUE(files().CreateDirectories(Path("a/b/c"), 0700));
  ASSERT_TRUE(files().CreateDirectories(Path("a/b/c"), 0700));
  EXPECT_EQ(files().Stat(Path("a/b/c"), LinkHandling::kFollow).value()->type, FileType::kDirectory);
}

TEST_P(FileSystemContract, DoesNotCreateAFolderWhereAFileIs) {
  ASSERT_TRUE(files().WriteDurably(Path("a"), "x", 0600));
  EXPECT_FALSE(files().CreateDirectories(Path("a"), 0700));
  EXPECT_FALSE(files().CreateDirectories(Path("a/b"), 0700));
}

TEST_P(FileSystemContract, ListsNamesSortedAndAtMostAsManyAsAsked) {
  for (const char* name : {"c", "a", ".b"})
    ASSERT_TRUE(files().WriteDurably(Path(name), "x", 0600));
  EXPECT_EQ(Listing(), (Names{".b", "a", "c"}));
  EXPECT_EQ(files().List(place().folder(), 3).value().size(), 3U);
  EXPECT_EQ(files().List(place().folder(), 2).value().size(), 2U);
  EXPECT_TRUE(files().List(place().folder(), 0).value().empty());
}

TEST_P(FileSystemContract, ListingWhatIsNoFolderIsAnError) {
  ASSERT_TRUE(files().WriteDurably(Path("a"), "x", 0600));
  EXPECT_FALSE(files().List(Path("a"), 10));
  EXPECT_FALSE(files().List(Path("absent"), 10));
}

TEST_P(FileSystemContract, RenamesOverAnExistingFileAndBetweenFolders) {
  ASSERT_TRUE(files().CreateDirectories(Path("d"), 0700));
  ASSERT_TRUE(files().WriteDurably(Path("a"), "new", 0600));
  ASSERT_TRUE(files().WriteDurably(Path("d/b"), "old", 0600));
  ASSERT_TRUE(files().Rename(Path("a"), Path("d/b")));
  EXPECT_EQ(Content(Path("d/b")), "new");
  EXPECT_EQ(Listing(), Names{"d"});
  EXPECT_FALSE(files().Rename(Path("absent"), Path("x")));
}

TEST_P(FileSystemContract, ComparesFilesByteByByte) {
  const std::string large(600'000, 'x');
  ASSERT_TRUE(files().WriteDurably(Path("a"), large + "1", 0600));
  ASSERT_TRUE(files().WriteDurably(Path("same"), large + "1", 0644));
  ASSERT_TRUE(files().WriteDurably(Path("other"), large + "2", 0600));
  ASSERT_TRUE(files().WriteDurably(Path("shorter"), large, 0600));
  ASSERT_TRUE(files().WriteDurably(Path("empty"), "", 0600));
  EXPECT_EQ(files().SameContent(Path("a"), Path("same")), true);
  EXPECT_EQ(files().SameContent(Path("a"), Path("other")), false);
  EXPECT_EQ(files().SameContent(Path("a"), Path("shorter")), false);
  EXPECT_EQ(files().SameContent(Path("shorter"), Path("a")), false);
  EXPECT_EQ(files().SameContent(Path("empty"), Path("empty")), true);
}

TEST_P(FileSystemContract, WhatIsNoReadableFileCannotBeCompared) {
  ASSERT_TRUE(files().WriteDurably(Path("a"), "x", 0600));
  ASSERT_TRUE(files().CreateDirectories(Path("folder"), 0700));
  place().Link(Path("link"), Path("a"));
  for (const char* name : {"absent", "folder", "link"}) {
    EXPECT_FALSE(files().SameContent(Path("a"), Path(name))) << name;
    EXPECT_FALSE(files().SameContent(Path(name), Path("a"))) << name;
  }
  place().MakeUnreadable(Path("a"));
  EXPECT_FALSE(files().SameContent(Path("a"), Path("a")));
}

TEST_P(FileSystemContract, AnUnreadableFileIsAnErrorNotAnAbsence) {
  ASSERT_TRUE(files().WriteDurably(Path("a"), "x", 0600));
  place().MakeUnreadable(Path("a"));
  const auto content = files().Read(Path("a"), 10);
  ASSERT_FALSE(content);
  EXPECT_NE(content.error().message.find(Path("a")), std::string::npos);
  EXPECT_NE(content.error().message.find("Permission denied"), std::string::npos);
}

TEST_P(FileSystemContract, WhatIsInAnUnreadableFolderIsUnknownNotAbsent) {
  ASSERT_TRUE(files().CreateDirectories(Path("d"), 0700));
  place().MakeUnreadable(Path("d"));
  EXPECT_TRUE(files().Stat(Path("d"), LinkHandling::kFollow).value().has_value());
  EXPECT_FALSE(files().Stat(Path("d/a"), LinkHandling::kFollow));
  EXPECT_FALSE(files().Read(Path("d/a"), 10));
  EXPECT_FALSE(files().List(Path("d"), 10));
  EXPECT_FALSE(files().WriteDurably(Path("d/a"), "x", 0600));
}

TEST_P(FileSystemContract, AnExclusiveLockKeepsEverybodyElseOutUntilItIsGone) {
  auto lock = files().TryLock(Path("lock"), LockMode::kExclusive).value();
  ASSERT_NE(lock, nullptr);
  EXPECT_EQ(files().TryLock(Path("lock"), LockMode::kExclusive).value(), nullptr);
  EXPECT_EQ(files().TryLock(Path("lock"), LockMode::kShared).value(), nullptr);
  EXPECT_TRUE(files().IsLocked(Path("lock")).value());
  lock.reset();
  EXPECT_FALSE(files().IsLocked(Path("lock")).value());
  EXPECT_NE(files().TryLock(Path("lock"), LockMode::kExclusive).value(), nullptr);
}

TEST_P(FileSystemContract, SharedLocksGoTogetherButNotWithAnExclusiveOne) {
  auto one = files().TryLock(Path("lock"), LockMode::kShared).value();
  auto two = files().TryLock(Path("lock"), LockMode::kShared).value();
  ASSERT_NE(one, nullptr);
  ASSERT_NE(two, nullptr);
  EXPECT_FALSE(files().IsLocked(Path("lock")).value());
  one.reset();
  EXPECT_EQ(files().TryLock(Path("lock"), LockMode::kExclusive).value(), nullptr);
  two.reset();
  EXPECT_NE(files().TryLock(Path("lock"), LockMode::kExclusive).value(), nullptr);
}

TEST_P(FileSystemContract, LookingAtALockCreatesNothing) {
  EXPECT_FALSE(files().IsLocked(Path("lock")).value());
  EXPECT_EQ(Listing(), Names{});
}

TEST_P(FileSystemContract, ALockInAnAbsentFolderIsAnErrorNotAHeldLock) {
  EXPECT_FALSE(files().TryLock(Path("absent/lock"), LockMode::kExclusive));
}

TEST_P(FileSystemContract, TheRootIsAMountPointAndAnOrdinaryFolderIsNot) {
  EXPECT_TRUE(files().IsMountPoint("/").value());
  EXPECT_FALSE(files().IsMountPoint(place().folder()).value());
  EXPECT_FALSE(files().IsMountPoint(Path("absent")).value());
}

TEST_P(FileSystemContract, ResolvesLinksInAPath) {
  ASSERT_TRUE(files().CreateDirectories(Path("d"), 0700));
  ASSERT_TRUE(files().WriteDurably(Path("d/a"), "x", 0600));
  place().Link(Path("link"), "d");
  const std::string real = files().RealPath(Path("d/a")).value();
  EXPECT_EQ(files().RealPath(Path("link/a")).value(), real);
  EXPECT_EQ(real.substr(real.size() - 4), "/d/a");
  EXPECT_FALSE(files().RealPath(Path("link/absent")));
}

TEST_P(FileSystemContract, TellsWhetherAFolderCanBeWritten) {
  ASSERT_TRUE(files().CreateDirectories(Path("d"), 0700));
  EXPECT_TRUE(files().Writable(Path("d")));
  EXPECT_FALSE(files().Writable(Path("absent")));
  place().MakeUnreadable(Path("d"));
  EXPECT_FALSE(files().Writable(Path("d")));
}

TEST_P(FileSystemContract, MeasuresTheSpaceAroundAPath) {
  const SpaceInfo space = files().Space(place().folder()).value();
  EXPECT_GT(space.total, 0U);
  EXPECT_LE(space.available, space.total);
  EXPECT_FALSE(files().Space(Path("absent")));
}

INSTANTIATE_TEST_SUITE_P(Both, FileSystemContract, ::testing::Values("Memory", "Real"),
                         [](const auto& suite) { return suite.param; });

}  // namespace
}  // namespace runner
