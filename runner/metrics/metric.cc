#include "runner/metrics/metric.h"

#include <fmt/format.h>

#include <cmath>

namespace runner {
namespace {

/// Of a label's value; a help text has no quotes to escape, but may have them.
std::string Escaped(std::string_view text, bool quotes) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\\\";
    } else if (c == '\n') {
      escaped += "\\n";
    } else if (c == '"' && quotes) {
      escaped += "\\\"";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string LabelsOf(const MetricSample& sample) {
  std::string text;
  for (const auto& [name, value] : sample.labels) {
    if (value.empty()) continue;
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "{" : ",", name, Escaped(value, true));
  }
  return text.empty() ? text : text + "}";
}

/// Times and sizes are whole, and must not lose a digit.
std::string ValueOf(double value) {
  constexpr double kExact = 9e15;
  if (std::trunc(value) == value && std::abs(value) < kExact) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

}  // namespace

std::string RenderMetrics(const std::vector<Metric>& metrics) {
  std::string text;
  for (const Metric& metric : metrics) {
    if (metric.samples.empty()) continue;
    text += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", metric.name, Escaped(metric.help, false),
                        metric.name);
    for (const MetricSample& sample : metric.samples)
      text += fmt::format("{}{} {}\n", metric.name, LabelsOf(sample), ValueOf(sample.value));
  }
  return text;
}

}  // namespace runner
