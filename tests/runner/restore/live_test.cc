#include "runner/restore/live.h"

#include <gtest/gtest.h>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::NodeType;
using targets::TreeNode;

const targets::UnixTime kThen = targets::FromUnixSeconds(1'500'000'000);

class LiveTest : public ::testing::Test {
 protected:
  LiveTest() {
    files_.AddFile("/scratch/old/photos/a", "aaa");
    Live("aaa");
  }

  void Live(const std::string& content, targets::UnixTime modified = kThen, int nanoseconds = 5) {
    files_.AddFile("/data/photos/a", content);
    FileSystem& files = files_;
    EXPECT_TRUE(files.SetModified("/data/photos/a", modified, nanoseconds));
  }
  LiveComparison Compare(const LivePlaces& places = {"/scratch", "/old/photos", "/data/photos"}) {
    return CompareWithLive(files_, {&node_}, places, [this](const TreeNode&) {
      ++asked_;
      if (meanwhile_) meanwhile_();
      return go_on_;
    });
  }

  testing::MemoryFileSystem files_;
  TreeNode node_{.path = "/old/photos/a",
                 .type = NodeType::kFile,
                 .size = 3,
                 .modified = kThen,
                 .modified_nanoseconds = 5};
  std::function<void()> meanwhile_;
  bool go_on_ = true;
  int asked_ = 0;
};

TEST_F(LiveTest, FindsTheLiveFileInASourceThatMoved) {
  const LiveComparison found = Compare();
  EXPECT_EQ(found.same, 1U);
  EXPECT_EQ(found.different, "");
}

TEST_F(LiveTest, ASnapshotOfTheContentAloneHasNoPathOfTheSource) {
  files_.AddFile("/scratch/a", "aaa");
  node_.path = "/a";
  EXPECT_EQ(Compare({"/scratch", "/", "/data/photos"}).same, 1U);
  node_.path = "/data/photos/a";
  files_.AddFile("/scratch/data/photos/a", "aaa");
  EXPECT_EQ(Compare({"/scratch", "/", "/"}).same, 1U);
}

TEST_F(LiveTest, NamesAFileOfTheSameSizeAndTimeWithOtherContent) {
  Live("aab");
  const LiveComparison found = Compare();
  EXPECT_EQ(found.same, 0U);
  EXPECT_EQ(found.different, "/data/photos/a");
}

TEST_F(LiveTest, PassesOverWhatChangedSince) {
  Live("aab", kThen, 6);
  EXPECT_EQ(Compare().different, "");
  Live("aab", kThen + targets::Duration(1));
  EXPECT_EQ(Compare().different, "");
  Live("aaaa");
  EXPECT_EQ(Compare().different, "");
  EXPECT_EQ(asked_, 0);
}

TEST_F(LiveTest, PassesOverWhatIsNoFileOrNotThereOrUnreadable) {
  files_.SetUnreadable("/data/photos/a", true);
  EXPECT_EQ(Compare().same, 0U);
  EXPECT_TRUE(files_.Remove("/data/photos/a"));
  EXPECT_EQ(Compare().same, 0U);
  files_.AddSymlink("/data/photos/a", "/scratch/old/photos/a");
  EXPECT_EQ(Compare().same, 0U);
}

TEST_F(LiveTest, PassesOverWhatHasNoTimeInTheSnapshot) {
  node_.modified.reset();
  Live("aab");
  EXPECT_EQ(Compare().different, "");
}

TEST_F(LiveTest, PassesOverWhatLiesOutsideOfTheSource) {
  EXPECT_EQ(Compare({"/scratch", "/old/other", "/data/photos"}).same, 0U);
  EXPECT_EQ(Compare({"/scratch", "/old/photo", "/data/photos"}).same, 0U);
}

TEST_F(LiveTest, AFileThatIsWrittenWhileItIsReadIsNoDifference) {
  meanwhile_ = [this] { Live("new", kThen + targets::Duration(1)); };
  const LiveComparison found = Compare();
  EXPECT_EQ(found.same, 0U);
  EXPECT_EQ(found.different, "");
}

TEST_F(LiveTest, EndsWhenItIsTold) {
  go_on_ = false;
  EXPECT_EQ(Compare().same, 0U);
  EXPECT_EQ(asked_, 1);
}

}  // namespace
}  // namespace runner
