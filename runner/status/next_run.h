#pragma once

#include <optional>

#include "runner/schedule/job.h"
#include "targets/base/time.h"

namespace runner {

/// Why, or whether, a job runs next.
enum class NextKind {
  kNever,      // only by hand, or its schedule has no further date
  kAfterRun,   // it runs now
  kRetry,      // a failed run is tried again inside its slot
  kOverdue,    // its time has passed, and a daemon has not begun it yet
  kScheduled,  // the next occurrence of its schedule
};

/// "never", "after_run", "retry", "overdue", "scheduled".
std::string_view NextKindName(NextKind kind);

struct NextRun {
  NextKind kind = NextKind::kNever;
  std::optional<targets::UnixTime> at = {};  // of kOverdue: since when; none for the first two
  int retry = 0;                             // of kRetry: which one of kRetriesInSlot

  bool operator==(const NextRun&) const = default;
};

/// As the scheduler has it: after 1, 5, 15 and 60 minutes.
inline constexpr int kRetriesInSlot = 4;

enum class Daemon { kRuns, kDoesNotRun };
enum class Work { kAtWork, kIdle };

/// What the scheduler would do with the job, seen from outside. Pure.
/// Without a daemon nothing is overdue: whoever starts the runs (cron, a person) decides when.
NextRun FindNextRun(const JobSpec& job, const JobRecord& record, targets::UnixTime now,
                    Daemon daemon, Work work);

/// The first occurrence before `now` that no run has settled; nullopt: none was missed, or
/// `catch_up: skip` gives it up.
std::optional<targets::UnixTime> MissedSince(const JobSpec& job, const JobRecord& record,
                                             targets::UnixTime now);

}  // namespace runner
