#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/integration/forged_repository.h"
#include "tests/support/workspace.h"

namespace runner::testing {

/// A test of the built program, run with each release of restic that must work.
class ProgramTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string restic = ResticProgram(GetParam());
    if (restic.empty())
      GTEST_SKIP() << "no newest restic here: RESTIC_BIN_NEW is not set (tools/newest-restic.sh)";
    workspace_ = std::make_unique<Workspace>(restic);
  }

  Workspace& ws() { return *workspace_; }

  /// An empty repository whose key costs nothing to derive: a start of restic takes a fifth of the
  /// time.
  void MakeCheapRepository(const std::string& password = "correct horse") {
    const targets::ForgedRepository repository(ws().Path("repo"), password);
  }

 private:
  std::unique_ptr<Workspace> workspace_;
};

#define RUNNER_FOR_EACH_RESTIC(suite)                                            \
  INSTANTIATE_TEST_SUITE_P(Restic, suite, ::testing::Values("system", "newest"), \
                           [](const auto& instance) { return std::string(instance.param); })

}  // namespace runner::testing
