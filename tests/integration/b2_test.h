#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/integration/program_test.h"
#include "tests/support/b2_server/b2_server.h"

namespace runner::testing {

/// The B2 test server, with the bucket "test-bucket" and a key that has the five capabilities which
/// restic needs. Whatever the workspace runs from now on reaches B2 through the server only:
/// nothing ever tries the real host.
class B2World {
 public:
  static constexpr const char* kBucket = "test-bucket";
  static constexpr const char* kUrl = "b2:test-bucket:r";

  /// `workspace` must outlive it. `options`: without a folder it is one in the workspace.
  explicit B2World(Workspace& workspace, B2Server::Options options = {});

  B2Server& server() { return server_; }
  /// From now on with this key.
  void Use(const B2Server::Credentials& key);
  /// Puts an empty repository there whose key costs nothing to derive.
  void MakeCheapRepository(const std::string& password = "correct horse");

 private:
  Workspace& workspace_;
  B2Server server_;
};

/// A test against the B2 test server, run with each release of restic.
class B2Test : public ProgramTest {
 protected:
  static constexpr const char* kBucket = B2World::kBucket;
  static constexpr const char* kUrl = B2World::kUrl;

  void SetUp() override {
    ProgramTest::SetUp();
    if (!IsSkipped()) world_ = std::make_unique<B2World>(ws());
  }

  B2World& world() { return *world_; }
  B2Server& server() { return world_->server(); }
  b2::RequestLog& log() { return server().log(); }
  void Use(const B2Server::Credentials& key) { world_->Use(key); }

  std::vector<std::string> ResticArgv(const std::vector<std::string>& arguments);
  /// restic itself on the repository kUrl with the password "correct horse".
  Ran Restic(const std::vector<std::string>& arguments) { return ws().Run(ResticArgv(arguments)); }

 private:
  std::unique_ptr<B2World> world_;
};

}  // namespace runner::testing
