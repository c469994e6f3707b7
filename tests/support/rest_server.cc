#include "tests/support/rest_server.h"

#include <gtest/gtest.h>

#include <regex>
#include <vector>

namespace runner::testing {

RestServer::RestServer(const Workspace& workspace, const std::string& folder, RestMode mode) {
  std::vector<std::string> argv = {"rclone", "serve",  "restic",     "--config",
                                   "",       "--addr", "127.0.0.1:0"};
  if (mode == RestMode::kAppendOnly) argv.emplace_back("--append-only");
  argv.push_back(workspace.Path(folder));
  server_ = workspace.Start(argv);
  const std::regex address("http://127\\.0\\.0\\.1:([0-9]+)/");
  std::smatch match;
  std::string said;
  const bool serves = Eventually([&] {
    said = server_->OutputSoFar();
    return std::regex_search(said, match, address) || !server_->Alive();
  });
  if (!serves || match.empty()) {
    ADD_FAILURE() << "rclone does not serve: " << said;
    return;
  }
  port_ = static_cast<std::uint16_t>(std::stoul(match[1]));
}

std::string RestServer::Url(std::uint16_t port) {
  return "rest:http://127.0.0.1:" + std::to_string(port) + "/";
}

}  // namespace runner::testing
