#pragma once

#include <string>

#include "runner/base/observer.h"
#include "targets/base/redactor.h"
#include "targets/model/config.h"

namespace runner {

/// One event as one line, without its end. Text and file names that a child printed may hold
/// anything; the line holds no secret and no control character. A long message is cut.
///   text: `2026-11-23 03:25:36 - photos: backup: warning: 2 files could not be read`, in UTC
///   JSON: an object with the strings "time" (RFC 3339, UTC), "level" (debug, info, warning,
///         error), "subject", "stage" and "message"
std::string LogLine(targets::LogFormat format, const Event& event, targets::UnixTime time,
                    const targets::Redactor& redactor);

}  // namespace runner
