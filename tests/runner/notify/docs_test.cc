// What docs/notifications.md tells people to write is right.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "runner/notify/http_ways.h"
#include "tests/targets/config/sample.h"

namespace runner {
namespace {

/// The YAML of each example.
std::vector<std::string> Examples() {
  std::ifstream page(std::string(RUNNER_SOURCE_DIR) + "/docs/notifications.md");
  std::vector<std::string> examples;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    const bool begins = line == "```yaml";
    if (begins) examples.emplace_back();
    if (begins || line.starts_with("```")) {
      inside = begins;
    } else if (inside) {
      examples.back() += line + "\n";
    }
  }
  return examples;
}

const std::string kRest = R"(
version: 1
instance: server1
repository: {url: /mnt/backup, password: secret}
targets: {photos: {source: /data/photos}}
)";

TEST(NotificationsPage, HasExamplesThatWork) {
  const Message message{
      targets::NewsKind::kFailure, {"photos"}, {}, "[server1] \"photos\"", "line\nline\n"};
  const WaySecrets secrets{targets::Secret("https://example.com/x"), {}, {}};
  int webhooks = 0;
  for (const std::string& example : Examples()) {
    const auto outcome = targets::Load(example + kRest, {{"PING_KEY", "k"}, {"GOTIFY_TOKEN", "t"}});
    ASSERT_TRUE(outcome.config) << example << targets::Messages(outcome);
    EXPECT_FALSE(outcome.config->notify.empty()) << example;
    for (const auto& channel : outcome.config->notify) {
      const auto* webhook = std::get_if<targets::WebhookWay>(&channel.way);
      if (webhook == nullptr) continue;
      ++webhooks;
      EXPECT_TRUE(WebhookRequest(*webhook, secrets, "server1", message)) << channel.name;
    }
  }
  EXPECT_EQ(webhooks, 3) << "Slack, Discord, Teams";
}

}  // namespace
}  // namespace runner
