#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "runner/app/command_line.h"

namespace runner {

/// What CLI11 writes into while it parses `history`, `logs` and `metrics`.
struct HistoryValues {
  HistoryOptions history;
  LogsOptions logs;
  MetricsOptions metrics;
  std::optional<std::string> stage;
};

/// The commands about what happened. `values` outlives the parsing.
void AddHistory(CLI::App& app, HistoryValues& values);

}  // namespace runner
