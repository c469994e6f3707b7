#pragma once

#include <string>
#include <vector>

#include "targets/model/snapshot.h"
#include "targets/schedule/zone.h"

namespace runner {

/// One line for each snapshot in the given order, below a heading; the last line counts them.
std::string SnapshotTable(const std::vector<targets::Snapshot>& snapshots,
                          const targets::Zone& zone);

/// The target whose tag it bears; "-": none.
std::string TargetOf(const targets::Snapshot& snapshot);

}  // namespace runner
