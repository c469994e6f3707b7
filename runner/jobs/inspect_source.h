#pragma once

#include <chrono>
#include <string>

#include "runner/jobs/source_state.h"
#include "runner/process/process_runner.h"
#include "targets/model/config.h"

namespace runner {

/// The word after the program's name that selects the hidden mode below.
inline constexpr const char* kInspectSourceMode = "inspect-source";

/// `<program> inspect-source PATH [--require-mount] [--sentinel NAME]`: prints the report as one
/// line of JSON. Returns the process's exit code.
int InspectSourceMain(const targets::Argv& arguments, FileSystem& files);

/// Looks at a source in a child that runs as the jobs do (`run_as`) and is killed after `deadline`,
/// so that a dead network mount can neither hang the runner nor hide behind the runner's own
/// privileges.
class SourceInspector {
 public:
  SourceInspector(ProcessRunner& processes, const targets::Config& config, std::string program,
                  std::chrono::milliseconds deadline = std::chrono::seconds(30));

  SourceReport Inspect(const targets::DirectorySource& source, const targets::Guards& guards);

 private:
  ProcessRunner& processes_;
  const targets::Config& config_;
  std::string program_;
  std::chrono::milliseconds deadline_;
};

}  // namespace runner
