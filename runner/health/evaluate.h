#pragma once

#include "runner/health/input.h"
#include "runner/health/report.h"

namespace runner {

/// The verdict. Pure: same input, same answer.
///
/// Unhealthy is, and nothing else:
///   a source that is missing or unreadable; a marker FAILED or BLOCKED, whatever its age; a marker
///   or facts that cannot be read or understood; RUNNING whose owner is dead ("interrupted") or
///   which stopped to progress; a WARNING after too many incomplete backups in a row; no backup for
///   longer than the period plus FreshnessGrace(), or none at all so long after the first due time;
///   a last success in the future; a daemon that is missing although it is required or did not stop
///   by itself, or which overslept its wake-up by more than kWakeupMargin.
/// While a run lives and progresses, a late backup and the failure before it are warnings: a
/// restart of the container would only interrupt the cure.
HealthReport Evaluate(const HealthInput& input);

/// A quarter of the period, at least an hour, at most a day.
targets::Duration FreshnessGrace(targets::Duration period);

inline constexpr targets::Duration kWakeupMargin{120};
inline constexpr targets::Duration kOldSuccess{48 * 3600};  // a warning, whatever the schedule
inline constexpr targets::Duration kFutureMargin{24 *
                                                 3600};  // clocks may have been wrong by a zone
inline constexpr int kDiskInfoPercent = 85;
inline constexpr int kDiskWarningPercent = 95;

}  // namespace runner
