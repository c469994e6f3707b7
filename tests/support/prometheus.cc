#include "tests/support/prometheus.h"

#include <gtest/gtest.h>

#include <regex>

namespace runner::testing {

bool Prometheus::IsHere(const Workspace& workspace) {
  return workspace.Run({"sh", "-c", "command -v prometheus promtool"}).code == 0;
}

Prometheus::Prometheus(const Workspace& workspace, const std::string& address)
    : workspace_(workspace) {
  workspace.Write("prometheus.yaml",
                  "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
                  "scrape_configs:\n  - job_name: runner\n    static_configs: [{targets: [\"" +
                      address + "\"]}]\n");
  server_ = workspace.Start({"prometheus", "--config.file", workspace.Path("prometheus.yaml"),
                             "--storage.tsdb.path", workspace.Path("prometheus"),
                             "--web.listen-address", "127.0.0.1:0"});
  const std::regex listens("msg=\"Listening on\" address=(127\\.0\\.0\\.1:[0-9]+)");
  std::smatch match;
  std::string said;
  const bool serves = Eventually([&] {
    said = server_->OutputSoFar();
    return std::regex_search(said, match, listens) || !server_->Alive();
  });
  if (!serves || match.empty()) {
    ADD_FAILURE() << "prometheus does not listen: " << said;
    return;
  }
  url_ = "http://" + match[1].str();
}

std::string Prometheus::Query(const std::string& expression) const {
  const std::string said = workspace_.Run({"promtool", "query", "instant", url_, expression}).out;
  return said == "\n" ? "" : said;
}

}  // namespace runner::testing
