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

/// Which of restic's two rule sets applies: 0.16 added "keep the oldest while a rule has count
/// left".
enum class RetentionRules { kBeforeOldestRule, kWithOldestRule };

struct Kept {
  SnapshotId id;
  std::vector<std::string>
      reasons;  // "last 1", "daily 3", "oldest daily", "within 7d", "daily within 7d",
                // "tag x", "no rule", "newest good", "min_keep", "quarantined"
  bool operator==(const Kept&) const = default;
};

struct RetentionDecision {
  std::vector<Kept> keep;          // newest first
  std::vector<SnapshotId> remove;  // newest first
  bool operator==(const RetentionDecision&) const = default;
};

/// Decides which snapshots of one target a policy keeps, and why.
/// Pure: same input, same answer. `snapshots` may come in any order; those of one instant are taken
/// in the order of their ids. Days are counted in the offset that each snapshot carries, "within"
/// rules from the newest snapshot that is not after `now`, in `zone`, exactly as restic does when
/// its TZ is that zone. Beyond restic: quarantined snapshots are kept and use up no count; the
/// newest snapshot that is neither quarantined nor in the future is kept, and at least
/// `policy.min_keep` of that kind; an unreadable "within" keeps everything. An empty policy keeps
/// everything. A negative count is kUnlimited with both rule sets. Semantics: restic `forget
/// --keep-*` (cross-checked in tests/integration against the real program).
RetentionDecision Decide(const Retention& policy, std::span<const Snapshot> snapshots,
                         const Zone& zone, UnixTime now, RetentionRules rules);

}  // namespace targets
