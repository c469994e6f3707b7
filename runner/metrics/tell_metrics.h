#pragma once

#include <optional>
#include <string>

#include "runner/history/history_store.h"
#include "runner/status/report.h"
#include "targets/base/result.h"

namespace runner {

struct MetricsText {
  std::string text;  // of the type kMetricsMediaType
  /// Why nothing of single runs is in it: the history cannot be read.
  std::optional<targets::Error> history_error = {};
};

/// What a monitoring system gets, of the moment in which `status` was collected. `report` is of
/// the same moment.
MetricsText TellMetrics(const StatusInput& status, const StatusReport& report,
                        HistoryStore& history, std::string version);

}  // namespace runner
