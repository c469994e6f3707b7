#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runner {

/// One value of a metric. An absent label says the same as an empty one.
struct MetricSample {
  std::vector<std::pair<std::string, std::string>> labels = {};  // name and value, not escaped
  double value = 0;

  bool operator==(const MetricSample&) const = default;
};

/// What a monitoring system knows under one name: a gauge, that is, a value which may fall.
struct Metric {
  std::string name;  // [a-z_]+, with the unit at its end
  std::string help;  // one sentence
  std::vector<MetricSample> samples = {};

  bool operator==(const Metric&) const = default;
};

/// The text exposition format 0.0.4 of Prometheus, which node_exporter's textfile collector and
/// OpenMetrics' readers take too. A metric without samples is left out.
std::string RenderMetrics(const std::vector<Metric>& metrics);

/// Its media type.
inline constexpr std::string_view kMetricsMediaType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace runner
