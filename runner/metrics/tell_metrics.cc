#include "runner/metrics/tell_metrics.h"

#include <utility>

#include "runner/metrics/make_metrics.h"

namespace runner {
namespace {

std::vector<RunRecord> Newest(HistoryStore& history, NewestOf which,
                              std::optional<targets::Error>& error) {
  auto runs = history.Newest(which);
  if (runs) return *std::move(runs);
  error = std::move(runs.error());
  return {};
}

}  // namespace

MetricsText TellMetrics(const StatusInput& status, const StatusReport& report,
                        HistoryStore& history, std::string version) {
  MetricsText told;
  MetricsInput input{.status = status, .report = report, .version = std::move(version)};
  input.newest = Newest(history, NewestOf::kAll, told.history_error);
  if (!told.history_error)
    input.newest_with_snapshot = Newest(history, NewestOf::kWithSnapshot, told.history_error);
  const auto costs =
      targets::EstimateCosts(*status.config, report.time, status.repository_facts.stored_bytes);
  if (costs) input.costs = *costs;
  told.text = RenderMetrics(MakeMetrics(input));
  return told;
}

}  // namespace runner
