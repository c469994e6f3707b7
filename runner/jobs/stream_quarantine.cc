#include "runner/jobs/stream_quarantine.h"

#include <fmt/format.h>

namespace runner {
namespace {

using targets::Snapshot;
using targets::Stage;
using targets::Target;

constexpr const char* kDecision = "unproven_since";  // in TargetFacts::decisions, Unix seconds

}  // namespace

void StreamQuarantine::Say(Severity severity, const Target& target, std::string message) {
  tools_.observer.OnEvent({severity, target.id.str(), "backup", std::move(message)});
}

void StreamQuarantine::Note(const std::vector<const Target*>& targets) {
  for (const Target* target : targets) {
    if (!target->IsStream() || SuspectSince(*target)) continue;
    const auto lock = tools_.state.TryLockTarget(target->id);
    if (!lock || *lock == nullptr) continue;  // at work right now
    const auto marker = tools_.markers.Read({target->id, Stage::kBackup});
    if (!marker || !marker->has_value() || (*marker)->status != MarkerStatus::kRunning) continue;
    const auto noted = Remember(*target, (*marker)->time.value_or(targets::UnixTime{}));
    if (!noted) Say(Severity::kError, *target, noted.error().message);
  }
}

std::optional<targets::UnixTime> StreamQuarantine::SuspectSince(const Target& target) const {
  const auto facts = tools_.facts.ReadTarget(target.id);
  if (!facts) return std::nullopt;
  const auto found = facts->decisions.find(kDecision);
  return found == facts->decisions.end() ? std::nullopt : ParseUnixTime(found->second);
}

targets::Status StreamQuarantine::Remember(const Target& target,
                                           std::optional<targets::UnixTime> since) {
  auto facts = tools_.facts.ReadTarget(target.id);
  if (!facts) return targets::Fail(facts.error());
  if (since) {
    facts->decisions[kDecision] = std::to_string(targets::ToUnixSeconds(*since));
  } else {
    facts->decisions.erase(kDecision);
  }
  return tools_.facts.WriteTarget(target.id, *facts);
}

std::optional<Failure> StreamQuarantine::SetAside(const Target& target, StopHandle& stop) {
  if (!target.IsStream()) return std::nullopt;
  const auto since = SuspectSince(target);
  if (!since) return std::nullopt;
  const auto tagged = TagUnproven(target, *since, stop);
  if (!tagged) {
    Failure failure = tagged.error();
    failure.reason =
        "an interrupted run may have left half a stream as a snapshot, and it could not "
        "be set aside: " +
        failure.reason;
    return failure;
  }
  const auto settled = Remember(target, std::nullopt);
  if (settled) return std::nullopt;
  return Failure{Cause::kDiskFull, settled.error().message, settled.error().hint, {}};
}

void StreamQuarantine::SetAsideSince(const Target& target, targets::UnixTime began,
                                     StopHandle& stop) {
  const auto noted = Remember(target, began);
  if (!noted) Say(Severity::kError, target, noted.error().message);
  if (const auto failure = SetAside(target, stop)) Say(Severity::kError, target, failure->reason);
}

Outcome<void> StreamQuarantine::TagUnproven(const Target& target, targets::UnixTime since,
                                            StopHandle& stop) {
  const auto alone = gate_.Enter(LockMode::kExclusive, stop, tools_.config.repository.retry_lock);
  if (!alone) {
    return tl::unexpected<Failure>(
        Failure{Cause::kLocked, alone.error().message, alone.error().hint, {}});
  }
  const auto snapshots = tools_.restic.Snapshots(target.id, stop);
  if (!snapshots) return tl::unexpected<Failure>(snapshots.error());
  const auto facts = tools_.facts.ReadTarget(target.id);
  std::vector<targets::SnapshotId> unproven;
  for (const Snapshot& snapshot : *snapshots) {
    const bool proven = facts && facts->newest_good && facts->newest_good->id == snapshot.id;
    if (snapshot.time < since || proven || snapshot.HasTag(targets::kQuarantineTag)) continue;
    unproven.push_back(snapshot.id);
  }
  if (unproven.empty()) return {};
  if (auto tagged = tools_.restic.AddTag(unproven, targets::kQuarantineTag, stop); !tagged) {
    return tagged;
  }
  for (const targets::SnapshotId& id : unproven) {
    Say(Severity::kWarning, target,
        fmt::format("snapshot {} was made by an interrupted run: it may be cut off, so it is "
                    "quarantined",
                    id.str().substr(0, 8)));
  }
  return {};
}

}  // namespace runner
