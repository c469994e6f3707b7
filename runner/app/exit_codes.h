#pragma once

namespace runner {

/// One table for all commands. Scripts rely on it; docs/reference/exit-codes.md says the same.
enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,      // a job failed, or unhealthy
  kUsage = 2,       // a wrong command line or an invalid configuration
  kIncomplete = 3,  // a snapshot exists, some files could not be read
  kBlocked = 4,     // a lock, a cap, or the repository's state is unknown
  kInterrupted = 130,
};

}  // namespace runner
