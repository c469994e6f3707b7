#include "runner/app/job_summary.h"

#include <fmt/format.h>

#include <algorithm>

namespace runner {
namespace {

std::string SubjectOf(const JobReport& report) {
  return report.target.empty() ? "repository" : report.target.str();
}

}  // namespace

std::string SummaryOf(const std::vector<JobReport>& reports) {
  std::string out;
  std::size_t width = 0;
  for (const JobReport& report : reports) width = std::max(width, SubjectOf(report).size());
  for (const JobReport& report : reports) {
    out += fmt::format("{:<{}}  {:<6}  {:<11}  {}\n", SubjectOf(report), width,
                       targets::StageName(report.stage), JobOutcomeName(report.outcome),
                       report.reason);
  }
  return out;
}

ExitCode ExitOfReports(const std::vector<JobReport>& reports, const StopHandle& stop) {
  const auto any = [&](JobOutcome outcome) {
    return std::any_of(reports.begin(), reports.end(),
                       [&](const JobReport& r) { return r.outcome == outcome; });
  };
  if (stop.Stopped()) return ExitCode::kInterrupted;
  if (any(JobOutcome::kFailed) || any(JobOutcome::kInterrupted)) return ExitCode::kFailed;
  if (any(JobOutcome::kBlocked)) return ExitCode::kBlocked;
  return any(JobOutcome::kIncomplete) ? ExitCode::kIncomplete : ExitCode::kDone;
}

}  // namespace runner
