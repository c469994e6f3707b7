#pragma once

#include <vector>

#include "runner/base/file_system.h"
#include "runner/health/report.h"
#include "targets/base/redactor.h"
#include "targets/model/config.h"

namespace runner {

/// What does not get through, for `status` and `healthcheck`: warnings with the codes
/// "notify_failing", "notify_lost" and "notify_unreadable". A loss is shown for a week. Writes
/// nothing; text passes `redactor`.
std::vector<Finding> NotifyFindings(const targets::Config& config, FileSystem& files,
                                    const targets::Redactor& redactor, targets::UnixTime now);

}  // namespace runner
