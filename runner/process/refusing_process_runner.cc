#include "runner/process/refusing_process_runner.h"

#include "runner/process/unstarted_process.h"

namespace runner {
namespace {
constexpr const char* kReason = "plan starts no process";
}  // namespace

std::unique_ptr<Process> RefusingProcessRunner::Launch(ProcessSpec /*spec*/) {
  return MakeUnstarted(kReason);
}

std::unique_ptr<StreamPair> RefusingProcessRunner::LaunchStream(ProcessSpec /*producer*/,
                                                                ProcessSpec /*consumer*/) {
  return MakeUnstartedPair(kReason);
}

}  // namespace runner
