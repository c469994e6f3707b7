#include "runner/schedule/job.h"

namespace runner {

std::string_view StartReasonName(StartReason reason) {
  switch (reason) {
    case StartReason::kScheduled:
      return "scheduled";
    case StartReason::kCatchUp:
      return "catch-up";
    case StartReason::kRetry:
      return "retry";
    case StartReason::kDaemonStart:
      return "daemon start";
    case StartReason::kInterrupted:
      return "interrupted before";
    case StartReason::kRequested:
      return "requested";
    case StartReason::kAfterBackup:
      return "after backups";
  }
  return "unknown";
}

}  // namespace runner
