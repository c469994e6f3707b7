#include "tests/integration/b2_test.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace runner::testing {
namespace {

namespace fs = std::filesystem;

B2Server::Options WithFolder(B2Server::Options options, const Workspace& workspace) {
  if (options.folder.empty()) options.folder = workspace.Path("b2");
  return options;
}

std::string BytesOf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

B2World::B2World(Workspace& workspace, B2Server::Options options)
    : workspace_(workspace), server_(WithFolder(std::move(options), workspace)) {
  server_.AddBucket(kBucket);
  for (const char* name : {"HTTPS_PROXY", "https_proxy"}) workspace_.Set(name, server_.proxy_url());
  for (const char* name : {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"})
    workspace_.Set(name, server_.ca_file());
  Use(server_.AddKey({.buckets = {kBucket}}));
}

void B2World::Use(const B2Server::Credentials& key) {
  workspace_.Set("B2_ACCOUNT_ID", key.id);
  workspace_.Set("B2_ACCOUNT_KEY", key.secret);
}

void B2World::MakeCheapRepository(const std::string& password) {
  const fs::path folder = workspace_.Path("forged");
  const targets::ForgedRepository forged(folder.string(), password);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::string bytes = BytesOf(entry.path());
    const std::string sha1 = b2::Sha1Hex(bytes);
    server_.With([&](b2::Store& store, b2::Keys&) {
      return store.Upload(store.BucketNamed(kBucket)->id,
                          {.name = "r/" + fs::relative(entry.path(), folder).string(),
                           .content = std::make_shared<const std::string>(std::move(bytes)),
                           .sha1 = sha1,
                           .content_type = "application/octet-stream"});
    });
  }
}

std::vector<std::string> B2Test::ResticArgv(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {"env",
                                   "RESTIC_PASSWORD=correct horse",
                                   ResticProgram(GetParam()),
                                   "--repo",
                                   B2World::kUrl,
                                   "--cache-dir",
                                   ws().Path("test-cache")};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

}  // namespace runner::testing
