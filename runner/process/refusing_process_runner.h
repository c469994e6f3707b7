#pragma once

#include "runner/process/process_runner.h"

namespace runner {

/// Starts nothing: every result says so. With it `plan` walks the code of `run` and changes
/// nothing.
class RefusingProcessRunner final : public ProcessRunner {
 public:
  std::unique_ptr<Process> Launch(ProcessSpec spec) override;
  std::unique_ptr<StreamPair> LaunchStream(ProcessSpec producer, ProcessSpec consumer) override;
  void StopAll() override {}
};

}  // namespace runner
