#include "runner/schedule/record_store.h"

#include <gtest/gtest.h>

#include "tests/runner/schedule/story.h"
#include "tests/support/memory_file_system.h"

namespace runner::testing {
namespace {

using targets::Stage;
using targets::TargetId;

JobRecord Full() {
  JobRecord record;
  record.settled_due = At("1 02:00");
  record.last_attempt = At("1 02:00:05");
  record.last_success = At("0 02:30");
  record.retry_at = At("1 02:20");
  record.retries = 3;
  record.running = true;
  return record;
}

JobRecord Seen(const std::string& at) {
  JobRecord record;
  record.settled_due = At(at);
  return record;
}

class RecordStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(folder_.Prepare(At("1 00:00"))); }

  LoadedRecords LoadAnew() { return RecordStore(files_, folder_).Load({TargetId{"photos"}}); }

  MemoryFileSystem files_;
  StateFolder folder_{files_, "/state"};
  RecordStore store_{files_, folder_};
};

TEST(RecordFormat, HasOneLineForEachStage) {
  EXPECT_EQ(FormatRecords({{Stage::kBackup, Full()}, {Stage::kDrill, Seen("1 02:00")}}),
            "runner schedule 1\n"
            "backup settled=1780279200 attempt=1780279205 success=1780194600 retry_at=1780280400 "
            "retries=3 running=1\n"
            "drill settled=1780279200\n");
}

TEST(RecordFormat, IsReadAsItWasWritten) {
  const StageRecords records = {{Stage::kRestore, {}}, {Stage::kBackup, Full()}};
  const ParsedRecords parsed = ParseRecords(FormatRecords(records));
  EXPECT_EQ(parsed.records, records);
  EXPECT_TRUE(parsed.damages.empty());
}

TEST(RecordFormat, IgnoresWhatALaterVersionAdds) {
  const ParsedRecords parsed =
      ParseRecords("runner schedule 1\nbackup settled=5 mood=good\nverify settled=6\n");
  EXPECT_TRUE(parsed.damages.empty());
  ASSERT_EQ(parsed.records.size(), 1U);
  EXPECT_EQ(parsed.records.at(Stage::kBackup).settled_due, targets::FromUnixSeconds(5));
}

TEST(RecordFormat, RefusesWhatIsNoRecordAndKeepsTheRest) {
  for (const char* line :
       {"backup settled=x", "backup settled=-1", "backup settled=253402300800", "backup running=2",
        "backup retries=1001", "backup settled", "drill settled=7", "backup settled=1 =\x01"}) {
    const ParsedRecords parsed = ParseRecords("runner schedule 1\ndrill settled=5\n" +
                                              std::string(line) + "\nprune settled=6\n");
    const bool only_control = std::string_view(line).find('\x01') != std::string_view::npos;
    EXPECT_EQ(parsed.damages.size(), only_control ? 0U : 1U) << line;
    EXPECT_EQ(parsed.records.at(Stage::kDrill).settled_due, targets::FromUnixSeconds(5));
    EXPECT_EQ(parsed.records.at(Stage::kPrune).settled_due, targets::FromUnixSeconds(6));
  }
}

TEST(RecordFormat, RefusesAnotherFirstLineHalfALineAndEndlessText) {
  EXPECT_EQ(ParseRecords("").damages.size(), 1U);
  EXPECT_EQ(ParseRecords("runner schedule 2\nbackup settled=5\n").damages.size(), 1U);
  EXPECT_TRUE(ParseRecords("runner schedule 2\nbackup settled=5\n").records.empty());
  const ParsedRecords half = ParseRecords("runner schedule 1\ndrill settled=5\nbackup settled=17");
  EXPECT_EQ(half.damages.size(), 1U);
  EXPECT_EQ(half.records.size(), 1U) << "17 may be the beginning of a longer number";
  EXPECT_EQ(ParseRecords("runner schedule 1\n" + std::string(200, '\n')).damages.size(), 1U);
}

TEST_F(RecordStoreTest, NothingWasStored) {
  const LoadedRecords loaded = store_.Load({TargetId{"photos"}});
  EXPECT_TRUE(loaded.records.empty());
  EXPECT_TRUE(loaded.warnings.empty());
}

TEST_F(RecordStoreTest, GivesBackWhatWasStoredAndKeepsTheOtherStages) {
  ASSERT_TRUE(store_.Store({{Key("backup photos"), Full()}, {Key("prune"), Seen("1 04:00")}}));
  ASSERT_TRUE(store_.Store({{Key("drill photos"), Seen("1 06:00")}}));
  const LoadedRecords loaded = LoadAnew();
  const std::map<JobKey, JobRecord> expected = {{Key("backup photos"), Full()},
                                                {Key("drill photos"), Seen("1 06:00")},
                                                {Key("prune"), Seen("1 04:00")}};
  EXPECT_EQ(loaded.records, expected);
  EXPECT_TRUE(loaded.warnings.empty());
}

TEST_F(RecordStoreTest, AStoreThatHasNotLoadedKeepsTheOtherStagesToo) {
  ASSERT_TRUE(store_.Store({{Key("backup photos"), Full()}}));
  RecordStore other(files_, folder_);
  ASSERT_TRUE(other.Store({{Key("drill photos"), Seen("1 06:00")}}));
  EXPECT_EQ(LoadAnew().records.size(), 2U);
}

TEST_F(RecordStoreTest, WritesOnlyWhatChanged) {
  ASSERT_TRUE(store_.Store({{Key("backup photos"), Full()}}));
  files_.FailStep(1);
  EXPECT_TRUE(store_.Store({{Key("backup photos"), Full()}}));
  EXPECT_EQ(files_.Steps(), 0);
}

TEST_F(RecordStoreTest, ACrashAtAnyStepLeavesTheOldOrTheNewRecord) {
  int old_ones = 0;
  int new_ones = 0;
  for (int step = 1; step < 40; ++step) {
    MemoryFileSystem files;
    const StateFolder folder(files, "/state");
    ASSERT_TRUE(folder.Prepare(At("1 00:00")));
    RecordStore store(files, folder);
    ASSERT_TRUE(store.Store({{Key("backup photos"), Seen("1 02:00")}}));
    files.StopBeforeStep(step);
    const bool stored = store.Store({{Key("backup photos"), Full()}}).has_value();
    files.CrashAndLoseUnsynced();
    const LoadedRecords loaded = RecordStore(files, folder).Load({TargetId{"photos"}});
    EXPECT_TRUE(loaded.warnings.empty()) << step;
    const JobRecord found = loaded.records.at(Key("backup photos"));
    EXPECT_TRUE(found == Full() || found == Seen("1 02:00")) << step;
    EXPECT_TRUE(!stored || found == Full()) << step;
    ++(found == Full() ? new_ones : old_ones);
  }
  EXPECT_GT(old_ones, 2);
  EXPECT_GT(new_ones, 2);
}

TEST_F(RecordStoreTest, SetsADamagedFileAsideAndUsesWhatCanBeRead) {
  files_.AddFile("/state/targets/photos/schedule",
                 "runner schedule 1\nbackup settled=oops\ndrill settled=5\n");
  files_.AddFile("/state/repository/schedule", "rubbish");
  const LoadedRecords loaded = LoadAnew();
  EXPECT_EQ(loaded.records.size(), 1U);
  const std::vector<std::string> expected = {
      "/state/repository/schedule is damaged (its first line is not \"runner schedule 1\"); it is "
      "kept as /state/repository/schedule.damaged, and its jobs begin anew",
      "/state/targets/photos/schedule is damaged (\"backup settled=oops\" is not a record); it is "
      "kept as /state/targets/photos/schedule.damaged, and what could be read of it is used"};
  EXPECT_EQ(loaded.warnings, expected);
  const LoadedRecords again = LoadAnew();
  EXPECT_EQ(again.records, loaded.records);
  EXPECT_TRUE(again.warnings.empty());
  EXPECT_EQ(files_.Read("/state/repository/schedule.damaged", 100).value(), "rubbish");
}

TEST_F(RecordStoreTest, WarnsOfAFileThatCannotBeRead) {
  files_.AddFile("/state/targets/photos/schedule", "runner schedule 1\n");
  files_.SetUnreadable("/state/targets/photos/schedule", true);
  EXPECT_EQ(LoadAnew().warnings.size(), 1U);
}

TEST_F(RecordStoreTest, SaysThatTheDiskIsFullAndTriesAgainTheNextTime) {
  ASSERT_TRUE(store_.Store({{Key("backup photos"), Seen("1 02:00")}}));
  files_.SetFull(true);
  EXPECT_FALSE(store_.Store({{Key("backup photos"), Full()}}));
  files_.SetFull(false);
  EXPECT_TRUE(store_.Store({{Key("backup photos"), Full()}}));
  EXPECT_EQ(LoadAnew().records.at(Key("backup photos")), Full());
}

}  // namespace
}  // namespace runner::testing
