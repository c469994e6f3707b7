#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/http/run_digest.h"
#include "runner/status/input.h"
#include "runner/status/report.h"
#include "targets/config/load.h"
#include "targets/plan/costs.h"

namespace runner {

/// The configuration that is in force.
struct Installed {
  targets::Config config;
  std::vector<targets::EffectiveValue> effective;
  std::vector<targets::Diagnostic> warnings;
  std::optional<targets::UnixTime> configured_at;  // when its file was written
};

/// All that the pages show, of one moment.
struct Look {
  std::shared_ptr<const Installed> installed;
  StatusInput status;  // points into `installed`
  StatusReport report;
  std::map<targets::TargetId, Strip> strips;
  std::string history_error;  // why there are no strips; one line
  std::optional<targets::CostEstimate> costs;
};

}  // namespace runner
