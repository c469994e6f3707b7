#include "runner/daemon/workshop.h"

#include <algorithm>

namespace runner {
namespace {

constexpr targets::Duration kDay{24 * 3600};
constexpr targets::Duration kAfterReset{5 * 60};

/// Another run would find the same: a person has to answer.
bool IsQuarantined(const JobReport& report) { return report.cause == Cause::kQuarantined; }

bool NeedsAnotherTry(const JobReport& report) {
  if (IsQuarantined(report)) return false;
  return report.outcome == JobOutcome::kFailed || report.outcome == JobOutcome::kBlocked ||
         report.outcome == JobOutcome::kInterrupted;
}

}  // namespace

JobEnd EndOf(const std::vector<JobReport>& reports) {
  if (std::ranges::any_of(reports, NeedsAnotherTry)) return JobEnd::kFailure;
  const bool skipped = std::ranges::all_of(reports, [](const JobReport& report) {
    return report.outcome == JobOutcome::kSkipped || IsQuarantined(report);
  });
  return skipped ? JobEnd::kSkipped : JobEnd::kSuccess;
}

/// Backblaze resets its caps at midnight GMT.
std::optional<targets::UnixTime> RetryNotBefore(const std::vector<JobReport>& reports,
                                                targets::UnixTime now) {
  const bool capped = std::ranges::any_of(
      reports, [](const JobReport& report) { return report.cause == Cause::kCapExceeded; });
  if (!capped) return std::nullopt;
  return std::chrono::floor<std::chrono::days>(now) + kDay + kAfterReset;
}

}  // namespace runner
