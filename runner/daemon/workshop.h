#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "runner/jobs/report.h"
#include "runner/restic/restic.h"
#include "runner/schedule/scheduler.h"
#include "targets/base/result.h"

namespace runner {

/// Does the jobs of one configuration. Thread-safe. It has said to the observer and written to the
/// markers what there is to say; the reports are for the scheduler.
class Workshop {
 public:
  virtual ~Workshop() = default;

  /// restic's part of a backup. nullopt: a snapshot was made, and waits in here to be proven.
  virtual std::optional<JobReport> BackUp(const StartJob& job, StopHandle& stop) = 0;
  /// Proves with one listing the backups of these targets. REQUIRES: they wait.
  virtual std::vector<JobReport> Prove(const std::set<targets::TargetId>& targets) = 0;
  /// Any other job, from its start to its end.
  virtual std::vector<JobReport> Run(const StartJob& job, StopHandle& stop) = 0;
};

/// A configuration as the daemon needs it.
struct Installation {
  std::vector<JobSpec> jobs;
  int max_parallel = 1;
  targets::Duration stop_grace{60};
  std::shared_ptr<Workshop> workshop;
  /// Done by the crew at the start, and whenever the last job that was at work has ended. Empty:
  /// nothing is.
  std::function<void()> at_rest = {};
};

/// What the scheduler needs to know of reports of one job: one that has to be tried again makes the
/// whole job so.
JobEnd EndOf(const std::vector<JobReport>& reports);
/// When a daily cap is lifted again; nullopt: nothing forbids an earlier try.
std::optional<targets::UnixTime> RetryNotBefore(const std::vector<JobReport>& reports,
                                                targets::UnixTime now);

}  // namespace runner
