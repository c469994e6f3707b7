#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "tests/integration/backend.h"

namespace runner::testing {

/// A test of the built program on one kind of storage with one release of restic. The configuration
/// is the same for all but for `repository.url`: two folders and a stream.
class BackendTest : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {
 protected:
  static constexpr int kTargets = 3;

  void SetUp() override;

  Workspace& ws() { return *workspace_; }
  [[nodiscard]] const Backend& backend() const { return backend_; }
  [[nodiscard]] bool Newest() const { return std::string(std::get<1>(GetParam())) == "newest"; }

  /// The runner, which must succeed; what it printed.
  std::string Do(const std::vector<std::string>& arguments);
  /// restic itself on the repository.
  Ran Restic(const std::vector<std::string>& arguments);
  /// The same, which must succeed; what it printed on standard output.
  std::string Ask(const std::vector<std::string>& arguments);

  /// What restic itself says: each target has so many snapshots, nobody holds a lock (it would
  /// stop the check), and all data can be read.
  void ExpectSound(int snapshots_of_each);
  /// The first line of a target's marker, or of the repository's if there is no target.
  std::string Status(const std::string& target, const std::string& stage);
  void ExpectHealthy();

  void WriteSources();
  /// Type, mode, time, size, name and content of everything in the sources.
  std::string Everything();
  /// A new machine with empty volumes: what the sources held, the state and the cache are gone.
  void LoseEverything();

 private:
  std::unique_ptr<Workspace> workspace_;
  Backend backend_;
};

/// The parameters' names, as in "b2_newest".
std::string BackendName(const ::testing::TestParamInfo<std::tuple<const char*, const char*>>& info);

}  // namespace runner::testing
