#include "runner/app/exit_of_cause.h"

namespace runner {

ExitCode ExitOfCause(Cause cause) {
  switch (cause) {
    case Cause::kNone:
      return ExitCode::kDone;
    case Cause::kIncomplete:
      return ExitCode::kIncomplete;
    case Cause::kLocked:
    case Cause::kCapExceeded:
      return ExitCode::kBlocked;
    case Cause::kInterrupted:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kFailed;
  }
}

}  // namespace runner
