#include "runner/repository/snapshot_files.h"

#include <gtest/gtest.h>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

TEST(SnapshotFilesTest, AreThoseWithAnIdForAName) {
  testing::MemoryFileSystem files;
  const std::string id(64, 'a');
  ASSERT_TRUE(files.CreateDirectories("/repo/snapshots", 0700));
  EXPECT_TRUE(SnapshotFilesIn(files, "/repo").value().empty());
  for (const std::string& name : {id, id + "-tmp-123", std::string("abc")})
    ASSERT_TRUE(files.WriteDurably("/repo/snapshots/" + name, "{}", 0600));
  EXPECT_EQ(SnapshotFilesIn(files, "/repo").value(), std::set{targets::SnapshotId(id)});
}

TEST(SnapshotFilesTest, AFolderThatIsNotThereIsNoEmptyOne) {
  testing::MemoryFileSystem files;
  EXPECT_FALSE(SnapshotFilesIn(files, "/repo"));
}

}  // namespace
}  // namespace runner
