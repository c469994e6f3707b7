// The files of docs/monitoring speak of metrics that exist, and the table has them all.
#include <gmock/gmock.h>
#include <rapidjson/document.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "runner/metrics/make_metrics.h"
#include "tests/runner/status/status_world.h"

namespace runner {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using Names = std::set<std::string>;

std::string Text(const std::string& name) {
  std::ifstream stream(RUNNER_CHECKOUT "/docs/monitoring/" + name);
  EXPECT_TRUE(stream) << name;
  return {std::istreambuf_iterator<char>(stream), {}};
}

Names Matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  Names names;
  for (std::sregex_iterator it(text.begin(), text.end(), regex); it != std::sregex_iterator(); ++it)
    names.insert((*it)[1]);
  return names;
}

/// Every name that could be a metric's of ours.
Names Mentioned(const std::string& text) { return Matches(text, "\\b(runner_[a-z_]+)"); }

Names Known() {
  status_world::StatusWorld world;
  const StatusInput status = world.Collect();
  Names names;
  for (const Metric& metric :
       MakeMetrics({.status = status, .report = MakeStatus(status), .version = "1"}))
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name << " is there twice";
  return names;
}

Names Unknown(const Names& names) {
  const Names known = Known();
  Names unknown;
  for (const std::string& name : names) {
    if (!known.contains(name)) unknown.insert(name);
  }
  return unknown;
}

TEST(MonitoringFiles, TheTableHasEveryMetricAndNoOther) {
  EXPECT_EQ(Matches(Text("README.md"), "\n\\| `(runner_[a-z_]+)` \\|"), Known());
}

TEST(MonitoringFiles, TheRulesAskForMetricsThatExist) {
  for (const char* file : {"alerts.yaml", "alerts_test.yaml"}) {
    const Names mentioned = Mentioned(Text(file));
    EXPECT_THAT(mentioned, Not(IsEmpty())) << file;
    EXPECT_THAT(Unknown(mentioned), IsEmpty()) << file;
  }
}

TEST(MonitoringFiles, EveryAlertIsExplainedAndTried) {
  const Names alerts = Matches(Text("alerts.yaml"), "- alert: (\\w+)");
  EXPECT_EQ(Matches(Text("README.md"), "\n\\| `(Runner\\w+)` \\|"), alerts);
  EXPECT_EQ(Matches(Text("alerts_test.yaml"), "\n        alertname: (\\w+)\n        exp_alerts:\n"),
            alerts);
}

TEST(MonitoringFiles, TheDashboardIsJsonAndAsksForMetricsThatExist) {
  const std::string text = Text("grafana.json");
  rapidjson::Document dashboard;
  dashboard.Parse(text);
  ASSERT_FALSE(dashboard.HasParseError());
  for (const auto& panel : dashboard["panels"].GetArray()) {
    for (const auto& target : panel["targets"].GetArray()) {
      const std::string expression = target["expr"].GetString();
      EXPECT_THAT(Mentioned(expression), Not(IsEmpty())) << expression;
    }
  }
  EXPECT_THAT(Unknown(Mentioned(text)), IsEmpty());
}

}  // namespace
}  // namespace runner
