#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/history/run_record.h"
#include "runner/metrics/metric.h"
#include "runner/status/report.h"
#include "targets/plan/costs.h"

namespace runner {

/// What is told to a monitoring system, of one moment.
struct MetricsInput {
  const StatusInput& status;
  const StatusReport& report;          // of the same moment
  std::vector<RunRecord> newest = {};  // of each stage of each target, where there is one
  std::vector<RunRecord> newest_with_snapshot = {};
  std::optional<targets::CostEstimate> costs = {};  // nullopt: nobody bills calls
  std::string version = {};
};

/// Every metric, in the same order each time; what is not known has no sample. Pure. Nothing of a
/// configuration but the targets' ids, no command line and no text of restic gets into a label:
/// docs/monitoring/README.md names every metric.
std::vector<Metric> MakeMetrics(const MetricsInput& input);

}  // namespace runner
