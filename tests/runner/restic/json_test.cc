#include "runner/restic/json.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

const std::string kId(64, 'a');

TEST(BackupOutput, ReadsAStatusLineOfRestic014) {
  BackupOutput output;
  EXPECT_TRUE(output.OnStdoutLine(
      R"({"message_type":"status","seconds_elapsed":18,"seconds_remaining":58,"percent_done":0.25,"total_files":20,)"
      R"("files_done":4,"total_bytes":400,"bytes_done":94,"error_count":1,"current_files":["/big/f13"]})"));
  const BackupStatus expected{0.25, 4, 20, 94, 400, 1, 58};
  EXPECT_EQ(output.status(), expected);
}

TEST(BackupOutput, TakesAbsentNumbersForZeroAndAbsentTimeForUnknown) {
  BackupOutput output;
  EXPECT_TRUE(output.OnStdoutLine(R"({"message_type":"status","percent_done":0})"));
  EXPECT_EQ(output.status(), BackupStatus{});
}

TEST(BackupOutput, KeepsTheFractionBetweenZeroAndOne) {
  BackupOutput output;
  output.OnStdoutLine(R"({"message_type":"status","percent_done":1.7})");
  EXPECT_EQ(output.status().fraction, 1.0);
  output.OnStdoutLine(R"({"message_type":"status","percent_done":-3})");
  EXPECT_EQ(output.status().fraction, 0.0);
}

TEST(BackupOutput, IgnoresWhatItDoesNotKnow) {
  BackupOutput output;
  for (const char* line : {"", "scanning...", "[1,2]", "{", "null",
                           R"({"message_type":"verbose_status","action":"new"})",
                           R"({"message_type":"status","action":"scan_finished","duration":0.2})",
                           R"({"message_type":7})"}) {
    EXPECT_FALSE(output.OnStdoutLine(line)) << line;
  }
  EXPECT_EQ(output.status(), BackupStatus{});
  EXPECT_FALSE(output.has_summary());
}

TEST(BackupOutput, ReadsTheSummary) {
  BackupOutput output;
  EXPECT_FALSE(output.OnStdoutLine(
      R"({"message_type":"summary","files_new":4,"files_changed":1,"files_unmodified":2,"dirs_new":3,"dirs_changed":5,)"
      R"("dirs_unmodified":6,"data_blobs":4,"tree_blobs":4,"data_added":602457,"data_added_packed":7,)"
      R"("total_files_processed":7,"total_bytes_processed":600003,"total_duration":0.5,"snapshot_id":"54f13b08"})"));
  ASSERT_TRUE(output.has_summary());
  const BackupSummary expected{4, 1, 2, 3, 5, 6, 602457, 7, 600003, 0.5, "54f13b08"};
  EXPECT_EQ(output.summary(), expected);
}

TEST(BackupOutput, ReadsASummaryWithoutASnapshot) {
  BackupOutput output;
  output.OnStdoutLine(R"({"message_type":"summary","files_new":0})");
  EXPECT_TRUE(output.has_summary());
  EXPECT_EQ(output.summary().snapshot_id, "");
}

TEST(BackupOutput, CollectsUnreadableFilesOfOldAndNewRestic) {
  BackupOutput output;
  output.OnStderrLine(
      R"({"message_type":"error","error":{"Op":"open","Path":"d2/a","Err":13},"during":"archival","item":"/d2/a"})");
  output.OnStderrLine(R"({"message_type":"error","error":{},"during":"scan","item":"/d2/b"})");
  output.OnStderrLine(
      R"({"message_type":"error","error":{"message":"open /d2/c: permission denied"},"during":"archival","item":"/d2/c"})");
  output.OnStderrLine("Warning: at least one source file could not be read");
  output.OnStderrLine(R"({"message_type":"exit_error","code":3,"message":"Warning"})");
  const std::vector<Unreadable> expected = {{"/d2/a", "open: Permission denied"},
                                            {"/d2/b", ""},
                                            {"/d2/c", "open /d2/c: permission denied"}};
  EXPECT_EQ(output.unreadable(), expected);
  EXPECT_EQ(output.unreadable_count(), 3U);
}

TEST(BackupOutput, CountsAFileThatScanAndBackupReportOnce) {
  BackupOutput output;
  output.OnStderrLine(R"({"message_type":"error","error":{},"during":"scan","item":"/a"})");
  output.OnStderrLine(
      R"({"message_type":"error","error":{"Op":"open","Err":13},"during":"archival","item":"/a"})");
  const std::vector<Unreadable> expected = {{"/a", "open: Permission denied"}};
  EXPECT_EQ(output.unreadable(), expected);
  EXPECT_EQ(output.unreadable_count(), 1U);
}

TEST(BackupOutput, KeepsAHundredUnreadableFilesAndCountsTheRest) {
  BackupOutput output;
  for (int i = 0; i < 101; ++i) {
    output.OnStderrLine(R"({"message_type":"error","error":{},"during":"archival","item":"/f)" +
                        std::to_string(i) + "\"}");
  }
  EXPECT_EQ(output.unreadable().size(), BackupOutput::kMaxUnreadable);
  EXPECT_EQ(output.unreadable_count(), 101U);
}

TEST(ParseSnapshots, ReadsEveryField) {
  const std::string json =
      R"([{"time":"2026-11-23T03:25:36.985485397+01:30","parent":"p","tree":"t","paths":["/d"],"hostname":"h1",)"
      R"("username":"root","uid":1,"tags":["target:photos","x"],"summary":{"files_new":1},"id":")" +
      kId + R"(","short_id":"aaaaaaaa"}])";
  const auto snapshots = ParseSnapshots(json);
  ASSERT_TRUE(snapshots.has_value()) << snapshots.error().message;
  ASSERT_EQ(snapshots->size(), 1U);
  targets::Snapshot expected;
  expected.id = targets::SnapshotId(kId);
  expected.time = targets::ParseRfc3339("2026-11-23T01:55:36Z").value();
  expected.nanoseconds = 985485397;
  expected.utc_offset = 5400;
  expected.hostname = "h1";
  expected.paths = {"/d"};
  expected.tags = {"target:photos", "x"};
  expected.username = "root";
  expected.parent = "p";
  expected.tree = "t";
  EXPECT_EQ(snapshots->front(), expected);
}

std::string Entry(const std::string& time, const std::string& more = "") {
  return R"([{"id":")" + kId + R"(","time":")" + time + "\"" + more + "}]";
}

TEST(ParseSnapshots, ReadsTimesInEveryNotation) {
  const auto first = [](const std::string& time) {
    return ParseSnapshots(Entry(time)).value().front();
  };
  EXPECT_EQ(first("2026-11-23T03:25:36Z").nanoseconds, 0);
  EXPECT_EQ(first("2026-11-23T03:25:36Z").utc_offset, 0);
  EXPECT_EQ(first("2026-11-23T03:25:36.5Z").nanoseconds, 500000000);
  EXPECT_EQ(first("2026-11-23T03:25:36.5-05:00").utc_offset, -18000);
  EXPECT_EQ(first("2026-11-23T03:25:36.000000001+00:00").nanoseconds, 1);
}

TEST(ParseSnapshots, TakesAbsentAndNullTagsForNone) {
  EXPECT_TRUE(ParseSnapshots(Entry("2026-11-23T03:25:36Z")).value().front().tags.empty());
  EXPECT_TRUE(ParseSnapshots(Entry("2026-11-23T03:25:36Z", R"(,"tags":null)"))
                  .value()
                  .front()
                  .tags.empty());
  EXPECT_TRUE(ParseSnapshots("[]").value().empty());
}

TEST(ParseSnapshots, RefusesADoubtfulList) {
  const std::string no_time = R"([{"id":")" + kId + R"("}])";
  for (const std::string& json :
       {std::string(), std::string("null"), std::string("{}"), std::string("[1]"),
        std::string("[{}]"), std::string("[]x"),
        std::string(R"([{"id":"54f13b08","time":"2026-11-23T03:25:36Z"}])"), no_time,
        Entry("yesterday"), Entry("2026-11-23T03:25:36Z", R"(,"tags":"x")"),
        Entry("2026-11-23T03:25:36Z", R"(,"paths":[1])"),
        Entry("2026-11-23T03:25:36Z").substr(0, 40)}) {
    EXPECT_FALSE(ParseSnapshots(json).has_value()) << json;
  }
}

TEST(ParseSnapshots, SurvivesDeepNesting) {
  EXPECT_FALSE(ParseSnapshots(std::string(1'000'000, '[')).has_value());
}

TEST(ParseStats, ReadsTheTotal) {
  EXPECT_EQ(ParseStats("{\"total_size\":1800009,\"total_file_count\":21,\"snapshots_count\":3}\n")
                .value(),
            1'800'009U);
  for (const char* text : {"", "{}", "[]", "scanning...\n"})
    EXPECT_FALSE(ParseStats(text).has_value()) << text;
}

TEST(ParseDiff, ReadsTheStatisticsAfterTheChanges) {
  const std::string change = "{\"message_type\":\"change\",\"path\":\"/d/1\",\"modifier\":\"-\"}\n";
  const std::string statistics =
      R"({"message_type":"statistics","source_snapshot":"4a","target_snapshot":"2b",)"
      R"("changed_files":3,"added":{"files":4,"dirs":9},"removed":{"files":5,"dirs":1}})";
  const SnapshotDiff expected{.added = 4, .removed = 5, .changed = 3};
  EXPECT_EQ(ParseDiff(change + statistics + "\n").value(), expected);
  EXPECT_EQ(ParseDiff(statistics).value(), expected);
  for (const std::string& text : {std::string(), change, statistics + "\nx", std::string("[]")})
    EXPECT_FALSE(ParseDiff(text).has_value()) << text;
}

TEST(ParseSnapshots, ReadsTheWriterAndTheFirstIdOfATaggedSnapshot) {
  const std::string other(64, 'b');
  const auto snapshots = ParseSnapshots(
      R"([{"id":")" + kId + R"(","time":"2026-11-23T02:30:00Z","username":"root","original":")" +
      other + R"("},{"id":")" + kId + R"(","time":"2026-11-23T02:30:00Z"}])");
  ASSERT_TRUE(snapshots.has_value());
  EXPECT_EQ(snapshots->at(0).username, "root");
  EXPECT_EQ(snapshots->at(0).FirstId().str(), other);
  EXPECT_EQ(snapshots->at(1).FirstId().str(), kId);
}

TEST(ParseTreeNode, ReadsAnEntryWithItsTime) {
  const auto node = ParseTreeNode(
      R"({"name":"a","type":"file","path":"/d/a","uid":7,"gid":8,"size":3,"mode":420,)"
      R"("mtime":"2026-11-23T04:25:36.985485397+01:00","struct_type":"node"})");
  ASSERT_TRUE(node && node->has_value());
  EXPECT_EQ((*node)->path, "/d/a");
  EXPECT_EQ((*node)->modified, targets::ParseRfc3339("2026-11-23T03:25:36Z").value());
  EXPECT_EQ((*node)->modified_nanoseconds, 985'485'397);
}

TEST(ParseTreeNode, ATimeThatIsNoneIsNoReasonToRefuseTheEntry) {
  const auto node = ParseTreeNode(
      R"({"type":"file","path":"/d/a","mtime":"-0001-11-30T00:00:00Z","struct_type":"node"})");
  ASSERT_TRUE(node && node->has_value());
  EXPECT_FALSE((*node)->modified.has_value());
}

TEST(ParseRepositoryId, ReadsCatConfig) {
  EXPECT_EQ(ParseRepositoryId("{\n  \"version\": 2,\n  \"id\": \"" + kId +
                              "\",\n  \"chunker_polynomial\": \"2\"\n}\n"),
            kId);
  for (const char* json : {"", "[]", "{}", R"({"id":"abc"})", R"({"id":5})"}) {
    EXPECT_FALSE(ParseRepositoryId(json).has_value()) << json;
  }
}

TEST(ParseLock, ReadsCatLock) {
  const auto lock = ParseLock(
      R"({"time":"2026-11-23T06:03:08.663604343Z","exclusive":true,"hostname":"vm","username":"root","pid":24909})");
  ASSERT_TRUE(lock.has_value());
  const LockInfo expected{targets::ParseRfc3339("2026-11-23T06:03:08Z").value(), true, "vm", "root",
                          24909};
  EXPECT_EQ(*lock, expected);
  EXPECT_FALSE(ParseLock(R"({"exclusive":true})").has_value());
  EXPECT_FALSE(ParseLock("repository opened").has_value());
}

TEST(ParseIdLines, ReadsOneIdALine) {
  const std::vector<std::string> expected = {kId, std::string(64, '0')};
  EXPECT_EQ(ParseIdLines(kId + "\n" + std::string(64, '0') + "\n"), expected);
  EXPECT_TRUE(ParseIdLines("").value().empty());
  EXPECT_FALSE(ParseIdLines("repository 1234 opened\n").has_value());
  EXPECT_FALSE(ParseIdLines(std::string(63, 'a')).has_value());
  EXPECT_FALSE(ParseIdLines(std::string(64, 'g')).has_value());
}

}  // namespace
}  // namespace runner
