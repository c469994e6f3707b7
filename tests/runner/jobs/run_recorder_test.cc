#include "runner/jobs/run_recorder.h"

#include <gtest/gtest.h>

#include "tests/runner/jobs/job_fixture.h"

namespace runner {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using targets::Stage;
using targets::TargetId;

class RunRecorderTest : public ::testing::Test {
 protected:
  static JobReport Report(const std::string& target, Stage stage = Stage::kBackup) {
    JobReport report;
    report.target = TargetId(target);
    report.stage = stage;
    report.outcome = JobOutcome::kSuccess;
    report.reason = "done";
    return report;
  }
  void Record(const JobReport& report) { recorder_.Record(report, RunNotes(clock_)); }

  testing::FakeClock clock_;
  testing::MemoryHistory history_;
  EventList events_;
  RunRecorder recorder_{history_, clock_, events_, hours(48)};
};

using Lines = std::vector<std::string>;

TEST_F(RunRecorderTest, RecordsWhatTheReportAndTheNotesSay) {
  RunNotes notes(clock_);
  const targets::UnixTime started = clock_.Now();
  clock_.Advance(milliseconds(2500));
  notes.warnings = {"careful"};
  notes.output = {1, {"restic backup: exit code 3"}, milliseconds(70), 1000};
  JobReport report = Report("photos");
  report.outcome = JobOutcome::kIncomplete;
  report.cause = Cause::kIncomplete;
  report.hint = "look";
  report.snapshot = targets::SnapshotId("abcd");
  report.summary = {.files_new = 1,
                    .files_changed = 2,
                    .files_unmodified = 3,
                    .data_added = 400,
                    .total_files = 6,
                    .total_bytes = 5000,
                    .snapshot_id = "abcd"};
  recorder_.Record(report, notes);

  RunRecord expected;
  expected.id = 1;
  expected.target = TargetId("photos");
  expected.started = started;
  expected.ended = started + targets::Duration{2};
  expected.took = milliseconds(2500);
  expected.outcome = "incomplete";
  expected.cause = "incomplete";
  expected.reason = "done";
  expected.hint = "look";
  expected.snapshot = targets::SnapshotId("abcd");
  expected.figures = {1, 2, 3, 6, 5000, 400, milliseconds(70), 1000, 1};
  expected.warnings = {"careful"};
  expected.tail = {"restic backup: exit code 3"};
  ASSERT_EQ(history_.runs().size(), 1U);
  EXPECT_EQ(history_.runs().front(), expected);
}

TEST_F(RunRecorderTest, CountsNothingWhereNothingIsKnown) {
  Record(Report("photos", Stage::kForget));
  EXPECT_EQ(history_.runs().front().figures, RunFigures{});
  EXPECT_EQ(history_.runs().front().cause, "");
  EXPECT_EQ(history_.runs().front().due, std::nullopt);
}

TEST_F(RunRecorderTest, TellsTheDueTimeOfTheNextRunOfThatStageOnly) {
  const targets::UnixTime due = clock_.Now() - hours(1);
  recorder_.Expect({TargetId("photos"), Stage::kBackup}, due);
  Record(Report("photos", Stage::kForget));
  Record(Report("mail"));
  Record(Report("photos"));
  Record(Report("photos"));
  std::vector<std::optional<targets::UnixTime>> dues;
  for (const RunRecord& run : history_.runs()) dues.push_back(run.due);
  EXPECT_EQ(dues, (std::vector<std::optional<targets::UnixTime>>{std::nullopt, std::nullopt, due,
                                                                 std::nullopt}));
}

TEST_F(RunRecorderTest, TellsWhyARunBeganThatWasNotDue) {
  recorder_.Expect({TargetId("photos"), Stage::kBackup}, clock_.Now(), "somebody asked for it");
  Record(Report("photos"));
  Record(Report("photos"));
  ASSERT_FALSE(history_.runs().front().tail.empty());
  EXPECT_EQ(history_.runs().front().tail.back(), "somebody asked for it");
  EXPECT_EQ(history_.runs().back().tail, std::vector<std::string>{});
}

TEST_F(RunRecorderTest, KnowsTheRunThatWasCutOffByItsMarker) {
  const MarkerKey key{TargetId("photos"), Stage::kBackup};
  recorder_.RecordInterrupted(key, std::nullopt);
  recorder_.RecordInterrupted(key, Marker{MarkerStatus::kFailed, clock_.Now(), "no", {}});
  EXPECT_TRUE(history_.runs().empty());
  const targets::UnixTime began = clock_.Now() - hours(3);
  recorder_.RecordInterrupted(key, Marker{MarkerStatus::kRunning, began, "backup is running", {}});
  ASSERT_EQ(history_.runs().size(), 1U);
  const RunRecord run = history_.runs().front();
  EXPECT_EQ(run.started, began);
  EXPECT_EQ(run.ended, std::nullopt);
  EXPECT_EQ(run.took, std::nullopt);
  EXPECT_EQ(run.outcome, "interrupted");
}

TEST_F(RunRecorderTest, ComplainsOnceUntilItWorksAgain) {
  history_.FailWith("the disk is full");
  Record(Report("a"));
  clock_.Advance(RunRecorder::kPause);
  Record(Report("a"));
  EXPECT_EQ(events_.lines(), Lines{"history: runs are not recorded: the disk is full"});
  history_.FailWith("");
  clock_.Advance(RunRecorder::kPause);
  Record(Report("a"));
  EXPECT_EQ(events_.lines().size(), 1U);
  history_.FailWith("the disk is full");
  Record(Report("a"));
  EXPECT_EQ(events_.lines().size(), 2U);
}

TEST_F(RunRecorderTest, HoldsUpNobodyAfterAFailure) {
  history_.FailWith("the file is locked");
  Record(Report("first"));
  history_.FailWith("");
  clock_.Advance(RunRecorder::kPause - milliseconds(1));
  Record(Report("second"));
  EXPECT_TRUE(history_.runs().empty());
  clock_.Advance(milliseconds(1));
  Record(Report("third"));
  EXPECT_EQ(history_.runs().size(), 1U);
}

TEST_F(RunRecorderTest, PassesOnTheWarningOfTheStore) {
  history_.WarnOnce("the history was damaged");
  Record(Report("a"));
  Record(Report("a"));
  EXPECT_EQ(events_.lines(), Lines{"history: the history was damaged"});
}

TEST_F(RunRecorderTest, RemovesOldRunsOnceADay) {
  Record(Report("first"));
  clock_.Advance(hours(49));
  Record(Report("second"));
  EXPECT_EQ(history_.runs().size(), 1U) << "the first is older than 48 hours";
  clock_.Advance(hours(23));
  Record(Report("third"));
  clock_.Advance(hours(26));
  Record(Report("fourth"));
  std::vector<std::string> targets;
  for (const RunRecord& run : history_.runs()) targets.push_back(run.target.str());
  EXPECT_EQ(targets, (Lines{"third", "fourth"}));
}

}  // namespace
}  // namespace runner
