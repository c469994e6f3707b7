#pragma once

#include <optional>
#include <string>

#include "runner/status/report.h"
#include "targets/base/time.h"
#include "targets/schedule/zone.h"

namespace runner {

/// Phrases that `status` and `explain` share. Pure.

/// "A lock is there." of "a lock is there": what others wrote as one line, as a sentence.
std::string Sentence(std::string text);
/// "2h"; a time in the future is "0s" old.
std::string Age(targets::UnixTime time, targets::UnixTime now);
/// "Tue 2026-11-24 02:30 CET, in 18h55m", or "..., 2h ago".
std::string Moment(targets::UnixTime time, targets::UnixTime now, const targets::Zone& zone);
/// "backup for 5m, last progress 10s ago".
std::string DescribeRunning(const RunningStage& running, targets::UnixTime now);
/// "running since Mon 2026-11-23 02:30 CET, 5h ago (process 12), next wake-up in 30m", "not
/// running: it was stopped 2h ago".
std::string DescribeDaemon(const DaemonStatus& daemon, targets::UnixTime now,
                           const targets::Zone& zone);

}  // namespace runner
