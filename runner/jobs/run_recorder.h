#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/observer.h"
#include "runner/history/history_store.h"
#include "runner/jobs/report.h"
#include "runner/repository/run_output.h"
#include "runner/state/marker_store.h"

namespace runner {

/// What is gathered while a run goes on, for the history. Its time counts from here.
struct RunNotes {
  explicit RunNotes(const Clock& clock) : started(clock.Now()), began(clock.Monotonic()) {}

  targets::UnixTime started;
  MonotonicTime began;
  std::vector<std::string> warnings = {};
  RunOutput output = {};
};

/// Writes the runs that ended into the history, and removes the old ones, once a day. Cannot fail:
/// what is wrong with the history is said to the observer, once until it works again, and changes
/// nothing of a job's outcome. Thread-safe. All arguments outlive it.
class RunRecorder {
 public:
  static constexpr targets::Duration kTrimEvery{24 * 3600};
  /// After a failure nothing is tried for so long: a locked or broken history may take seconds to
  /// say so, and a job may hold the gate meanwhile.
  static constexpr targets::Duration kPause{30};

  RunRecorder(HistoryStore& store, const Clock& clock, Observer& observer, targets::Duration keep)
      : store_(store), clock_(clock), observer_(observer), keep_(keep) {}

  /// The next run of that stage was due then, and began because of that: the last line of its
  /// output; empty: because it was due.
  void Expect(const MarkerKey& key, targets::UnixTime due, std::string because = {});

  /// REQUIRES: the marker says the same already.
  void Record(const JobReport& report, const RunNotes& notes);

  /// If `left` is the RUNNING marker of a run that nobody ended: that run. REQUIRES: the lock of
  /// the stage is held, so that its owner is gone.
  void RecordInterrupted(const MarkerKey& key, const std::optional<Marker>& left);

 private:
  struct Expected {
    targets::UnixTime due{};
    std::string because;
  };
  void Store(const RunRecord& run);
  void TrimOnceADay();
  void Complain(const targets::Error& error);

  HistoryStore& store_;
  const Clock& clock_;
  Observer& observer_;
  targets::Duration keep_;
  std::mutex mutex_;
  std::map<std::pair<targets::TargetId, targets::Stage>, Expected> expected_;
  std::optional<MonotonicTime> trimmed_;
  std::optional<MonotonicTime> failed_;  // the last try, if it did
};

}  // namespace runner
