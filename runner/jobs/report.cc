#include "runner/jobs/report.h"

namespace runner {

std::string_view JobOutcomeName(JobOutcome outcome) {
  switch (outcome) {
    case JobOutcome::kSuccess:
      return "success";
    case JobOutcome::kIncomplete:
      return "incomplete";
    case JobOutcome::kFailed:
      return "failed";
    case JobOutcome::kBlocked:
      return "blocked";
    case JobOutcome::kSkipped:
      return "skipped";
    case JobOutcome::kInterrupted:
      return "interrupted";
  }
  return "failed";
}

MarkerStatus MarkerStatusOf(JobOutcome outcome) {
  switch (outcome) {
    case JobOutcome::kSuccess:
      return MarkerStatus::kSuccess;
    case JobOutcome::kIncomplete:
    case JobOutcome::kSkipped:
      return MarkerStatus::kWarning;
    case JobOutcome::kBlocked:
      return MarkerStatus::kBlocked;
    case JobOutcome::kFailed:
    case JobOutcome::kInterrupted:
      break;
  }
  return MarkerStatus::kFailed;
}

JobOutcome OutcomeOf(const Failure& failure, const StopHandle& stop) {
  if (stop.Stopped() && failure.cause == Cause::kInterrupted) return JobOutcome::kInterrupted;
  const bool blocked = failure.cause == Cause::kLocked || failure.cause == Cause::kCapExceeded ||
                       failure.cause == Cause::kSourceInTheWay;
  return blocked ? JobOutcome::kBlocked : JobOutcome::kFailed;
}

}  // namespace runner
