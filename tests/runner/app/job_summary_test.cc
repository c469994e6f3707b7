#include "runner/app/job_summary.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using targets::Stage;

JobReport Report(const std::string& target, Stage stage, JobOutcome outcome,
                 const std::string& reason = "") {
  JobReport report;
  report.target = targets::TargetId(target);
  report.stage = stage;
  report.outcome = outcome;
  report.reason = reason;
  return report;
}

ExitCode ExitOf(const std::vector<JobOutcome>& outcomes) {
  std::vector<JobReport> reports;
  for (const JobOutcome outcome : outcomes) reports.push_back(Report("a", Stage::kBackup, outcome));
  return ExitOfReports(reports, StopHandle());
}

TEST(JobSummary, HasALineForEachJob) {
  EXPECT_EQ(SummaryOf({Report("photos", Stage::kBackup, JobOutcome::kSuccess, "snapshot 1"),
                       Report("db", Stage::kForget, JobOutcome::kInterrupted, "stopped")}),
            "photos  backup  success      snapshot 1\n"
            "db      forget  interrupted  stopped\n");
  EXPECT_EQ(SummaryOf({Report("", Stage::kPrune, JobOutcome::kBlocked, "locked")}),
            "repository  prune   blocked      locked\n");
  EXPECT_EQ(SummaryOf({}), "");
}

TEST(JobSummary, LetsTheWorstDecideTheExitCode) {
  using enum JobOutcome;
  EXPECT_EQ(ExitOf({}), ExitCode::kDone);
  EXPECT_EQ(ExitOf({kSuccess, kSkipped}), ExitCode::kDone);
  EXPECT_EQ(ExitOf({kSuccess, kIncomplete}), ExitCode::kIncomplete);
  EXPECT_EQ(ExitOf({kIncomplete, kBlocked}), ExitCode::kBlocked);
  EXPECT_EQ(ExitOf({kBlocked, kFailed}), ExitCode::kFailed);
  EXPECT_EQ(ExitOf({kInterrupted}), ExitCode::kFailed);
  StopHandle stopped;
  stopped.Stop();
  EXPECT_EQ(ExitOfReports({Report("a", Stage::kBackup, kFailed)}, stopped), ExitCode::kInterrupted);
}

}  // namespace
}  // namespace runner
