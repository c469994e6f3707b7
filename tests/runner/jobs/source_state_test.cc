#include "runner/jobs/source_state.h"

#include <gtest/gtest.h>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::SourceState;

class InspectSourceTest : public ::testing::Test {
 protected:
  SourceReport Inspect(const std::string& path = "/data") {
    return InspectSource(files_, targets::DirectorySource{path}, guards_);
  }

  testing::MemoryFileSystem files_;
  targets::Guards guards_;
};

TEST_F(InspectSourceTest, HasDataWithOneFile) {
  files_.AddFile("/data/photo.jpg", "x");
  EXPECT_EQ(Inspect(), (SourceReport{SourceState::kHasData, "", "/data"}));
}

TEST_F(InspectSourceTest, HasDataWithAnEmptyFileOrAnEmptyFolder) {
  files_.AddFile("/one/empty", "");
  files_.AddFolder("/two/folder");
  files_.AddSymlink("/three/link", "/nowhere");
  for (const char* path : {"/one", "/two", "/three"})
    EXPECT_EQ(Inspect(path).state, SourceState::kHasData) << path;
}

TEST_F(InspectSourceTest, IsEmptyWithoutEntries) {
  files_.AddFolder("/data");
  EXPECT_EQ(Inspect(), (SourceReport{SourceState::kEmpty, "/data is empty", "/data"}));
}

TEST_F(InspectSourceTest, IsEmptyWithNothingButLostAndFoundAndOurStagingFolder) {
  files_.AddFolder("/data/lost+found");
  files_.AddFile("/data/.runner-restore-7/photo.jpg", "x");
  EXPECT_EQ(Inspect().state, SourceState::kEmpty);
  files_.AddFile("/data/a", "x");
  EXPECT_EQ(Inspect().state, SourceState::kHasData);
}

TEST_F(InspectSourceTest, HasDataIfANameOnlyResemblesOurs) {
  files_.AddFile("/one/lost+found.txt", "x");
  files_.AddFile("/two/.runner-restor", "x");
  files_.AddFile("/three/.hidden", "x");
  for (const char* path : {"/one", "/two", "/three"})
    EXPECT_EQ(Inspect(path).state, SourceState::kHasData) << path;
}

TEST_F(InspectSourceTest, IsMissingIfNothingIsThere) {
  EXPECT_EQ(Inspect(), (SourceReport{SourceState::kMissing, "/data does not exist", "/data"}));
}

TEST_F(InspectSourceTest, IsMissingIfItIsAFile) {
  files_.AddFile("/data", "x");
  EXPECT_EQ(Inspect(), (SourceReport{SourceState::kMissing, "/data is not a directory", "/data"}));
}

TEST_F(InspectSourceTest, IsUnreadableIfItCannotBeListed) {
  files_.AddFile("/data/photo.jpg", "x");
  files_.SetUnreadable("/data", true);
  const SourceReport report = Inspect();
  EXPECT_EQ(report.state, SourceState::kUnreadable);
  EXPECT_NE(report.detail.find("/data"), std::string::npos);
}

TEST_F(InspectSourceTest, IsUnreadableIfItsParentCannotBeEntered) {
  files_.AddFile("/locked/data/photo.jpg", "x");
  files_.SetUnreadable("/locked", true);
  EXPECT_EQ(Inspect("/locked/data").state, SourceState::kUnreadable);
}

TEST_F(InspectSourceTest, FollowsASymbolicLinkToWhatIsBackedUp) {
  files_.AddFile("/real/photo.jpg", "x");
  files_.AddSymlink("/data", "/real");
  EXPECT_EQ(Inspect(), (SourceReport{SourceState::kHasData, "", "/real"}));
}

TEST_F(InspectSourceTest, IsMissingIfItsLinkLeadsNowhere) {
  files_.AddSymlink("/data", "/real");
  EXPECT_EQ(Inspect().state, SourceState::kMissing);
}

TEST_F(InspectSourceTest, IsUnreadableIfItsLinkLeadsWhereNobodyMayLook) {
  files_.AddFile("/locked/real/photo.jpg", "x");
  files_.AddSymlink("/data", "/locked/real");
  files_.SetUnreadable("/locked", true);
  EXPECT_EQ(Inspect().state, SourceState::kUnreadable);
}

TEST_F(InspectSourceTest, IsMissingWithoutTheRequiredMount) {
  files_.AddFile("/data/photo.jpg", "x");
  guards_.require_mount = true;
  EXPECT_EQ(Inspect(), (SourceReport{SourceState::kMissing,
                                     "/data is not a mount point (guard.require_mount)", "/data"}));
  files_.SetMountPoint("/data", true);
  EXPECT_EQ(Inspect().state, SourceState::kHasData);
}

TEST_F(InspectSourceTest, IsMissingNotEmptyIfAnUnmountedFolderIsEmpty) {
  files_.AddFolder("/data");
  guards_.require_mount = true;
  EXPECT_EQ(Inspect().state, SourceState::kMissing);
  files_.SetMountPoint("/data", true);
  EXPECT_EQ(Inspect().state, SourceState::kEmpty);
}

TEST_F(InspectSourceTest, IsMissingWithoutItsSentinel) {
  files_.AddFile("/data/photo.jpg", "x");
  guards_.sentinel = ".volume-id";
  EXPECT_EQ(Inspect(),
            (SourceReport{SourceState::kMissing,
                          "the sentinel /data/.volume-id is not there (guard.sentinel)", "/data"}));
  files_.AddFile("/data/.volume-id", "");
  EXPECT_EQ(Inspect().state, SourceState::kHasData);
}

TEST_F(InspectSourceTest, LooksForTheSentinelBehindALink) {
  files_.AddFile("/real/.volume-id", "");
  files_.AddFile("/real/photo.jpg", "");
  files_.AddSymlink("/data", "/real");
  guards_.sentinel = ".volume-id";
  EXPECT_EQ(Inspect().state, SourceState::kHasData);
}

}  // namespace
}  // namespace runner
