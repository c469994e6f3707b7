#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runner/jobs/backup_job.h"
#include "runner/jobs/progress_teller.h"
#include "runner/jobs/report.h"
#include "runner/state/marker_store.h"

namespace runner {

/// The frame of one run of one stage: its RUNNING marker, and at the end the last marker, the
/// report, the events and its line in the history. REQUIRES: the lock of the stage is held from
/// Begin() to End().
class StageRun {
 public:
  /// `tools` outlives it.
  StageRun(const JobTools& tools, MarkerKey key)
      : tools_(tools), key_(std::move(key)), notes_(tools.clock) {}

  /// Says durably that the stage is at work; an error: it must not begin.
  targets::Status Begin();

  /// An event of this stage; a warning or an error stands in the history too.
  void Say(Severity severity, std::string message);

  /// What the ErrorListener of this thread has heard belongs to this run. For who ends it outside
  /// of the listening; End() does the same.
  void NoteOutput();

  /// Nothing of this run will be in the history: it only shows what would be done.
  void LeaveOutOfHistory() { recorded_ = false; }

  /// Tells the observer, and once a minute the marker, so that the healthcheck can tell a long run
  /// from a stuck one. One thread.
  void NoteProgress(const BackupStatus& status);

  /// The last word: `said` has the reason of any outcome, and cause and hint of a bad one. A
  /// success with a cause is one that needs a look: its marker is a WARNING. Success is written
  /// last; if it cannot be written it was none. Without Begin() no marker is touched: it belongs to
  /// another run.
  JobReport End(JobOutcome outcome, Failure said);

 private:
  targets::Status WriteMarker(const JobReport& report) const;
  void Tell(const JobReport& report) const;
  void TellObserver(Severity severity, std::string message) const;

  const JobTools& tools_;
  MarkerKey key_;
  RunNotes notes_;
  bool output_noted_ = false;
  bool recorded_ = true;
  bool began_ = false;
  targets::UnixTime started_{};
  std::unique_ptr<ProgressTeller> teller_;
  std::uint64_t progress_bytes_ = 0;  // of the last sign of progress in the marker
  std::optional<MonotonicTime> progress_written_;
};

/// "done" as a Failure that is none, for StageRun::End.
inline Failure Saying(std::string reason) { return {Cause::kNone, std::move(reason), "", {}}; }

}  // namespace runner
