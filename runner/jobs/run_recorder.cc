#include "runner/jobs/run_recorder.h"

#include <utility>

namespace runner {
namespace {

RunFigures FiguresOf(const JobReport& report, const RunOutput& output) {
  RunFigures figures;
  const BackupSummary& summary = report.summary;
  if (!summary.snapshot_id.empty()) {
    figures.files_new = summary.files_new;
    figures.files_changed = summary.files_changed;
    figures.files_unmodified = summary.files_unmodified;
    figures.files_total = summary.total_files;
    figures.bytes_total = summary.total_bytes;
    figures.bytes_added = summary.data_added;
  }
  if (output.programs > 0) {
    figures.cpu = output.cpu;
    figures.peak_memory = output.peak_memory;
    figures.processes = static_cast<std::uint64_t>(output.programs);
  }
  return figures;
}

}  // namespace

void RunRecorder::Expect(const MarkerKey& key, targets::UnixTime due, std::string because) {
  const std::lock_guard lock(mutex_);
  expected_[{key.target, key.stage}] = {due, std::move(because)};
}

void RunRecorder::Record(const JobReport& report, const RunNotes& notes) {
  RunRecord run;
  run.target = report.target;
  run.stage = report.stage;
  run.started = notes.started;
  run.ended = clock_.Now();
  run.took = clock_.Monotonic() - notes.began;
  run.outcome = JobOutcomeName(report.outcome);
  if (report.cause != Cause::kNone) run.cause = CauseName(report.cause);
  run.reason = report.reason;
  run.hint = report.hint;
  run.snapshot = report.snapshot;
  run.figures = FiguresOf(report, notes.output);
  run.warnings = notes.warnings;
  run.tail = notes.output.tail;
  const std::lock_guard lock(mutex_);
  if (const auto expected = expected_.extract({run.target, run.stage})) {
    const auto& [due, because] = expected.mapped();
    run.due = due;
    if (!because.empty()) run.tail.push_back(because);
  }
  Store(run);
  TrimOnceADay();
}

void RunRecorder::RecordInterrupted(const MarkerKey& key, const std::optional<Marker>& left) {
  if (!left || left->status != MarkerStatus::kRunning) return;
  RunRecord run;
  run.target = key.target;
  run.stage = key.stage;
  run.started = left->time.value_or(clock_.Now());
  run.outcome = JobOutcomeName(JobOutcome::kInterrupted);
  run.cause = CauseName(Cause::kInterrupted);
  run.reason = "the runner ended before this run did";
  const std::lock_guard lock(mutex_);
  Store(run);
}

void RunRecorder::Store(const RunRecord& run) {
  if (failed_ && clock_.Monotonic() - *failed_ < kPause) return;
  const auto stored = store_.Append(run);
  if (!stored) return Complain(stored.error());
  failed_.reset();
  if (!stored->warning.empty())
    observer_.OnEvent({Severity::kWarning, "history", "", stored->warning});
}

void RunRecorder::TrimOnceADay() {
  const MonotonicTime now = clock_.Monotonic();
  if (failed_ || (trimmed_ && now - *trimmed_ < kTrimEvery)) return;
  trimmed_ = now;
  if (const auto trimmed = store_.Trim(clock_.Now() - keep_); !trimmed) Complain(trimmed.error());
}

void RunRecorder::Complain(const targets::Error& error) {
  const bool complained = failed_.has_value();
  failed_ = clock_.Monotonic();
  if (complained) return;
  std::string message = "runs are not recorded: " + error.message;
  if (!error.hint.empty()) message += "; " + error.hint;
  observer_.OnEvent({Severity::kWarning, "history", "", std::move(message)});
}

}  // namespace runner
