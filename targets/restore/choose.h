#pragma once

#include <optional>
#include <string>
#include <vector>

#include "targets/base/time.h"
#include "targets/model/snapshot.h"

namespace targets {

/// Clocks of two machines may differ by so much before a snapshot counts as one from the future.
inline constexpr Duration kClockTolerance{300};

/// The snapshot that a restore takes if nobody names one: the newest that is neither quarantined
/// nor dated in the future; nullptr if there is none. Two of one second: by nanoseconds, then id.
const Snapshot* NewestGood(const std::vector<Snapshot>& snapshots, UnixTime now);

/// The newest such one that is not younger than `time`; nullptr if there is none.
const Snapshot* NewestGoodUntil(const std::vector<Snapshot>& snapshots, UnixTime time);

struct NamedSnapshot {
  const Snapshot* snapshot = nullptr;
  std::string problem;  // why it is none: no id begins so, or several do
};

/// The one whose id begins with `prefix`; quarantined ones count: somebody asks for it by name.
NamedSnapshot FindByPrefix(const std::vector<Snapshot>& snapshots, const std::string& prefix);

}  // namespace targets
