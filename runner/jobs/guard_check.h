#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/restic/restic.h"
#include "runner/state/facts.h"
#include "targets/model/snapshot.h"
#include "targets/model/target.h"

namespace runner {

/// Gathers for the guards of a target (targets/guard) what they judge a new snapshot by: the
/// figures that restic told at its backup, and only if those do not speak for it, or were taken
/// against another snapshot than the last good one, a comparison of both by `restic diff`, which
/// looks at contents. Both outlive it.
class GuardCheck {
 public:
  GuardCheck(Restic& restic, const targets::Target& target) : restic_(restic), target_(target) {}

  /// What is suspicious about `made`; empty: nothing, no guard, or no good one before it. Where
  /// this installation knows of none (it is new), the newest good one of the repository counts, so
  /// that the first file of an application that did not wait for its data is noticed. `listing`
  /// holds `made`.
  [[nodiscard]] std::string Judge(const targets::Snapshot& made, const BackupSummary& summary,
                                  const std::optional<GoodSnapshot>& last_good,
                                  const std::vector<targets::Snapshot>& listing) const;

 private:
  [[nodiscard]] std::string JudgeChurn(const targets::Snapshot& made, const BackupSummary& summary,
                                       const GoodSnapshot& last_good,
                                       const std::vector<targets::Snapshot>& listing) const;
  [[nodiscard]] Outcome<std::optional<GoodSnapshot>> OfTheRepository(
      const targets::Snapshot& made, const std::vector<targets::Snapshot>& listing) const;
  [[nodiscard]] Outcome<SnapshotDiff> Compare(const targets::SnapshotId& last_good,
                                              const targets::SnapshotId& made) const;

  Restic& restic_;
  const targets::Target& target_;
};

/// Remembers in `facts` that the clock must have jumped before the backup of that time, or forgets
/// it if the clock went back since. REQUIRES: `facts` are those before this backup.
void NoteClock(const targets::Target& target, targets::UnixTime made, TargetFacts& facts);

/// What is to be said of the newest quarantined snapshot: which, why, and what to type. REQUIRES:
/// there is one.
Failure DescribeQuarantine(const targets::TargetId& target, const TargetFacts& facts);

}  // namespace runner
