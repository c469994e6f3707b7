#pragma once

#include <string>

#include "runner/health/report.h"
#include "targets/base/time.h"

namespace runner {

/// One line per target, then those of the others that have something to say, the aggregate last:
/// `2026-11-23 03:25:36 - photos: HEALTHY: last backup 2h ago`
/// `2026-11-23 03:25:36 - UNHEALTHY: database: Backup failed 2h ago - Reason: wrong password`
/// With a single target the aggregate does not repeat its name. `utc_offset`: of the zone in which
/// people read it.
std::string RenderHealthText(const HealthReport& report, targets::Duration utc_offset);

/// The document of schemas/health.schema.json, on one line.
std::string RenderHealthJson(const HealthReport& report);

/// The aggregate without time and verdict, e.g. "database: Backup failed 2h ago - Reason: wrong
/// password (and 1 more)".
std::string HealthSummary(const HealthReport& report);

}  // namespace runner
