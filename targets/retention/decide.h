#pragma once

#include <span>
#include <string>
#include <vector>

#include "targets/base/strong_id.h"
#include "targets/base/time.h"
#include "targets/model/retention.h"
#include "targets/model/snapshot.h"
#include "targets/schedule/zone.h"

namespace targets {

/// Which of restic's two rule sets applies: 0.16 added "keep the oldest while a rule has count left".
enum class RetentionRules { kBeforeOldestRule, kWithOldestRule };

struct Kept {
  SnapshotId id;
  std::vector<std::string> reasons;  // "daily 3", "last 1", "within 7d", "newest good", "min_keep", "quarantined"
  bool operator==(const Kept&) const = default;
};

struct RetentionDecision {
  std::vector<Kept> keep;           // newest first
  std::vector<SnapshotId> remove;   // newest first
  bool operator==(const RetentionDecision&) const = default;
};

/// Decides which snapshots of one target a policy keeps, and why.
/// Pure: same input, same answer. `snapshots` may come in any order. Days are counted in the offset that each snapshot
/// carries, "within" rules in `zone`, exactly as restic does when its TZ is that zone.
/// Beyond restic: never removes the newest snapshot that is neither quarantined nor in the future, keeps quarantined
/// ones, and keeps at least `policy.min_keep`.
/// Semantics: restic `forget --keep-*` (cross-checked in tests/integration against the real program).
RetentionDecision Decide(const Retention& policy, std::span<const Snapshot> snapshots, const Zone& zone, UnixTime now,
                         RetentionRules rules);

}  // namespace targets
