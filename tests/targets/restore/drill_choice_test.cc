#include "targets/restore/drill_choice.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace targets {
namespace {

const SnapshotId kSnapshot("abc");

/// Files of one day each, the oldest first; a folder among them.
SnapshotTree Days(int count) {
  SnapshotTree tree = {{.path = "/d", .type = NodeType::kDirectory}};
  for (int day = 0; day < count; ++day) {
    tree.push_back({.path = fmt::format("/d/{:04}", day),
                    .type = NodeType::kFile,
                    .size = 1,
                    .modified = FromUnixSeconds(86'400LL * day)});
  }
  return tree;
}

std::vector<std::string> Paths(const SnapshotTree& tree, std::size_t count, long long now = 0) {
  std::vector<std::string> paths;
  for (const TreeNode* node : ChooseForDrill(tree, count, kSnapshot, FromUnixSeconds(now)))
    paths.push_back(node->path);
  return paths;
}

TEST(DrillChoice, DrawsSoManyDifferentFiles) {
  const auto paths = Paths(Days(100), 20);
  EXPECT_EQ(paths.size(), 20U);
  EXPECT_EQ(std::set(paths.begin(), paths.end()).size(), 20U);
  EXPECT_EQ(std::ranges::count(paths, "/d"), 0) << "a folder is no file";
}

TEST(DrillChoice, TakesAllIfThereAreNotMore) {
  EXPECT_EQ(Paths(Days(20), 20).size(), 20U);
  EXPECT_EQ(Paths(Days(19), 20).size(), 19U);
  EXPECT_EQ(Paths(Days(21), 20).size(), 20U);
  EXPECT_TRUE(Paths(Days(0), 20).empty());
}

TEST(DrillChoice, EveryDrillHasOldAndNewFiles) {
  for (long long now = 0; now < 100; ++now) {
    const auto paths = Paths(Days(100), 10, now);
    EXPECT_LT(paths.front(), "/d/0010") << now;
    EXPECT_GE(paths.back(), "/d/0090") << now;
  }
}

TEST(DrillChoice, SoonerOrLaterEveryFileHasItsTurn) {
  std::set<std::string> seen;
  for (long long now = 0; now < 200; ++now) {
    for (const std::string& path : Paths(Days(97), 10, now)) seen.insert(path);
  }
  EXPECT_EQ(seen.size(), 97U);
}

TEST(DrillChoice, TheSameSnapshotAndTimeDrawTheSameAndAnotherTimeOthers) {
  EXPECT_EQ(Paths(Days(100), 5, 1), Paths(Days(100), 5, 1));
  EXPECT_NE(Paths(Days(100), 5, 1), Paths(Days(100), 5, 2));
  const SnapshotTree tree = Days(100);
  EXPECT_NE(ChooseForDrill(tree, 5, kSnapshot, FromUnixSeconds(1)),
            ChooseForDrill(tree, 5, SnapshotId("abd"), FromUnixSeconds(1)));
}

TEST(DrillChoice, LeavesOutWhatCannotBeNamed) {
  SnapshotTree tree = Days(1);
  tree.push_back({.path = "/d/caf\xEF\xBF\xBD", .type = NodeType::kFile});
  tree.push_back({.path = "/d/caf\xC3\xA9", .type = NodeType::kFile});
  EXPECT_EQ(Paths(tree, 10), (std::vector<std::string>{"/d/0000", "/d/caf\xC3\xA9"}));
}

TEST(DrillChoice, FilesWithoutATimeCountAsOld) {
  SnapshotTree tree = Days(3);
  tree.push_back({.path = "/d/x", .type = NodeType::kFile});
  EXPECT_EQ(Paths(tree, 10).size(), 4U);
}

}  // namespace
}  // namespace targets
