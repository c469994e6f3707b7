#pragma once

#include <string>

#include "runner/status/report.h"
#include "targets/schedule/zone.h"

namespace runner {

enum class Paint { kPlain, kColor };

/// A table: one line per target and per stage of the repository, below each what is wrong with it;
/// then the daemon, the state folder's problems, and the verdict last. Times in `zone`.
std::string RenderStatusText(const StatusReport& report, const targets::Zone& zone, Paint paint);

/// The document of schemas/status.schema.json, on one line.
std::string RenderStatusJson(const StatusReport& report);

}  // namespace runner
