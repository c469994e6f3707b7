#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "targets/plan/plan.h"

namespace runner {

/// The snapshots of a target by the daemon's last listing, newest first, and what a forget would do
/// with each.
struct SnapshotList {
  targets::UnixTime listed{};
  std::vector<targets::PlanSnapshot> snapshots;
};

/// nullopt: nothing was listed since the daemon started. Asks nobody. Any thread.
using SnapshotSource = std::function<std::optional<SnapshotList>(const targets::TargetId&)>;

}  // namespace runner
