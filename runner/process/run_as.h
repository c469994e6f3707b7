#pragma once

#include <optional>

#include "runner/process/process_runner.h"
#include "targets/model/config.h"

namespace runner {

/// Makes a child run as whom the jobs run (PUID and PGID). Only root can do that; anybody else runs
/// everything as they are.
void ApplyRunAs(ProcessSpec& spec, const std::optional<targets::RunAs>& run_as);

}  // namespace runner
