#pragma once

#include <memory>
#include <string>

#include "runner/process/process_runner.h"

namespace runner {

/// A process that never was: its result says NotStarted with this reason, and that it was stopped
/// for this cause.
std::unique_ptr<Process> MakeUnstarted(std::string reason, StopCause cause = StopCause::kNone);

/// Two of them.
std::unique_ptr<StreamPair> MakeUnstartedPair(const std::string& reason,
                                              StopCause cause = StopCause::kNone);

/// The program's name in double quotes, for messages.
std::string QuotedProgram(const ProcessSpec& spec);

}  // namespace runner
