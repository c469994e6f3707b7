#include "runner/metrics/metric.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

TEST(Metrics, AreTextWithHelpAndType) {
  EXPECT_EQ(RenderMetrics({{"runner_retries",
                            "Failed tries.",
                            {{{{"target", "photos"}, {"stage", "backup"}}, 2}, {{}, 0}}}}),
            "# HELP runner_retries Failed tries.\n"
            "# TYPE runner_retries gauge\n"
            "runner_retries{target=\"photos\",stage=\"backup\"} 2\n"
            "runner_retries 0\n");
}

TEST(Metrics, WithoutSamplesAreLeftOut) {
  EXPECT_EQ(RenderMetrics({{"runner_a", "A.", {}}, {"runner_b", "B.", {{{}, 1}}}}),
            "# HELP runner_b B.\n# TYPE runner_b gauge\nrunner_b 1\n");
}

TEST(Metrics, EscapeWhatALabelMayHold) {
  const std::string text = RenderMetrics(
      {{"runner_a", "A \\ and\na \"quote\".", {{{{"target", "a\"b\\c\nd"}, {"stage", ""}}, 1}}}});
  EXPECT_EQ(text,
            "# HELP runner_a A \\\\ and\\na \"quote\".\n"
            "# TYPE runner_a gauge\n"
            "runner_a{target=\"a\\\"b\\\\c\\nd\"} 1\n");
}

TEST(Metrics, LoseNoDigitOfATimeOrASize) {
  const auto value = [](double number) {
    const std::string text = RenderMetrics({{"a", "A.", {{{}, number}}}});
    return text.substr(text.rfind(' ') + 1);
  };
  EXPECT_EQ(value(1800000123), "1800000123\n");
  EXPECT_EQ(value(4'503'599'627'370'497), "4503599627370497\n");
  EXPECT_EQ(value(0.25), "0.25\n");
  EXPECT_EQ(value(-3), "-3\n");
}

}  // namespace
}  // namespace runner
