#include "runner/jobs/acknowledgement.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/jobs/forget_plan.h"
#include "runner/jobs/guard_check.h"

namespace runner {
namespace {

using targets::Snapshot;
using targets::SnapshotId;
using targets::Target;

tl::unexpected<Failure> Refuse(Cause cause, std::string reason, std::string hint = {}) {
  return tl::unexpected<Failure>(Failure{cause, std::move(reason), std::move(hint), {}});
}

tl::unexpected<Failure> Refuse(const targets::Error& error) {
  return Refuse(Cause::kUnknown, error.message, error.hint);
}

std::string Count(std::size_t number) {
  return fmt::format("{} snapshot{}", number, number == 1 ? "" : "s");
}

std::string NameOf(const GoodSnapshot& snapshot) {
  return fmt::format("{} of {}", snapshot.id.str().substr(0, 8),
                     targets::FormatRfc3339(snapshot.time));
}

/// "the newest good one is ..."
std::string NewestGood(const TargetFacts& facts) {
  return facts.newest_good ? "the newest good one is " + NameOf(*facts.newest_good)
                           : std::string("there is no good one yet");
}

const QuarantinedSnapshot* FoundByGuard(const TargetFacts& facts, const Snapshot& snapshot) {
  const auto found =
      std::ranges::find(facts.quarantined, snapshot.FirstId(), &QuarantinedSnapshot::original);
  return found == facts.quarantined.end() ? nullptr : &*found;
}

std::vector<SnapshotId> IdsOf(const std::vector<Snapshot>& snapshots) {
  std::vector<SnapshotId> ids;
  for (const Snapshot& snapshot : snapshots) ids.push_back(snapshot.id);
  return ids;
}

/// Those of `listing` that a guard found, as they are now.
std::vector<Snapshot> FoundByGuards(const TargetFacts& facts,
                                    const std::vector<Snapshot>& listing) {
  std::vector<Snapshot> found;
  std::ranges::copy_if(listing, std::back_inserter(found), [&](const Snapshot& snapshot) {
    return FoundByGuard(facts, snapshot) != nullptr;
  });
  return found;
}

bool IsTagged(const Snapshot& snapshot) { return snapshot.HasTag(targets::kQuarantineTag); }

/// Makes those of `present` good ones.
void MakeGood(const Target& target, TargetFacts& facts, const std::vector<Snapshot>& present) {
  for (const Snapshot& snapshot : present) {
    const QuarantinedSnapshot& found = *FoundByGuard(facts, snapshot);
    GoodSnapshot good = found.snapshot;
    good.id = snapshot.id;
    if (facts.newest_proven == found.snapshot.id) facts.newest_proven = good.id;
    if (!facts.newest_good || facts.newest_good->time <= good.time) {
      NoteClock(target, good.time, facts);
      facts.newest_good = good;
    }
    ++facts.snapshots_seen;
  }
  facts.quarantined.clear();
}

/// They are gone: what was proven before them is the newest again.
void DropQuarantined(TargetFacts& facts) {
  for (const QuarantinedSnapshot& gone : facts.quarantined) {
    if (facts.newest_proven != gone.snapshot.id) continue;
    facts.newest_proven = facts.newest_good ? std::optional(facts.newest_good->id) : std::nullopt;
  }
  facts.quarantined.clear();
}

}  // namespace

Outcome<std::string> Acknowledgement::Run(const Target& target, Answer answer, StopHandle& stop) {
  const auto lock = tools_.state.TryLockTarget(target.id);
  if (!lock) return Refuse(lock.error());
  if (*lock == nullptr) {
    return Refuse(Cause::kLocked, "a run of " + target.id.str() + " is at work",
                  "answer when it has ended");
  }
  auto facts = tools_.facts.ReadTarget(target.id);
  if (!facts) return Refuse(facts.error());
  return answer == Answer::kAccept ? Accept(target, *std::move(facts), stop)
                                   : Discard(target, *std::move(facts), stop);
}

Outcome<std::unique_ptr<GatePass>> Acknowledgement::EnterAlone(StopHandle& stop) {
  if (const auto opened = opener_.OpenExisting(stop); !opened)
    return tl::unexpected<Failure>(opened.error());
  auto alone = gate_.Enter(LockMode::kExclusive, stop, tools_.config.repository.retry_lock);
  if (!alone) return Refuse(Cause::kLocked, alone.error().message, alone.error().hint);
  return *std::move(alone);
}

/// Only what bears the target's identity, whatever the listing says.
Outcome<Acknowledgement::Snapshots> Acknowledgement::List(const Target& target, StopHandle& stop) {
  auto snapshots = tools_.restic.Snapshots(target.id, stop);
  if (!snapshots) return snapshots;
  std::erase_if(*snapshots, [&](const Snapshot& snapshot) {
    return snapshot.hostname != tools_.config.instance.str() ||
           !snapshot.HasTag(targets::IdentityTag(target.id));
  });
  return snapshots;
}

Outcome<std::string> Acknowledgement::Accept(const Target& target, TargetFacts facts,
                                             StopHandle& stop) {
  if (facts.quarantined.empty()) {
    if (facts.decisions.erase(decision_key::kRestoreOwed) > 0) {
      if (const auto saved = tools_.facts.WriteTarget(target.id, facts); !saved)
        return Refuse(saved.error());
      return "accepted: the source stays as it is; its next backup makes it healthy again";
    }
    if (facts.decisions.erase(decision_key::kClockJump) == 0)
      return "no guard waits for an answer: nothing to accept";
    return Finish(target, std::move(facts), MarkerStatus::kSuccess,
                  "accepted: the clock is right, and forget goes on");
  }
  const auto alone = EnterAlone(stop);
  if (!alone) return tl::unexpected<Failure>(alone.error());
  auto listing = List(target, stop);
  if (!listing) return tl::unexpected<Failure>(listing.error());
  if (const auto failure = Untag(FoundByGuards(facts, *listing), **alone, stop))
    return tl::unexpected<Failure>(*failure);
  listing = List(target, stop);
  if (!listing) return tl::unexpected<Failure>(listing.error());
  const Snapshots present = FoundByGuards(facts, *listing);
  if (std::ranges::any_of(present, IsTagged)) {
    return Refuse(Cause::kUnknown,
                  "restic says that it removed the tag, but the repository still lists it",
                  "try it again");
  }
  if (present.empty()) {
    const std::size_t lost = facts.quarantined.size();
    DropQuarantined(facts);
    std::string sentence =
        fmt::format("nothing to accept: {} in quarantine, not in the repository any more; {}",
                    Count(lost), NewestGood(facts));
    return Finish(target, std::move(facts), MarkerStatus::kWarning, std::move(sentence));
  }
  MakeGood(target, facts, present);
  const std::string waits = WaitsForAnswer(target.id, facts);
  std::string sentence =
      fmt::format("accepted {}; {}, and forget {}", Count(present.size()), NewestGood(facts),
                  waits.empty() ? "goes on" : "stays suspended: " + waits);
  return Finish(target, std::move(facts), MarkerStatus::kSuccess, std::move(sentence));
}

std::optional<Failure> Acknowledgement::Untag(const Snapshots& snapshots, const GatePass& alone,
                                              StopHandle& stop) {
  Snapshots tagged;
  std::ranges::copy_if(snapshots, std::back_inserter(tagged), IsTagged);
  if (tagged.empty()) return std::nullopt;
  const auto untag = [&]() -> std::optional<Failure> {
    const auto done = tools_.restic.RemoveTag(IdsOf(tagged), targets::kQuarantineTag, stop);
    return done ? std::nullopt : std::optional(done.error());
  };
  return patience_.Run(untag, alone, stop);
}

Outcome<std::string> Acknowledgement::Discard(const Target& target, TargetFacts facts,
                                              StopHandle& stop) {
  const auto alone = EnterAlone(stop);
  if (!alone) return tl::unexpected<Failure>(alone.error());
  const auto listing = List(target, stop);
  if (!listing) return tl::unexpected<Failure>(listing.error());
  Snapshots doomed;
  std::ranges::copy_if(*listing, std::back_inserter(doomed), [&](const Snapshot& snapshot) {
    return IsTagged(snapshot) || FoundByGuard(facts, snapshot) != nullptr;
  });
  if (doomed.empty() && facts.quarantined.empty())
    return "nothing is quarantined: nothing to discard";
  const std::vector<SnapshotId> ids = IdsOf(doomed);
  if (facts.newest_good && std::ranges::find(ids, facts.newest_good->id) != ids.end()) {
    return Refuse(Cause::kUnknown,
                  fmt::format("{} is tagged as quarantined, but it is the newest good snapshot: "
                              "nothing is discarded",
                              NameOf(*facts.newest_good)),
                  fmt::format("take its tag away with `runner restic -- tag --remove {} {}`",
                              targets::kQuarantineTag, facts.newest_good->id.str().substr(0, 8)));
  }
  if (const auto failure = Forget(ids, **alone, stop)) return tl::unexpected<Failure>(*failure);
  DropQuarantined(facts);
  std::string sentence = fmt::format("discarded {}; {}", Count(ids.size()), NewestGood(facts));
  return Finish(target, std::move(facts), MarkerStatus::kWarning, std::move(sentence));
}

/// Forgets them by their full ids, and looks that they are gone.
std::optional<Failure> Acknowledgement::Forget(const std::vector<SnapshotId>& ids,
                                               const GatePass& alone, StopHandle& stop) {
  if (ids.empty()) return std::nullopt;
  if (const auto noted = listings_.AboutToRemove(ids.size()); !noted)
    return Refuse(noted.error()).value();
  const auto forget = [&]() -> std::optional<Failure> {
    const auto done = tools_.restic.Forget(ids, stop);
    return done ? std::nullopt : std::optional(done.error());
  };
  if (auto failure = patience_.Run(forget, alone, stop)) return failure;
  StopHandle own;  // what was done deserves its proof even while the runner stops
  const auto proof = listings_.Take(own);
  if (!proof) return proof.error();
  const auto left = std::ranges::count_if(proof->snapshots, [&](const Snapshot& snapshot) {
    return std::ranges::find(ids, snapshot.id) != ids.end();
  });
  if (left == 0) return std::nullopt;
  return Failure{Cause::kUnknown,
                 "restic says that it removed the snapshots, but the repository still lists " +
                     std::to_string(left),
                 "try it again",
                 {}};
}

Outcome<std::string> Acknowledgement::Finish(const Target& target, TargetFacts facts,
                                             MarkerStatus status, std::string sentence) {
  if (const auto saved = tools_.facts.WriteTarget(target.id, facts); !saved)
    return Refuse(saved.error());
  if (const auto settled = SettleMarker(target, status, sentence, facts); !settled)
    return Refuse(settled.error());
  return sentence;
}

/// Ends the alarm of the quarantine, and no other one. The accepted backup succeeded when it ended,
/// not now; with a discarded one the target is as old as its last good one.
targets::Status Acknowledgement::SettleMarker(const Target& target, MarkerStatus status,
                                              const std::string& sentence,
                                              const TargetFacts& facts) {
  const MarkerKey key{target.id, targets::Stage::kBackup};
  const auto marker = tools_.markers.Read(key);
  if (!marker) return targets::Fail(marker.error());
  const bool ours = marker->has_value() && (*marker)->status == MarkerStatus::kFailed &&
                    (*marker)->Detail(marker_key::kCause) == CauseName(Cause::kQuarantined);
  if (!ours || !facts.newest_good) return {};
  Marker settled{status, facts.newest_good->time, sentence, {}};
  settled.details[marker_key::kSnapshot] = facts.newest_good->id.str();
  if (status != MarkerStatus::kSuccess) return tools_.markers.Write(key, settled);
  const auto last = tools_.markers.LastSuccess(key);
  targets::UnixTime when = (*marker)->time.value_or(tools_.clock.Now());
  if (last && last->has_value()) when = std::max(when, **last);
  return tools_.markers.WriteSuccess(key, when, settled);
}

}  // namespace runner
