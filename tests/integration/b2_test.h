#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/integration/program_test.h"
#include "tests/support/b2_server/b2_server.h"

namespace runner::testing {

/// A test against the B2 test server with the bucket "test-bucket" and a key with the five
/// capabilities that restic needs. Whatever ws() runs reaches B2 through the server only: nothing
/// ever tries the real host.
class B2Test : public ProgramTest {
 protected:
  static constexpr const char* kBucket = "test-bucket";
  static constexpr const char* kUrl = "b2:test-bucket:r";

  void SetUp() override {
    ProgramTest::SetUp();
    if (!IsSkipped()) StartServer();
  }
  void StartServer() {
    server_ = std::make_unique<B2Server>(B2Server::Options{.folder = ws().Path("b2")});
    server_->AddBucket(kBucket);
    for (const char* name : {"HTTPS_PROXY", "https_proxy"}) ws().Set(name, server_->proxy_url());
    for (const char* name : {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"})
      ws().Set(name, server_->ca_file());
    Use(server_->AddKey({.buckets = {kBucket}}));
  }
  void Use(const B2Server::Credentials& key) {
    ws().Set("B2_ACCOUNT_ID", key.id);
    ws().Set("B2_ACCOUNT_KEY", key.secret);
  }

  B2Server& server() { return *server_; }

  std::vector<std::string> ResticArgv(const std::vector<std::string>& arguments) {
    std::vector<std::string> argv = {
        "env",         "RESTIC_PASSWORD=correct horse", ResticProgram(GetParam()), "--repo", kUrl,
        "--cache-dir", ws().Path("test-cache")};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return argv;
  }
  /// restic itself on the repository kUrl with the password "correct horse".
  Ran Restic(const std::vector<std::string>& arguments) { return ws().Run(ResticArgv(arguments)); }

 private:
  std::unique_ptr<B2Server> server_;
};

}  // namespace runner::testing
