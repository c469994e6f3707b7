#include "runner/restore/compare.h"

#include <gmock/gmock.h>

#include <functional>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::NodeType;
using targets::TreeNode;
using ::testing::HasSubstr;

class CompareTreeTest : public ::testing::Test {
 protected:
  CompareTreeTest() {
    Put({"/d", NodeType::kDirectory, 0, 0750, 1, 2}, "");
    Put({"/d/a", NodeType::kFile, 3, 0644, 1, 2}, "abc");
    Put({"/d/l", NodeType::kSymlink, 0, 0777, 1, 2}, "a");
    Put({"/d/p", NodeType::kOther, 0, 0600, 1, 2}, "");
  }
  void Put(const TreeNode& node, const std::string& content) {
    tree_.push_back(node);
    FileInfo info;
    info.type = node.type == NodeType::kDirectory ? FileType::kDirectory
                : node.type == NodeType::kFile    ? FileType::kFile
                : node.type == NodeType::kSymlink ? FileType::kSymlink
                                                  : FileType::kOther;
    info.mode = node.mode;
    info.uid = node.uid;
    info.gid = node.gid;
    ASSERT_TRUE(files_.WriteCarelessly("/staging" + node.path, content, info));
  }
  TreeComparison Compare(CompareOptions options = {}) {
    return CompareTree(files_, tree_, "/staging", options).value();
  }
  /// The first difference after one entry of the snapshot is another.
  std::string After(std::size_t index, const std::function<void(TreeNode&)>& change) {
    const TreeNode before = tree_[index];
    change(tree_[index]);
    const TreeComparison result = Compare();
    tree_[index] = before;
    EXPECT_EQ(result.differences, 1U) << result.first;
    return result.first;
  }

  testing::MemoryFileSystem files_;
  targets::SnapshotTree tree_;
};

TEST_F(CompareTreeTest, FindsNothingWhereAllIsAsItShouldBe) {
  const TreeComparison result = Compare();
  EXPECT_EQ(result.differences, 0U) << result.first;
  EXPECT_EQ(result.entries, 4U);
  EXPECT_EQ(result.files, 1U);
  EXPECT_EQ(result.bytes, 3U);
}

TEST_F(CompareTreeTest, SeesEachKindOfDifference) {
  EXPECT_EQ(After(1, [](TreeNode& node) { node.size = 4; }), "/d/a has 3 bytes instead of 4");
  EXPECT_EQ(After(1, [](TreeNode& node) { node.mode = 04644; }),
            "/d/a has mode 0644 instead of 4644");
  EXPECT_EQ(After(1, [](TreeNode& node) { node.uid = 9; }), "/d/a belongs to 1:2 instead of 9:2");
  EXPECT_EQ(After(0, [](TreeNode& node) { node.gid = 9; }), "/d belongs to 1:2 instead of 1:9");
  EXPECT_EQ(After(2, [](TreeNode& node) { node.type = NodeType::kFile; }),
            "/d/l is of another type");
  EXPECT_EQ(After(3, [](TreeNode& node) { node.type = NodeType::kDirectory; }),
            "/d/p is of another type");
}

TEST_F(CompareTreeTest, SeesWhatIsMissingAndWhatIsTooMuch) {
  tree_.push_back({"/d/gone", NodeType::kFile, 1, 0644, 1, 2});
  EXPECT_EQ(Compare().first, "/d/gone is missing");
  tree_.pop_back();
  tree_.erase(tree_.begin() + 1);
  EXPECT_EQ(Compare().first, "/d/a is not in the snapshot");
}

TEST_F(CompareTreeTest, DoesNotMissSockets) {
  tree_.push_back({"/d/socket", NodeType::kSocket, 0, 0755, 1, 2});
  EXPECT_EQ(Compare().differences, 0U);
}

TEST_F(CompareTreeTest, CountsOtherOwnersWhereTheyCannotBeHelped) {
  tree_[1].uid = 9;
  const TreeComparison result = Compare({.owners = false});
  EXPECT_EQ(result.differences, 0U);
  EXPECT_EQ(result.other_owners, 1U);
}

TEST_F(CompareTreeTest, OfAPartMissesNothing) {
  tree_.push_back({"/d/left-out", NodeType::kFile, 1, 0644, 1, 2});
  tree_[0].mode = 0700;
  EXPECT_EQ(Compare({.partial = true}).differences, 0U);
  tree_[1].size = 4;
  EXPECT_EQ(Compare({.partial = true}).differences, 1U) << "what is there must be right";
}

/// restic's listing prints U+FFFD for each byte that is no UTF-8.
TEST_F(CompareTreeTest, FindsNamesThatAreNoUtf8) {
  Put({"/d/\xFF", NodeType::kFile, 1, 0644, 1, 2}, "x");
  Put({"/d/\xFE", NodeType::kFile, 2, 0644, 1, 2}, "xy");
  tree_[4].path = "/d/\xEF\xBF\xBD";
  tree_[5].path = "/d/\xEF\xBF\xBD";
  EXPECT_EQ(Compare().differences, 0U) << Compare().first;
  tree_[5].size = 3;
  EXPECT_GT(Compare().differences, 0U);
}

TEST_F(CompareTreeTest, AFolderThatCannotBeReadIsAnError) {
  files_.SetUnreadable("/staging/d", true);
  EXPECT_FALSE(CompareTree(files_, tree_, "/staging", {}));
}

}  // namespace
}  // namespace runner
