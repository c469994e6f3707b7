#pragma once

#include "runner/app/exit_codes.h"
#include "runner/restic/failure.h"

namespace runner {

/// The one place that maps a cause to the program's exit code. An unknown cause is a failure.
ExitCode ExitOfCause(Cause cause);

}  // namespace runner
