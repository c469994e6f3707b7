#include "runner/jobs/quarantine.h"

#include <fmt/format.h>

#include <algorithm>

#include "targets/guard/guard.h"

namespace runner {
namespace {

using targets::Snapshot;
using targets::SnapshotId;
using targets::Stage;
using targets::Target;

constexpr const char* kDecision = "unproven_since";  // in TargetFacts::decisions, Unix seconds

Failure FromError(const targets::Error& error) {
  return {Cause::kUnknown, error.message, error.hint, {}};
}

/// Whether a snapshot of it may be bad although restic was content.
bool NeedsProof(const Target& target) {
  return target.IsStream() || targets::GuardsSnapshots(target);
}

bool IsProven(const TargetFacts& facts, const SnapshotId& id) {
  return facts.newest_proven == id || (facts.newest_good && facts.newest_good->id == id);
}

bool Tagged(const QuarantinedSnapshot& found) { return found.snapshot.id != found.original; }

/// Those that the guards found and that bear no tag yet.
std::vector<SnapshotId> Untagged(const TargetFacts& facts, const std::vector<Snapshot>& listing) {
  std::vector<SnapshotId> ids;
  for (const QuarantinedSnapshot& found : facts.quarantined) {
    for (const Snapshot& snapshot : listing) {
      const bool same = snapshot.FirstId() == found.original;
      if (same && !snapshot.HasTag(targets::kQuarantineTag)) ids.push_back(snapshot.id);
    }
  }
  return ids;
}

/// A tag gave them new ids.
void Rename(TargetFacts& facts, const std::vector<Snapshot>& listing) {
  for (QuarantinedSnapshot& found : facts.quarantined) {
    for (const Snapshot& snapshot : listing) {
      if (snapshot.FirstId() != found.original) continue;
      if (facts.newest_proven == found.snapshot.id) facts.newest_proven = snapshot.id;
      found.snapshot.id = snapshot.id;
    }
  }
}

}  // namespace

void Quarantine::Say(Severity severity, const Target& target, std::string message) {
  tools_.observer.OnEvent({severity, target.id.str(), "backup", std::move(message)});
}

void Quarantine::Note(const std::vector<const Target*>& targets) {
  for (const Target* target : targets) {
    if (!NeedsProof(*target) || SuspectSince(*target)) continue;
    const auto lock = tools_.state.TryLockTarget(target->id);
    if (!lock || *lock == nullptr) continue;  // at work right now
    const auto marker = tools_.markers.Read({target->id, Stage::kBackup});
    if (!marker || !marker->has_value() || (*marker)->status != MarkerStatus::kRunning) continue;
    const auto noted = Remember(*target, (*marker)->time.value_or(targets::UnixTime{}));
    if (!noted) Say(Severity::kError, *target, noted.error().message);
  }
}

std::optional<targets::UnixTime> Quarantine::SuspectSince(const Target& target) const {
  const auto facts = tools_.facts.ReadTarget(target.id);
  if (!facts) return std::nullopt;
  const auto found = facts->decisions.find(kDecision);
  return found == facts->decisions.end() ? std::nullopt : ParseUnixTime(found->second);
}

targets::Status Quarantine::Remember(const Target& target, std::optional<targets::UnixTime> since) {
  return tools_.facts.UpdateTarget(target.id, [&](TargetFacts& facts) {
    if (since) {
      facts.decisions[kDecision] = std::to_string(targets::ToUnixSeconds(*since));
    } else {
      facts.decisions.erase(kDecision);
    }
  });
}

std::optional<Failure> Quarantine::SetAside(const Target& target, StopHandle& stop) {
  const auto lock = tools_.state.TryLockTarget(target.id);
  if (!lock || *lock == nullptr) return std::nullopt;  // the run itself will say so
  if (auto failure = SetUnprovenAside(target, stop)) return failure;
  if (const auto tagged = TagFound(target, stop); !tagged) {
    Say(Severity::kWarning, target,
        fmt::format("a suspicious snapshot could not be tagged as quarantined, the next run tries "
                    "again: {}",
                    tagged.error().reason));
  }
  return std::nullopt;
}

std::optional<Failure> Quarantine::SetUnprovenAside(const Target& target, StopHandle& stop) {
  const auto since = SuspectSince(target);
  if (!since) return std::nullopt;
  const auto tagged = TagUnproven(target, *since, stop);
  if (!tagged) {
    Failure failure = tagged.error();
    failure.reason =
        "an interrupted run may have left a bad snapshot, and it could not be set aside: " +
        failure.reason;
    return failure;
  }
  const auto settled = Remember(target, std::nullopt);
  if (settled) return std::nullopt;
  return Failure{Cause::kDiskFull, settled.error().message, settled.error().hint, {}};
}

void Quarantine::Remove(const Target& target, const targets::SnapshotId& snapshot,
                        targets::UnixTime began, StopHandle& stop) {
  if (const auto noted = Remember(target, began); !noted)
    Say(Severity::kError, target, noted.error().message);
  const auto removed = ForgetAlone(snapshot, stop);
  if (removed) {
    if (const auto settled = Remember(target, std::nullopt); !settled)
      Say(Severity::kError, target, settled.error().message);
    return;
  }
  Say(Severity::kWarning, target,
      fmt::format("the worthless snapshot {} could not be removed: {}", snapshot.str().substr(0, 8),
                  removed.error().reason));
  if (const auto failure = SetUnprovenAside(target, stop))
    Say(Severity::kError, target, failure->reason);
}

Outcome<void> Quarantine::ForgetAlone(const targets::SnapshotId& snapshot, StopHandle& stop) {
  const auto alone = EnterAlone(stop);
  if (!alone) return tl::unexpected<Failure>(alone.error());
  return tools_.restic.Forget(std::vector{snapshot}, stop);
}

Outcome<std::unique_ptr<GatePass>> Quarantine::EnterAlone(StopHandle& stop) {
  auto alone = gate_.Enter(LockMode::kExclusive, stop, tools_.config.repository.retry_lock);
  if (alone) return *std::move(alone);
  return tl::unexpected<Failure>(
      Failure{Cause::kLocked, alone.error().message, alone.error().hint, {}});
}

Outcome<void> Quarantine::TagUnproven(const Target& target, targets::UnixTime since,
                                      StopHandle& stop) {
  const auto alone = EnterAlone(stop);
  if (!alone) return tl::unexpected<Failure>(alone.error());
  const auto snapshots = tools_.restic.Snapshots(target.id, stop);
  if (!snapshots) return tl::unexpected<Failure>(snapshots.error());
  const auto facts = tools_.facts.ReadTarget(target.id);
  std::vector<SnapshotId> unproven;
  for (const Snapshot& snapshot : *snapshots) {
    const bool proven = facts && IsProven(*facts, snapshot.id);
    if (snapshot.time < since || proven || snapshot.HasTag(targets::kQuarantineTag)) continue;
    unproven.push_back(snapshot.id);
  }
  if (unproven.empty()) return {};
  if (auto tagged = tools_.restic.AddTag(unproven, targets::kQuarantineTag, stop); !tagged) {
    return tagged;
  }
  for (const SnapshotId& id : unproven) {
    Say(Severity::kWarning, target,
        fmt::format("snapshot {} was made by an interrupted run: {}, so it is quarantined",
                    id.str().substr(0, 8),
                    target.IsStream() ? "it may be cut off" : "no guard has seen it"));
  }
  return {};
}

Outcome<void> Quarantine::TagFound(const Target& target, StopHandle& stop) {
  auto facts = tools_.facts.ReadTarget(target.id);
  if (!facts) return tl::unexpected<Failure>(FromError(facts.error()));
  if (std::ranges::all_of(facts->quarantined, Tagged)) return {};
  const auto alone = EnterAlone(stop);
  if (!alone) return tl::unexpected<Failure>(alone.error());
  auto snapshots = tools_.restic.Snapshots(target.id, stop);
  if (!snapshots) return tl::unexpected<Failure>(snapshots.error());
  if (const auto ids = Untagged(*facts, *snapshots); !ids.empty()) {
    if (auto tagged = tools_.restic.AddTag(ids, targets::kQuarantineTag, stop); !tagged)
      return tagged;
    snapshots = tools_.restic.Snapshots(target.id, stop);
    if (!snapshots) return tl::unexpected<Failure>(snapshots.error());
  }
  Rename(*facts, *snapshots);
  const auto saved = tools_.facts.WriteTarget(target.id, *facts);
  if (saved) return {};
  return tl::unexpected<Failure>(FromError(saved.error()));
}

}  // namespace runner
