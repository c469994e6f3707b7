#include "runner/restore/journal.h"

#include <gtest/gtest.h>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

class StagingFolderTest : public ::testing::Test {
 protected:
  StagingFolderTest() { files_.AddFolder("/data/.runner-restore-data"); }

  testing::MemoryFileSystem files_;
  StagingFolder staging_{"/data"};
};

TEST_F(StagingFolderTest, LiesInsideTheDestination) {
  EXPECT_EQ(staging_.path(), "/data/.runner-restore-data");
  EXPECT_EQ(staging_.Restored("/"), "/data/.runner-restore-data/tree");
  EXPECT_EQ(staging_.Restored("/srv/x"), "/data/.runner-restore-data/tree/srv/x");
  EXPECT_EQ(staging_.Exists(files_).value(), true);
  EXPECT_EQ(StagingFolder("/").Exists(files_).value(), false);
}

TEST_F(StagingFolderTest, KeepsItsJournal) {
  EXPECT_EQ(staging_.ReadJournal(files_).value(), std::nullopt);
  RestoreJournal journal{RestoreJournal::Phase::kMoving, targets::SnapshotId("abc"),
                         "/srv/with \"quotes\"\n",       true,
                         targets::FromUnixSeconds(-5),   12};
  ASSERT_TRUE(staging_.WriteJournal(files_, journal));
  EXPECT_EQ(staging_.ReadJournal(files_).value(), journal);
  journal.phase = RestoreJournal::Phase::kStaging;
  ASSERT_TRUE(staging_.WriteJournal(files_, journal));
  EXPECT_EQ(staging_.ReadJournal(files_).value(), journal);
}

TEST_F(StagingFolderTest, ADamagedJournalIsAnErrorAndNotNone) {
  for (const char* text : {"", "{", "[]", "{\"version\":2}",
                           R"({"version":1,"phase":"moving","snapshot":"a","root":"/"})"}) {
    files_.AddFile("/data/.runner-restore-data/journal", text);
    EXPECT_FALSE(staging_.ReadJournal(files_)) << text;
  }
}

}  // namespace
}  // namespace runner
