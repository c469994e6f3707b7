#include "tests/runner/jobs/backup_job_fixture.h"

namespace runner {
namespace {

using std::chrono::seconds;

class SkippedBackup : public BackupJobTest {
 protected:
  SkippedBackup() {
    photos_.hooks.before = {{"hook", "before"}};
    photos_.hooks.on_failure = {{"hook", "on_failure"}};
    processes_.When(testing::HasWords({"hook", "before"}), Script().Exits(75));
  }
  void Was(MarkerStatus status, const std::string& reason) {
    ASSERT_TRUE(markers_.Write(KeyOf("photos"), {status, clock_.Now() - seconds(99), reason, {}}));
  }
};

TEST_F(SkippedBackup, LeavesTheMarkerThatWasThere) {
  for (const MarkerStatus status : {MarkerStatus::kSuccess, MarkerStatus::kFailed,
                                    MarkerStatus::kBlocked, MarkerStatus::kWarning}) {
    Was(status, "as before");
    const auto before = markers_.Read(KeyOf("photos")).value();
    EXPECT_EQ(Backup().outcome, JobOutcome::kSkipped);
    EXPECT_EQ(markers_.Read(KeyOf("photos")).value(), before);
  }
  EXPECT_EQ(Launched("hook").size(), 4U);  // no on_failure
}

TEST_F(SkippedBackup, LeavesNoMarkerIfThereWasNone) {
  EXPECT_EQ(Backup().outcome, JobOutcome::kSkipped);
  EXPECT_EQ(MarkerOf("photos"), "(none)");
}

TEST_F(SkippedBackup, DoesNotHideThatTheRunBeforeWasInterrupted) {
  Was(MarkerStatus::kRunning, "backup is running");
  EXPECT_EQ(Backup().outcome, JobOutcome::kSkipped);
  EXPECT_TRUE(MarkerOf("photos").starts_with("FAILED ")) << MarkerOf("photos");
}

TEST_F(SkippedBackup, KeepsAFailureThatAPersonWroteByHand) {
  const std::string file = "/state/targets/photos/backup_status";
  files_.AddFile(file, "FAILED\n");
  EXPECT_EQ(Backup().outcome, JobOutcome::kSkipped);
  EXPECT_TRUE(MarkerOf("photos").starts_with("FAILED "));
  files_.AddFile(file, "what is this?\n");
  EXPECT_EQ(Backup().outcome, JobOutcome::kSkipped);
  EXPECT_TRUE(MarkerOf("photos").starts_with("FAILED ")) << MarkerOf("photos");
}

TEST_F(SkippedBackup, DoesNotHideTheFailureThatAnInterruptedRunTriedToHeal) {
  Was(MarkerStatus::kFailed, "no disk");
  Was(MarkerStatus::kRunning, "backup is running");
  EXPECT_EQ(Backup().outcome, JobOutcome::kSkipped);
  EXPECT_EQ(MarkerOf("photos"), "FAILED no disk");
}

TEST_F(BackupJobTest, IsBlockedWhileAnotherRunOfTheTargetIsAtWork) {
  const auto other = state_.TryLockTarget(photos_.id).value();
  ASSERT_TRUE(markers_.Write(KeyOf("photos"), {MarkerStatus::kRunning, clock_.Now(), "mine", {}}));
  EXPECT_EQ(Backup().outcome, JobOutcome::kBlocked);
  EXPECT_EQ(MarkerOf("photos"), "RUNNING mine");
  EXPECT_TRUE(processes_.Launched().empty());
}

TEST_F(BackupJobTest, RefusesWithAMarker) {
  BackupJob job(tools_, photos_);
  const JobReport report =
      job.Refuse(JobOutcome::kBlocked, {Cause::kNetwork, "no route", "plug it in", std::nullopt});
  EXPECT_EQ(report.outcome, JobOutcome::kBlocked);
  EXPECT_EQ(MarkerOf("photos"), "BLOCKED no route");
}

TEST_F(BackupJobTest, StartsNothingWithoutADurableRunningMarker) {
  Backup();
  const std::size_t launched = processes_.Launched().size();
  files_.SetFull(true);
  const JobReport report = Backup();
  EXPECT_EQ(report.outcome, JobOutcome::kFailed);
  EXPECT_EQ(report.cause, Cause::kDiskFull);
  EXPECT_EQ(processes_.Launched().size(), launched);
}

TEST_F(BackupJobTest, NeverSucceedsIfTheDiskFillsUpMeanwhile) {
  BackupJob job(tools_, photos_);
  job.Run(stop_);
  files_.SetFull(true);
  EXPECT_EQ(Conclude(job).outcome, JobOutcome::kFailed);
  EXPECT_EQ(MarkerOf("photos"), "RUNNING backup is running");
  EXPECT_FALSE(EverSucceeded("photos"));
}

TEST_F(BackupJobTest, NeverSucceedsHalfwayWhateverStepFails) {
  Backup();  // makes the folders
  files_.FailStep(0);
  ASSERT_EQ(Backup().outcome, JobOutcome::kSuccess);
  const int steps = files_.Steps();
  ASSERT_GT(steps, 10);
  for (int step = 1; step <= steps; ++step) {
    ASSERT_TRUE(markers_.Write(KeyOf("photos"), {MarkerStatus::kFailed, clock_.Now(), "old", {}}));
    clock_.Advance(seconds(60));
    fake_.snapshots.clear();
    files_.FailStep(step);
    const JobReport report = Backup();
    files_.FailStep(0);
    const bool marked = MarkerOf("photos").starts_with("SUCCESS");
    EXPECT_EQ(marked, report.outcome == JobOutcome::kSuccess) << "step " << step;
    EXPECT_TRUE(!marked || fake_.snapshots.size() == 1) << "step " << step;
  }
}

TEST_F(BackupJobTest, LeavesNoSuccessBehindWhereverTheMachineStops) {
  Backup();  // makes the folders
  files_.StopBeforeStep(0);
  ASSERT_EQ(Backup().outcome, JobOutcome::kSuccess);
  const int steps = files_.Steps();
  for (int step = 1; step <= steps; ++step) {
    ASSERT_TRUE(markers_.Write(KeyOf("photos"), {MarkerStatus::kFailed, clock_.Now(), "old", {}}));
    clock_.Advance(seconds(60));
    files_.StopBeforeStep(step);
    EXPECT_NE(Backup().outcome, JobOutcome::kSuccess) << "step " << step;
    files_.CrashAndLoseUnsynced();
    EXPECT_FALSE(MarkerOf("photos").starts_with("SUCCESS")) << "step " << step;
  }
}

class BackupAfterRestoreCheck : public BackupJobTest {
 protected:
  const MarkerKey key_{targets::TargetId("photos"), targets::Stage::kRestore};
  void CheckWas(MarkerStatus status) {
    ASSERT_TRUE(markers_.Write(key_, {status, clock_.Now(), "source empty", {}}));
  }
  MarkerStatus Check() { return markers_.Read(key_).value().value().status; }
};

TEST_F(BackupAfterRestoreCheck, OfASourceThatHasDataAgainSettlesIt) {
  for (const MarkerStatus status : {MarkerStatus::kBlocked, MarkerStatus::kFailed}) {
    CheckWas(status);
    EXPECT_EQ(Backup().outcome, JobOutcome::kSuccess);
    EXPECT_EQ(Check(), MarkerStatus::kSuccess);
  }
}

TEST_F(BackupAfterRestoreCheck, LeavesARunningOneAlone) {
  CheckWas(MarkerStatus::kRunning);
  EXPECT_EQ(Backup().outcome, JobOutcome::kSuccess);
  EXPECT_EQ(Check(), MarkerStatus::kRunning);
}

TEST_F(BackupAfterRestoreCheck, ThatFailsSettlesNothing) {
  CheckWas(MarkerStatus::kBlocked);
  SourceIs("empty");
  EXPECT_EQ(Backup().outcome, JobOutcome::kBlocked);
  EXPECT_EQ(Check(), MarkerStatus::kBlocked);
}

TEST_F(BackupAfterRestoreCheck, WritesNoMarkerWhereThereWasNone) {
  EXPECT_EQ(Backup().outcome, JobOutcome::kSuccess);
  EXPECT_EQ(markers_.Read(key_).value(), std::nullopt);
}

}  // namespace
}  // namespace runner
