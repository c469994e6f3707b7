#pragma once

#include <string>
#include <variant>

#include "targets/base/time.h"

namespace targets {

/// When something is due, as written. `targets/schedule` turns it into instants.
struct CronTiming {
  std::string
      expression;  // 5 fields or @daily and its kind; already checked when it comes from a Config
  bool operator==(const CronTiming&) const = default;
};

/// Due `period` after the last one, counted from a fixed origin so that a restart changes nothing.
struct IntervalTiming {
  Duration period{};
  bool operator==(const IntervalTiming&) const = default;
};

/// Never by itself; only when a person asks.
struct ManualTiming {
  bool operator==(const ManualTiming&) const = default;
};

using Timing = std::variant<ManualTiming, CronTiming, IntervalTiming>;

enum class CatchUp { kOnce, kSkip };

struct Schedule {
  Timing timing;
  std::string timezone;  // IANA name, never empty in a Config
  Duration jitter{};     // upper bound; the actual offset follows from the target's id
  CatchUp catch_up = CatchUp::kOnce;
  bool on_start = false;

  bool operator==(const Schedule&) const = default;
};

}  // namespace targets
