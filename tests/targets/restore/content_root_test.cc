#include "targets/restore/content_root.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

TreeNode Folder(const std::string& path) { return {path, NodeType::kDirectory, 0, 0755, 0, 0}; }
TreeNode File(const std::string& path, Bytes size = 1) {
  return {path, NodeType::kFile, size, 0644, 0, 0};
}
Snapshot Of(std::vector<std::string> paths) {
  Snapshot snapshot;
  snapshot.paths = std::move(paths);
  return snapshot;
}

TEST(ContentRoot, IsThePathThatWasBackedUp) {
  const SnapshotTree tree = {Folder("/data"), Folder("/data/photos"), File("/data/photos/a")};
  EXPECT_EQ(ContentRoot(Of({"/data/photos"}), tree), "/data/photos");
}

TEST(ContentRoot, IsTheTopOfASnapshotThatWasMadeInsideTheFolder) {
  EXPECT_EQ(ContentRoot(Of({"/backup"}), {File("/a"), Folder("/b"), File("/b/c")}), "/");
  EXPECT_EQ(ContentRoot(Of({"/backup"}), {Folder("/backup"), File("/backup/x"), File("/y")}), "/");
}

TEST(ContentRoot, IsTheTopIfThePathIsNoFolderOrThereAreSeveral) {
  EXPECT_EQ(ContentRoot(Of({"/a"}), {File("/a")}), "/");
  EXPECT_EQ(ContentRoot(Of({"/a", "/b"}), {Folder("/a"), Folder("/b")}), "/");
  EXPECT_EQ(ContentRoot(Of({"/a"}), {}), "/");
}

TEST(ContentRoot, KnowsPathsThatAreNoUtf8) {
  EXPECT_EQ(ContentRoot(Of({"/d\xFF"}), {Folder("/d\xEF\xBF\xBD")}), "/d\xFF");
}

TEST(ContentRoot, TellsSiblingsThatBeginAlikeApart) {
  EXPECT_FALSE(IsInside("/data2", "/data"));
  EXPECT_TRUE(IsInside("/data", "/data"));
  EXPECT_TRUE(IsInside("/data/x", "/data"));
  EXPECT_TRUE(IsInside("/anything", "/"));
}

TEST(SizeBelow, CountsFilesOnly) {
  const SnapshotTree tree = {Folder("/d"), File("/d/a", 5), File("/d/b", 7), File("/e", 100)};
  EXPECT_EQ(SizeBelow(tree, "/d"), (TreeSize{2, 12}));
  EXPECT_EQ(SizeBelow(tree, "/"), (TreeSize{3, 112}));
}

}  // namespace
}  // namespace targets
