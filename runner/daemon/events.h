#pragma once

#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include "runner/schedule/scheduler.h"

namespace runner {

/// A run is over.
struct JobEnded {
  JobKey key;
  JobEnd end = JobEnd::kFailure;
  std::optional<targets::UnixTime> retry_not_before = {};

  bool operator==(const JobEnded&) const = default;
};
/// restic has made the snapshot of a backup, which a listing has yet to prove.
struct BackupRan {
  JobKey key;
};
/// A listing was taken, and these backups were proven or refuted by it.
struct ProofsEnded {
  std::vector<JobEnded> backups;
};
/// The time that was asked for has come, or the clock was set.
struct TimerFired {
  bool clock_was_set = false;
};
/// SIGTERM or SIGINT; each further one hurries.
struct StopSignalled {};
/// SIGHUP.
struct ReloadSignalled {};
/// A person asks for a job now.
struct JobAsked {
  JobKey key;
};
/// A person asks for something that is no job: it is done beside the jobs. It does not throw.
struct ErrandAsked {
  std::function<void()> work;
};

using DaemonEvent = std::variant<JobEnded, BackupRan, ProofsEnded, TimerFired, StopSignalled,
                                 ReloadSignalled, JobAsked, ErrandAsked>;

}  // namespace runner
