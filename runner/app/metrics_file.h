#pragma once

#include <mutex>
#include <string>

#include "runner/app/command_line.h"
#include "runner/base/observer.h"
#include "runner/process/process_runner.h"

namespace runner {

/// Keeps the file of `metrics.textfile` fresh. The program writes it in a child of its own
/// (`runner metrics --output`): a look at a source in a dead network mount may leave a thread
/// behind, and a daemon must not collect those. A failure is a warning, said once until it works
/// again. Thread-safe; one file at a time.
class MetricsFile {
 public:
  static constexpr std::chrono::seconds kPatience{60};

  /// `self` is this very program. `processes` outlives it.
  MetricsFile(ProcessRunner& processes, std::string self, GlobalOptions global)
      : processes_(processes), self_(std::move(self)), global_(std::move(global)) {}

  /// Returns when it is done. REQUIRES: a thread that lives as long as the program, or waits here.
  void Write(const std::string& path, Observer& observer);

 private:
  ProcessRunner& processes_;
  const std::string self_;
  const GlobalOptions global_;
  std::mutex mutex_;
  bool complained_ = false;
};

}  // namespace runner
