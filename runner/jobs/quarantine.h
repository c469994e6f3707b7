#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/jobs/backup_job.h"
#include "runner/repository/gate.h"

namespace runner {

/// Gives suspicious snapshots the tag by which everybody knows them. Two kinds:
/// - What a run left that nobody finished: half a stream, since restic saw the end of its input
///   when everything died, or a snapshot that the target's guards never saw. The suspicion is
///   remembered durably before anything else happens, and such a target is not backed up again
///   before it is settled.
/// - What a guard found (TargetFacts::quarantined). The job remembers it before it is tagged; if
///   that does not succeed, the next run tries again.
class Quarantine {
 public:
  /// Both outlive it.
  Quarantine(const JobTools& tools, RepositoryGate& gate) : tools_(tools), gate_(gate) {}

  /// Remembers which of these targets have a run that nobody finished. Needs no repository.
  void Note(const std::vector<const targets::Target*>& targets);

  /// Tags what earlier runs left; nothing to do: at once. A failure: what an unfinished run left
  /// could not be tagged, and the suspicion stands.
  std::optional<Failure> SetAside(const targets::Target& target, StopHandle& stop);

  /// Removes the worthless snapshot of a stream whose run began then, alone in the repository as
  /// every forget; if that cannot be done it is set aside, now or before the next run. REQUIRES:
  /// the target's lock is held, the gate is not.
  void Remove(const targets::Target& target, const targets::SnapshotId& snapshot,
              targets::UnixTime began, StopHandle& stop);

  /// Tags what the guards found; the facts learn the new ids. REQUIRES: the caller holds the
  /// target's lock.
  Outcome<void> TagFound(const targets::Target& target, StopHandle& stop);

 private:
  [[nodiscard]] std::optional<targets::UnixTime> SuspectSince(const targets::Target& target) const;
  targets::Status Remember(const targets::Target& target, std::optional<targets::UnixTime> since);
  std::optional<Failure> SetUnprovenAside(const targets::Target& target, StopHandle& stop);
  Outcome<void> TagUnproven(const targets::Target& target, targets::UnixTime since,
                            StopHandle& stop);
  Outcome<void> ForgetAlone(const targets::SnapshotId& snapshot, StopHandle& stop);
  Outcome<std::unique_ptr<GatePass>> EnterAlone(StopHandle& stop);
  void Say(Severity severity, const targets::Target& target, std::string message);

  const JobTools& tools_;
  RepositoryGate& gate_;
};

}  // namespace runner
