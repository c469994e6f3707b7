#pragma once

#include <sys/types.h>

#include <optional>

#include "runner/process/stall_watch.h"

namespace runner {

/// rchar and wchar of one process.
struct IoCounters {
  targets::Bytes read = 0;
  targets::Bytes written = 0;
};

/// From /proc/PID/io, also of a process that has ended and was not waited for. Empty: gone, or of
/// another user and the runner lacks CAP_SYS_PTRACE.
std::optional<IoCounters> ReadIoCounters(pid_t pid);

/// `leader` and every process of its group, from /proc. Where the I/O of another user's process may
/// not be read, its CPU time stands alone.
GroupActivity ReadGroupActivity(pid_t leader);

}  // namespace runner
