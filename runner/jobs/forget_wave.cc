#include "runner/jobs/forget_wave.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "targets/base/text.h"
#include "targets/restic/capabilities.h"

namespace runner {
namespace {

using targets::SnapshotId;
using targets::Stage;
using targets::Target;

/// How often the same removal is asked for again.
constexpr int kMoreRemovals = 2;
constexpr std::size_t kIdsToName = 5;

Failure Unknown(std::string reason, std::string hint = {}) {
  return {Cause::kUnknown, std::move(reason), std::move(hint), {}};
}

Failure FromError(const targets::Error& error) { return Unknown(error.message, error.hint); }

/// "snapshots ab12cd34, 5e6f7a8b and 7 more".
std::string Names(const std::vector<SnapshotId>& ids) {
  std::vector<std::string> names;
  for (const SnapshotId& id : std::span(ids).first(std::min(ids.size(), kIdsToName)))
    names.push_back(id.str().substr(0, 8));
  const std::size_t more = ids.size() - names.size();
  return fmt::format("snapshot{} {}{}", ids.size() == 1 ? "" : "s", targets::Join(names, ", "),
                     more == 0 ? "" : fmt::format(" and {} more", more));
}

std::string Describe(const ForgetPlan& plan) {
  if (plan.keep.empty()) return "no snapshots yet";
  if (plan.remove.empty()) return fmt::format("kept {}, nothing to remove", plan.keep.size());
  return fmt::format("kept {}, removed {} ({})", plan.keep.size(), plan.remove.size(),
                     Names(plan.remove));
}

std::set<SnapshotId> IdsOf(const Listing& listing) {
  std::set<SnapshotId> ids;
  for (const targets::Snapshot& snapshot : listing.snapshots) ids.insert(snapshot.id);
  return ids;
}

/// Whether the repository now holds what the plan wanted; empty: it does.
std::optional<Failure> Compare(const ForgetPlan& plan, const std::set<SnapshotId>& listed) {
  std::vector<SnapshotId> lost;
  for (const SnapshotId& id : plan.keep) {
    if (!listed.contains(id)) lost.push_back(id);
  }
  if (!lost.empty()) {
    return Unknown(fmt::format("{} should be kept, but the repository does not list {} any more",
                               Names(lost), lost.size() == 1 ? "it" : "them"),
                   "another program may be removing snapshots; do not prune before that is clear");
  }
  std::vector<SnapshotId> left;
  for (const SnapshotId& id : plan.remove) {
    if (listed.contains(id)) left.push_back(id);
  }
  if (left.empty()) return std::nullopt;
  return Unknown(fmt::format("restic says that it removed {}, but the repository still lists {}",
                             Names(left), left.size() == 1 ? "it" : "them"),
                 "the storage may keep old versions of removed files; it is tried again after the "
                 "next backup");
}

/// What a failed call left: restic may have removed some before it failed.
Failure Partial(const ForgetPlan& plan, const Failure& failure, const Outcome<Listing>& proof) {
  if (!proof) return failure;
  const std::set<SnapshotId> listed = IdsOf(*proof);
  const auto gone = std::count_if(plan.remove.begin(), plan.remove.end(),
                                  [&](const SnapshotId& id) { return !listed.contains(id); });
  Failure told = failure;
  if (gone > 0)
    told.reason =
        fmt::format("removed {} of {}, then: {}", gone, plan.remove.size(), failure.reason);
  return told;
}

}  // namespace

std::vector<JobReport> ForgetWave::Run(const std::vector<const Target*>& targets,
                                       StopHandle& stop) {
  Entries entries;
  const auto lock = gate_.Await(
      [this] { return tools_.state.TryLockRepositoryStage(Stage::kForget); }, stop, kPatience);
  if (lock && *lock != nullptr) {
    entries = Begin(targets);
    const ErrorListener::Listening listening(tools_.errors, {{}, Stage::kForget});
    Work(entries, stop);
  } else {
    for (const Target* target : targets) {
      if (!target->retention.Empty())
        entries.push_back({target, {tools_, {target->id, Stage::kForget}}});
    }
    EndAll(entries, lock ? JobOutcome::kBlocked : JobOutcome::kFailed,
           lock ? Saying("another forget is at work") : FromError(lock.error()));
  }
  std::vector<JobReport> reports;
  for (Entry& entry : entries) reports.push_back(*std::move(entry.report));
  return reports;
}

/// Says RUNNING for all that have a retention. Of the others nothing may be left: a failure of a
/// retention that was taken away would stay for ever.
ForgetWave::Entries ForgetWave::Begin(const std::vector<const Target*>& targets) {
  Entries entries;
  for (const Target* target : targets) {
    const MarkerKey key{target->id, Stage::kForget};
    if (target->retention.Empty()) {
      const auto marker = tools_.markers.Read(key);
      if (!marker || marker->has_value()) static_cast<void>(tools_.markers.Remove(key));
      continue;
    }
    Entry& entry = entries.emplace_back(Entry{target, {tools_, key}});
    if (const auto begun = entry.run.Begin(); !begun) {
      entry.report = entry.run.End(
          JobOutcome::kFailed, {Cause::kDiskFull, begun.error().message, begun.error().hint, {}});
    }
  }
  return entries;
}

void ForgetWave::EndAll(Entries& entries, JobOutcome outcome, const Failure& failure) {
  for (Entry& entry : entries) {
    if (!entry.report) entry.report = entry.run.End(outcome, failure);
  }
}

void ForgetWave::Work(Entries& entries, StopHandle& stop) {
  const bool any = std::any_of(entries.begin(), entries.end(),
                               [](const Entry& entry) { return !entry.report.has_value(); });
  if (!any) return;
  const auto refuse = [&](const Failure& failure) {
    EndAll(entries, stop.Stopped() ? JobOutcome::kInterrupted : JobOutcome::kBlocked, failure);
  };
  if (const auto opened = opener_.OpenExisting(stop); !opened) return refuse(opened.error());
  auto listing = FirstListing(entries, stop);
  if (!listing) return refuse(listing.error());
  if (listing->doubt) return refuse(*listing->doubt);
  if (PlanAll(entries, *listing)) RemoveAlone(entries, *std::move(listing), stop);
  EndIdle(entries);
}

/// Carries the plans out, unless they have to be made anew and come to nothing.
void ForgetWave::RemoveAlone(Entries& entries, Listing planned, StopHandle& stop) {
  const auto alone = gate_.Enter(LockMode::kExclusive, stop);
  if (!alone) {
    return EndAll(entries, JobOutcome::kInterrupted,
                  {Cause::kInterrupted, alone.error().message, alone.error().hint, {}});
  }
  if (tools_.clock.Now() - planned.began > kDecisionLasts) {
    auto again = listings_.Take(stop);
    if (!again) return EndAll(entries, OutcomeOf(again.error(), stop), again.error());
    if (again->doubt) return EndAll(entries, JobOutcome::kBlocked, *again->doubt);
    if (!PlanAll(entries, *again)) return;
    planned = *std::move(again);
  }
  cleaner_.CleanUpAfterCrash(**alone, stop);
  std::vector<SnapshotId> ids;
  for (const Entry& entry : entries)
    ids.insert(ids.end(), entry.plan.remove.begin(), entry.plan.remove.end());
  if (const auto noted = listings_.AboutToRemove(ids.size()); !noted)
    return EndAll(entries, JobOutcome::kFailed, FromError(noted.error()));
  auto failure = Remove(ids, **alone, stop);
  StopHandle own;  // what was done deserves its proof even while the runner stops
  auto proof = failure ? listings_.Take(own)
                       : listings_.TakeAfterRemoval(planned, {ids.begin(), ids.end()}, own);
  // A storage that keeps versions shows the one below what was removed.
  for (int round = 0; round < kMoreRemovals && !failure && proof && !stop.Stopped(); ++round) {
    const std::set<SnapshotId> listed = IdsOf(*proof);
    std::erase_if(ids, [&](const SnapshotId& id) { return !listed.contains(id); });
    if (ids.empty()) break;
    failure = Remove(ids, **alone, stop);
    proof = listings_.Take(own);
  }
  EndRemoved(entries, failure, proof, stop);
}

/// The remembered listing, unless it began before a snapshot that was proven since.
Outcome<Listing> ForgetWave::FirstListing(const Entries& entries, StopHandle& stop) {
  auto listing = listings_.Get(kListingLasts, stop);
  if (!listing || HoldsEveryProof(*listing, entries)) return listing;
  return listings_.Take(stop);
}

bool ForgetWave::HoldsEveryProof(const Listing& listing, const Entries& entries) const {
  const std::set<SnapshotId> listed = IdsOf(listing);
  return std::all_of(entries.begin(), entries.end(), [&](const Entry& entry) {
    const auto facts = tools_.facts.ReadTarget(entry.target->id);
    return !facts || !facts->newest_proven || listed.contains(*facts->newest_proven);
  });
}

/// Decides for every target that goes on; true: there is something to remove.
bool ForgetWave::PlanAll(Entries& entries, const Listing& listing) {
  const auto zone = targets::Zone::Load(tools_.config.timezone);
  if (!zone) {
    EndAll(entries, JobOutcome::kFailed, FromError(zone.error()));
    return false;
  }
  const bool oldest_rule =
      targets::Has(tools_.restic.commands().version(), targets::Feature::kUnlimitedKeep);
  const ForgetRules rules{*zone, tools_.clock.Now(),
                          oldest_rule ? targets::RetentionRules::kWithOldestRule
                                      : targets::RetentionRules::kBeforeOldestRule};
  bool any = false;
  for (Entry& entry : entries) {
    if (entry.report) continue;
    PlanOne(entry, listing, rules);
    any = any || !entry.plan.remove.empty();
  }
  return any;
}

void ForgetWave::PlanOne(Entry& entry, const Listing& listing, const ForgetRules& rules) {
  const Target& target = *entry.target;
  entry.plan = {};
  entry.refused.reset();
  const auto facts = tools_.facts.ReadTarget(target.id);
  const auto backup = tools_.markers.Read({target.id, Stage::kBackup});
  const auto at_work = tools_.state.TargetIsLocked(target.id);
  if (!facts || !backup || !at_work) {
    entry.plan.suspended = !facts    ? facts.error().message
                           : !backup ? backup.error().message
                                     : at_work.error().message;
    return;
  }
  const ForgetInput input{tools_.config.instance, target, *facts, *backup, *at_work};
  entry.plan = PlanForget(input, listing.snapshots, rules);
  const std::string objection = ObjectionTo(entry.plan, input, listing.snapshots);
  if (objection.empty()) return;
  entry.refused = Unknown("refused to forget: " + objection, "please report this");
  entry.plan = {};
}

std::optional<Failure> ForgetWave::Remove(const std::vector<SnapshotId>& ids, const GatePass& alone,
                                          StopHandle& stop) {
  for (std::size_t from = 0; from < ids.size(); from += kIdsAtOnce) {
    const std::span chunk = std::span(ids).subspan(from, std::min(kIdsAtOnce, ids.size() - from));
    const auto forget = [&]() -> std::optional<Failure> {
      const auto done = tools_.restic.Forget(chunk, stop);
      return done ? std::nullopt : std::optional(done.error());
    };
    if (auto failure = patience_.Run(forget, alone, stop)) return failure;
  }
  return std::nullopt;
}

void ForgetWave::EndRemoved(Entries& entries, const std::optional<Failure>& failure,
                            const Outcome<Listing>& proof, const StopHandle& stop) {
  for (Entry& entry : entries) {
    if (entry.report || entry.plan.remove.empty()) continue;
    if (failure) {
      entry.report = entry.run.End(OutcomeOf(*failure, stop), Partial(entry.plan, *failure, proof));
    } else if (!proof) {
      Failure unproven = proof.error();
      unproven.reason = "the removal could not be proven: " + unproven.reason;
      entry.report = entry.run.End(JobOutcome::kFailed, std::move(unproven));
    } else if (auto differs = Compare(entry.plan, IdsOf(*proof))) {
      entry.report = entry.run.End(JobOutcome::kFailed, *std::move(differs));
    } else {
      entry.report = entry.run.End(JobOutcome::kSuccess, Saying(Describe(entry.plan)));
    }
  }
}

/// The targets of which nothing is removed.
void ForgetWave::EndIdle(Entries& entries) {
  for (Entry& entry : entries) {
    if (entry.report) continue;
    if (entry.refused) {
      entry.report = entry.run.End(JobOutcome::kFailed, *entry.refused);
    } else if (!entry.plan.suspended.empty()) {
      entry.report =
          entry.run.End(JobOutcome::kSkipped, Saying("nothing removed: " + entry.plan.suspended));
    } else {
      entry.report = entry.run.End(JobOutcome::kSuccess, Saying(Describe(entry.plan)));
    }
  }
}

}  // namespace runner
