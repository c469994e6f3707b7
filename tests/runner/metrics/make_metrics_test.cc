#include "runner/metrics/make_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/metrics/tell_metrics.h"
#include "tests/runner/status/status_world.h"
#include "tests/support/memory_history.h"

namespace runner {
namespace {

using namespace status_world;  // NOLINT(google-build-using-namespace): its words are the tests'
                               // words
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class MakeMetricsTest : public ::testing::Test {
 protected:
  std::string Text() {
    const StatusInput status = world_.Collect();
    const auto told = TellMetrics(status, MakeStatus(status), history_, "1.2.3");
    EXPECT_FALSE(told.history_error);
    return told.text;
  }
  void Remember(const RunRecord& run) { EXPECT_TRUE(history_.Append(run)); }
  static RunRecord Backup() {
    RunRecord run;
    run.id = 7;
    run.target = kPhotos;
    run.started = kNow - kHour;
    run.ended = kNow - kHour + targets::Duration{90};
    run.took = std::chrono::milliseconds{90'250};
    run.outcome = "success";
    run.snapshot = targets::SnapshotId("abcd");
    run.figures.files_new = 3;
    run.figures.files_changed = 1;
    run.figures.files_unmodified = 96;
    run.figures.bytes_total = 5'000'000'000;
    run.figures.bytes_added = 1234;
    run.figures.cpu = std::chrono::milliseconds{2'500};
    run.figures.peak_memory = 55'000'000;
    run.figures.processes = 4;
    run.warnings = {"/data/photos/x: permission denied, password=hunter2"};
    run.tail = {"a line of restic"};
    return run;
  }

  StatusWorld world_;
  testing::MemoryHistory history_;
};

TEST_F(MakeMetricsTest, TellTheVerdictAndTheTimes) {
  world_.StartDaemon(kNow + kHour);
  world_.SetFacts({.snapshots_seen = 12});
  EXPECT_THAT(
      Text(),
      AllOf(HasSubstr("runner_build_info{version=\"1.2.3\"} 1\n"), HasSubstr("runner_healthy 1\n"),
            HasSubstr("runner_daemon_running 1\n"),
            HasSubstr("runner_daemon_next_wakeup_timestamp_seconds 1800003600\n"),
            HasSubstr("runner_target_healthy{target=\"photos\"} 1\n"),
            HasSubstr("runner_target_state{target=\"photos\",state=\"ok\"} 1\n"),
            HasSubstr("runner_target_snapshots_made{target=\"photos\"} 12\n"),
            HasSubstr("runner_last_success_timestamp_seconds{target=\"photos\",stage=\"backup\"} "),
            HasSubstr("runner_next_due_timestamp_seconds{target=\"photos\",stage=\"backup\"} "),
            HasSubstr("runner_running{target=\"photos\",stage=\"backup\"} 0\n")));
}

TEST_F(MakeMetricsTest, TurnRedWithTheTarget) {
  EXPECT_TRUE(world_.markers_.Write(kBackup, {MarkerStatus::kFailed, kNow - kHour, "no", {}}));
  world_.Remember(kPhotos, Stage::kBackup, Failed(kDue, kNow + kHour, 3));
  EXPECT_THAT(Text(),
              AllOf(HasSubstr("runner_healthy 0\n"),
                    HasSubstr("runner_target_healthy{target=\"photos\"} 0\n"),
                    HasSubstr("runner_target_healthy{target=\"database\"} 1\n"),
                    HasSubstr("runner_target_state{target=\"photos\",state=\"failed\"} 1\n"),
                    HasSubstr("runner_retries{target=\"photos\",stage=\"backup\"} 3\n")));
}

TEST_F(MakeMetricsTest, TellTheMarkersOfEachStage) {
  EXPECT_TRUE(world_.markers_.Write(kBackup, {MarkerStatus::kBlocked, kNow - kHour, "no", {}}));
  EXPECT_TRUE(world_.markers_.WriteSuccess({{}, Stage::kProbe}, kNow - kDay));
  EXPECT_THAT(
      Text(),
      AllOf(HasSubstr(
                "runner_stage_status{target=\"photos\",stage=\"backup\",status=\"blocked\"} 1\n"),
            HasSubstr("runner_stage_status{stage=\"probe\",status=\"success\"} 1\n"),
            HasSubstr("runner_last_success_timestamp_seconds{stage=\"probe\"} 1799913600\n")));
}

TEST_F(MakeMetricsTest, TellHowOftenATargetIsBackedUpAndWhatWaitsForAPerson) {
  const auto suspicious = [](char c) {
    const targets::SnapshotId id(std::string(64, c));
    return QuarantinedSnapshot{{id, kNow - kHour, 1, 1}, id, "far fewer files"};
  };
  world_.SetFacts({.quarantined = {suspicious('a'), suspicious('b')}, .incomplete_in_a_row = 2});
  EXPECT_THAT(Text(),
              AllOf(HasSubstr("runner_target_period_seconds{target=\"photos\"} 86400\n"),
                    HasSubstr("runner_quarantined_snapshots{target=\"photos\"} 2\n"),
                    HasSubstr("runner_incomplete_backups_in_a_row{target=\"photos\"} 2\n")));
}

TEST_F(MakeMetricsTest, TellWhatTheNewestRunCost) {
  Remember(Backup());
  EXPECT_THAT(
      Text(),
      AllOf(
          HasSubstr("runner_last_run_success{target=\"photos\",stage=\"backup\"} 1\n"),
          HasSubstr("runner_last_run_duration_seconds{target=\"photos\",stage=\"backup\"} 90.25\n"),
          HasSubstr("runner_last_run_cpu_seconds{target=\"photos\",stage=\"backup\"} 2.5\n"),
          HasSubstr("runner_last_run_processes{target=\"photos\",stage=\"backup\"} 4\n"),
          HasSubstr("runner_last_run_warnings{target=\"photos\",stage=\"backup\"} 1\n"),
          HasSubstr("runner_backup_files{target=\"photos\",kind=\"changed\"} 1\n"),
          HasSubstr("runner_backup_size_bytes{target=\"photos\"} 5000000000\n"),
          HasSubstr("runner_backup_added_bytes{target=\"photos\"} 1234\n")));
}

TEST_F(MakeMetricsTest, AFailedRunDoesNotHideWhatTheLastBackupHolds) {
  Remember(Backup());
  RunRecord run = Backup();
  run.started = kNow - targets::Duration{60};
  run.outcome = "failed";
  run.cause = "locked";
  run.snapshot = {};
  run.figures = {};
  Remember(run);
  EXPECT_THAT(
      Text(),
      AllOf(
          HasSubstr("runner_last_run_success{target=\"photos\",stage=\"backup\"} 0\n"),
          HasSubstr("runner_last_run_cause{target=\"photos\",stage=\"backup\",cause=\"locked\"} 1"),
          HasSubstr("runner_last_attempt_timestamp_seconds{target=\"photos\",stage=\"backup\"} "
                    "1799999940\n"),
          HasSubstr("runner_backup_size_bytes{target=\"photos\"} 5000000000\n"),
          Not(HasSubstr("cpu_seconds{"))));
}

TEST_F(MakeMetricsTest, TellWhatTheScheduleCostsWhereCallsAreBilled) {
  EXPECT_THAT(Text(), Not(HasSubstr("billed_calls")));
  world_.config_.repository.url = "b2:bucket:path";
  EXPECT_THAT(Text(), AllOf(HasSubstr("runner_billed_calls_per_month{class=\"b\"} "),
                            HasSubstr("runner_billed_calls_per_month{class=\"c\"} ")));
}

TEST_F(MakeMetricsTest, AreToldWithoutAHistoryToo) {
  history_.FailWith("history.sqlite: is a folder");
  const StatusInput status = world_.Collect();
  const auto told = TellMetrics(status, MakeStatus(status), history_, "1.2.3");
  ASSERT_TRUE(told.history_error);
  EXPECT_EQ(told.history_error->message, "history.sqlite: is a folder");
  EXPECT_THAT(told.text, AllOf(HasSubstr("runner_healthy 1\n"), Not(HasSubstr("last_run"))));
}

TEST_F(MakeMetricsTest, ShowNoTextOfProgramsAndNoPath) {
  RunRecord run = Backup();
  run.outcome = "failed";
  run.reason = "wrong password: hunter2";
  Remember(run);
  EXPECT_TRUE(world_.markers_.Write(kBackup, {MarkerStatus::kFailed, kNow, "hunter2", {}}));
  EXPECT_THAT(Text(),
              AllOf(Not(HasSubstr("hunter2")), Not(HasSubstr("/data")), Not(HasSubstr("restic"))));
}

}  // namespace
}  // namespace runner
