#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/jobs/backup_job.h"
#include "runner/repository/gate.h"

namespace runner {

/// A stream whose run was killed may have left a snapshot of half its output: restic saw the end of
/// its input when everything died. Such a snapshot was never proven, so it must not pass for a good
/// one. The suspicion is remembered durably before anything else happens, and a target is not
/// backed up again before it is settled.
class StreamQuarantine {
 public:
  /// Both outlive it.
  StreamQuarantine(const JobTools& tools, RepositoryGate& gate) : tools_(tools), gate_(gate) {}

  /// Remembers which of these targets have a run that nobody finished. Needs no repository.
  void Note(const std::vector<const targets::Target*>& targets);

  /// Tags what that run may have left; nothing to do: at once. A failure: the suspicion stands.
  std::optional<Failure> SetAside(const targets::Target& target, StopHandle& stop);

  /// The same at once for a run of ours that began then and left a worthless snapshot; what cannot
  /// be done now is done before the next run. REQUIRES: the target's lock is held, the gate is not.
  void SetAsideSince(const targets::Target& target, targets::UnixTime began, StopHandle& stop);

 private:
  [[nodiscard]] std::optional<targets::UnixTime> SuspectSince(const targets::Target& target) const;
  targets::Status Remember(const targets::Target& target, std::optional<targets::UnixTime> since);
  Outcome<void> TagUnproven(const targets::Target& target, targets::UnixTime since,
                            StopHandle& stop);
  void Say(Severity severity, const targets::Target& target, std::string message);

  const JobTools& tools_;
  RepositoryGate& gate_;
};

}  // namespace runner
