#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>

#include "runner/base/clock.h"
#include "runner/process/posix_process_runner.h"

namespace runner {

inline ProcessSpec Shell(const std::string& script) {
  ProcessSpec spec;
  spec.argv = {"sh", "-c", script};
  return spec;
}

inline ProcessSpec Program(targets::Argv argv) {
  ProcessSpec spec;
  spec.argv = std::move(argv);
  return spec;
}

/// A real runner and a folder of the test's own.
class PosixProcessRunnerTest : public ::testing::Test {
 protected:
  PosixProcessRunnerTest() {
    std::string name = ::testing::TempDir() + "processXXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~PosixProcessRunnerTest() override { std::filesystem::remove_all(folder_); }

  std::string Output(ProcessSpec spec) {
    const ProcessResult result = runner_.Run(std::move(spec));
    EXPECT_EQ(result.status, ExitStatus(Exited{0})) << result.stderr_tail;
    return result.stdout_tail;
  }
  std::string Reason(ProcessSpec spec) {
    const ProcessResult result = runner_.Run(std::move(spec));
    const auto* reason = std::get_if<NotStarted>(&result.status);
    EXPECT_EQ(result.stderr_tail, "");
    return reason != nullptr ? reason->reason : "it was started";
  }

  std::string folder_;
  SystemClock clock_;
  PosixProcessRunner runner_{clock_};
};

}  // namespace runner
