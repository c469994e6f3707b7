#include "runner/jobs/stage_run.h"

#include <fmt/format.h>

#include "targets/base/text.h"

namespace runner {

targets::Status StageRun::Begin() {
  began_ = true;
  const auto written = tools_.markers.Write(
      key_, Marker{MarkerStatus::kRunning,
                   tools_.clock.Now(),
                   fmt::format("{} is running", targets::StageName(key_.stage)),
                   {}});
  if (!written) return targets::Fail(written.error());
  return {};
}

JobReport StageRun::End(JobOutcome outcome, Failure said) {
  JobReport report;
  report.target = key_.target;
  report.stage = key_.stage;
  report.outcome = outcome;
  report.cause = said.cause;
  report.reason = targets::OneLine(said.reason);
  report.hint = std::move(said.hint);
  if (const auto written = WriteMarker(report); !written) {
    report.outcome = JobOutcome::kFailed;
    report.cause = Cause::kDiskFull;
    report.reason = targets::OneLine("the marker could not be written: " + written.error().message);
    report.hint = written.error().hint;
    // A success that a power cut may undo must not stand there as one.
    static_cast<void>(WriteMarker(report));
  }
  Tell(report);
  return report;
}

targets::Status StageRun::WriteMarker(const JobReport& report) const {
  if (!began_) return {};
  Marker marker{MarkerStatusOf(report.outcome), tools_.clock.Now(), report.reason, {}};
  if (report.cause != Cause::kNone) marker.details[marker_key::kCause] = CauseName(report.cause);
  if (!report.hint.empty()) marker.details[marker_key::kHint] = report.hint;
  if (report.outcome == JobOutcome::kSuccess)
    return tools_.markers.WriteSuccess(key_, *marker.time, marker);
  return tools_.markers.Write(key_, marker);
}

void StageRun::Tell(const JobReport& report) const {
  const bool success = report.outcome == JobOutcome::kSuccess;
  const Severity severity = success                                  ? Severity::kInfo
                            : report.outcome == JobOutcome::kSkipped ? Severity::kWarning
                                                                     : Severity::kError;
  const auto say = [&](std::string message) {
    tools_.observer.OnEvent({severity, key_.target.empty() ? "repository" : key_.target.str(),
                             std::string(targets::StageName(key_.stage)), std::move(message)});
  };
  say(fmt::format("{}: {}", success ? "done" : JobOutcomeName(report.outcome), report.reason));
  if (!report.hint.empty()) say("hint: " + report.hint);
}

}  // namespace runner
