#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/jobs/backup_job.h"
#include "runner/repository/gate.h"
#include "runner/repository/listings.h"
#include "runner/repository/lock_patience.h"
#include "runner/repository/opener.h"

namespace runner {

/// What a person says of the snapshots that a guard found suspicious.
enum class Answer {
  kAccept,   // they are right: the newest one becomes the newest good one
  kDiscard,  // they are wrong: they are forgotten, the last good one stays the newest good one
};

/// Ends the quarantine of a target, so that its forget goes on, and its alarm. Whoever was killed
/// meanwhile answers again: what was done already is found done. All arguments outlive it.
class Acknowledgement {
 public:
  Acknowledgement(const JobTools& tools, RepositoryOpener& opener, RepositoryGate& gate,
                  Listings& listings, LockPatience& patience)
      : tools_(tools), opener_(opener), gate_(gate), listings_(listings), patience_(patience) {}

  /// What was done, in one sentence; also that there was nothing to do. Accepting concerns what the
  /// guards found, and a jump of the clock; discarding whatever bears the tag. Never forgets the
  /// newest good snapshot.
  Outcome<std::string> Run(const targets::Target& target, Answer answer, StopHandle& stop);

 private:
  using Snapshots = std::vector<targets::Snapshot>;

  Outcome<std::string> Accept(const targets::Target& target, TargetFacts facts, StopHandle& stop);
  Outcome<std::string> Discard(const targets::Target& target, TargetFacts facts, StopHandle& stop);
  Outcome<std::unique_ptr<GatePass>> EnterAlone(StopHandle& stop);
  Outcome<Snapshots> List(const targets::Target& target, StopHandle& stop);
  std::optional<Failure> Untag(const Snapshots& snapshots, const GatePass& alone, StopHandle& stop);
  std::optional<Failure> Forget(const std::vector<targets::SnapshotId>& ids, const GatePass& alone,
                                StopHandle& stop);
  Outcome<std::string> Finish(const targets::Target& target, TargetFacts facts, MarkerStatus status,
                              std::string sentence);
  targets::Status SettleMarker(const targets::Target& target, MarkerStatus status,
                               const std::string& sentence, const TargetFacts& facts);

  const JobTools& tools_;
  RepositoryOpener& opener_;
  RepositoryGate& gate_;
  Listings& listings_;
  LockPatience& patience_;
};

}  // namespace runner
