#include "runner/jobs/stage_run.h"

#include <fmt/format.h>

#include "targets/base/text.h"

namespace runner {

targets::Status StageRun::Begin() {
  if (const auto left = tools_.markers.Read(key_)) tools_.recorder.RecordInterrupted(key_, *left);
  began_ = true;
  started_ = tools_.clock.Now();
  const auto written = tools_.markers.Write(
      key_, Marker{MarkerStatus::kRunning,
                   started_,
                   fmt::format("{} is running", targets::StageName(key_.stage)),
                   {}});
  if (!written) return targets::Fail(written.error());
  return {};
}

void StageRun::Say(Severity severity, std::string message) {
  if (severity >= Severity::kWarning) notes_.warnings.push_back(message);
  TellObserver(severity, std::move(message));
}

void StageRun::NoteOutput() {
  if (output_noted_) return;
  notes_.output = tools_.errors.Heard();
  output_noted_ = true;
}

void StageRun::TellObserver(Severity severity, std::string message) const {
  tools_.observer.OnEvent({severity, key_.target.empty() ? "repository" : key_.target.str(),
                           std::string(targets::StageName(key_.stage)), std::move(message)});
}

void StageRun::NoteProgress(const BackupStatus& status) {
  constexpr std::chrono::minutes kMarkerInterval{1};
  const std::string stage(targets::StageName(key_.stage));
  if (teller_ == nullptr)
    teller_ = std::make_unique<ProgressTeller>(tools_.observer, key_.target, key_.stage);
  teller_->Tell(status);
  const MonotonicTime now = tools_.clock.Monotonic();
  const bool moved = status.bytes_done != progress_bytes_;
  if (!moved || (progress_written_ && now - *progress_written_ < kMarkerInterval)) return;
  progress_bytes_ = status.bytes_done;
  progress_written_ = now;
  Marker marker{MarkerStatus::kRunning, started_, stage + " is running", {}};
  marker.details[marker_key::kProgress] =
      std::to_string(targets::ToUnixSeconds(tools_.clock.Now()));
  // A full disk will show itself when the end is written; the run goes on meanwhile.
  static_cast<void>(tools_.markers.Write(key_, std::move(marker)));
}

JobReport StageRun::End(JobOutcome outcome, Failure said) {
  teller_.reset();
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
  NoteOutput();
  if (recorded_) tools_.recorder.Record(report, notes_);
  Tell(report);
  return report;
}

targets::Status StageRun::WriteMarker(const JobReport& report) const {
  if (!began_) return {};
  Marker marker{MarkerStatusOf(report.outcome), tools_.clock.Now(), report.reason, {}};
  if (report.cause != Cause::kNone) marker.details[marker_key::kCause] = CauseName(report.cause);
  if (!report.hint.empty()) marker.details[marker_key::kHint] = report.hint;
  if (report.outcome == JobOutcome::kSuccess) {
    const auto written = tools_.markers.WriteSuccess(key_, *marker.time, marker);
    if (!written || report.cause == Cause::kNone) return written;
    marker.status = MarkerStatus::kWarning;
  }
  return tools_.markers.Write(key_, marker);
}

void StageRun::Tell(const JobReport& report) const {
  const bool success = report.outcome == JobOutcome::kSuccess;
  const bool warns =
      success ? report.cause != Cause::kNone : report.outcome == JobOutcome::kSkipped;
  const Severity severity = warns     ? Severity::kWarning
                            : success ? Severity::kInfo
                                      : Severity::kError;
  TellObserver(severity, fmt::format("{}: {}", success ? "done" : JobOutcomeName(report.outcome),
                                     report.reason));
  if (!report.hint.empty()) TellObserver(severity, "hint: " + report.hint);
}

}  // namespace runner
