#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>

#include "runner/base/clock.h"
#include "runner/process/process_runner.h"

namespace runner {

/// What one process of a group has done since it began.
struct ProcessActivity {
  targets::Bytes io = 0;            // rchar + wchar
  std::chrono::milliseconds cpu{};  // its own and of children that it waited for
  bool io_hidden = false;           // io may not be read

  bool operator==(const ProcessActivity&) const = default;
};

/// One look at a group: process id -> what it has done.
using GroupActivity = std::map<pid_t, ProcessActivity>;

/// Says when a group has done nothing worth the name for WatchPolicy::stall_timeout. Pure: time and
/// counters come in.
///
/// Output that the runner itself received does not count: restic prints a status line every second
/// while it hangs, which in ten minutes exceeds 64 KiB. CPU time counts from a tenth of a second,
/// and from 1 % of the timeout: the same hung restic needs 0.1 % for its status lines. Where I/O is
/// hidden, a tenth of a second is enough: a slow upload needs little CPU time, and a stop without
/// cause is worse than a late one.
class StallWatch {
 public:
  StallWatch(const WatchPolicy& policy, MonotonicTime start);

  /// When the next look is due; empty: no stall is watched for. At most 10 s away, at least 100 ms.
  [[nodiscard]] std::optional<MonotonicTime> NextLook() const { return next_look_; }
  /// Takes one look; `received` is all output so far. True: stalled. Whoever still `prepares` after
  /// six times the timeout is stalled too, however busy it looks.
  bool Look(const GroupActivity& activity, targets::Bytes received, MonotonicTime now,
            bool prepares);
  bool Look(const GroupActivity& activity, targets::Bytes received, MonotonicTime now) {
    return Look(activity, received, now, false);
  }

 private:
  void Count(const GroupActivity& activity);

  std::optional<std::chrono::milliseconds> timeout_;
  MonotonicTime start_;
  targets::Bytes enough_io_;
  std::chrono::milliseconds enough_cpu_{};
  std::chrono::milliseconds interval_{};
  std::optional<MonotonicTime> next_look_;
  MonotonicTime last_progress_;
  GroupActivity seen_;
  ProcessActivity since_progress_;      // summed over the group
  targets::Bytes received_before_ = 0;  // output at the last progress
};

}  // namespace runner
