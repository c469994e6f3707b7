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

/// From /proc/PID/io, also of a process that has ended and was not waited for. Of another user's
/// process this needs CAP_SYS_PTRACE, or CAP_SETUID and CAP_SETGID, with which the calling thread
/// becomes that user for the moment (a container's root has these by default). Empty: gone, or not
/// allowed.
std::optional<IoCounters> ReadIoCounters(pid_t pid);

/// `leader` and every process of its group, from /proc.
GroupActivity ReadGroupActivity(pid_t leader);

}  // namespace runner
