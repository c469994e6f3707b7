#include "runner/app/snapshot_facts.h"

#include <set>

#include "runner/app/machine_keys.h"
#include "runner/app/secrets.h"
#include "runner/app/session.h"
#include "runner/jobs/forget_plan.h"
#include "runner/repository/listings.h"
#include "runner/restic/restic.h"
#include "runner/state/fact_store.h"
#include "runner/state/marker_store.h"
#include "targets/restic/capabilities.h"
#include "targets/retention/decide.h"
#include "targets/schedule/zone.h"

namespace runner {
namespace {

using targets::Snapshot;
using targets::SnapshotId;
using targets::Target;
using targets::TargetId;

void Warn(targets::PlanInput& input, std::string path, std::string message, std::string hint) {
  targets::Diagnostic warning;
  warning.severity = targets::DiagnosticSeverity::kWarning;
  warning.path = std::move(path);
  warning.message = std::move(message);
  warning.hint = std::move(hint);
  input.diagnostics.push_back(std::move(warning));
}

std::string PathOf(const Target& target) { return "targets." + target.id.str(); }

/// What a restore check would find. None: this listing alone does not prove that there is none.
targets::RepositoryAnswer NewestGood(const TargetFacts& facts, const std::vector<Snapshot>& own,
                                     targets::UnixTime now) {
  const Snapshot* newest = nullptr;
  for (const Snapshot& snapshot : own) {
    if (IsQuarantined(facts, snapshot) || snapshot.time > now) continue;
    if (newest == nullptr || snapshot.time > newest->time) newest = &snapshot;
  }
  if (newest == nullptr) return targets::NotAsked{};
  return targets::SnapshotFound{newest->id, newest->time};
}

/// What cannot be read stops the forget itself: a target that is missing here is not decided about.
std::map<TargetId, KnownSnapshots> ReadKnown(Machine& machine, const targets::Config& config,
                                             targets::PlanInput& input) {
  const StateFolder state(machine.files, config.state_dir);
  const FactStore facts(machine.files, state);
  const targets::Redactor redactor = machine.console.redactor();
  const MarkerStore markers(machine.files, redactor, state);
  std::map<TargetId, KnownSnapshots> known;
  for (const Target& target : config.targets) {
    const auto learned = facts.ReadTarget(target.id);
    const auto backup = markers.Read({target.id, targets::Stage::kBackup});
    const auto at_work = state.TargetIsLocked(target.id);
    if (learned && backup && at_work) {
      known[target.id] = {*learned, *backup, *at_work};
    } else {
      const targets::Error& error = !learned  ? learned.error()
                                    : !backup ? backup.error()
                                              : at_work.error();
      Warn(input, PathOf(target), error.message, error.hint);
    }
  }
  return known;
}

/// What retention keeps with its reasons, and what the forget keeps beyond that.
targets::RetentionDecision Decision(const ForgetInput& forget, const ForgetPlan& plan,
                                    const std::vector<Snapshot>& own, const ForgetRules& rules) {
  targets::RetentionDecision decision =
      targets::Decide(forget.target.retention, own, rules.zone, rules.now, rules.rules);
  const std::set<SnapshotId> removed(plan.remove.begin(), plan.remove.end());
  std::vector<SnapshotId> remove;
  for (const SnapshotId& id : decision.remove) {
    if (removed.contains(id)) {
      remove.push_back(id);
    } else {
      const char* reason = plan.suspended.empty() ? "newest proven" : "forget is suspended";
      decision.keep.push_back({id, {reason}});
    }
  }
  decision.remove = std::move(remove);
  return decision;
}

/// What would stop every forget: far fewer snapshots than were there before.
std::optional<Failure> DoubtAboutListing(Machine& machine, const targets::Config& config,
                                         std::uint64_t listed) {
  const auto facts =
      FactStore(machine.files, StateFolder(machine.files, config.state_dir)).ReadRepository();
  if (!facts) return Failure{Cause::kUnknown, facts.error().message, facts.error().hint, {}};
  return DoubtAbout(listed, facts->snapshots_listed, "this instance");
}

}  // namespace

void AddRetention(const targets::Config& config, const std::vector<Snapshot>& listing,
                  const std::map<TargetId, KnownSnapshots>& known, targets::PlanInput& input) {
  const auto zone = targets::Zone::Load(config.timezone);
  const bool oldest = targets::Has(*input.version, targets::Feature::kUnlimitedKeep);
  const ForgetRules rules{zone ? *zone : targets::Zone(), input.at,
                          oldest ? targets::RetentionRules::kWithOldestRule
                                 : targets::RetentionRules::kBeforeOldestRule};
  for (const Target& target : config.targets) {
    const auto found = known.find(target.id);
    if (found == known.end()) continue;
    const auto& [learned, backup, at_work] = found->second;
    const ForgetInput forget{config.instance, target, learned, backup, at_work};
    const std::vector<Snapshot> own = OfTarget(forget, listing);
    // Without a rule no forget runs, so nothing can suspend it.
    const ForgetPlan plan =
        target.retention.Empty() ? ForgetPlan{} : PlanForget(forget, listing, rules);
    targets::TargetFacts& facts = input.facts[target.id];
    facts.snapshots = own.size();
    facts.newest = NewestGood(learned, own, input.at);
    facts.retention = Decision(forget, plan, own, rules);
    for (const Snapshot& snapshot : own) facts.taken[snapshot.id] = snapshot.time;
    if (!plan.suspended.empty())
      Warn(input, PathOf(target), "forget is suspended: " + plan.suspended, "");
  }
}

std::vector<targets::PlanSnapshot> SnapshotsOf(Machine& machine, const targets::Config& config,
                                               const TargetId& target,
                                               const std::vector<Snapshot>& listing,
                                               targets::ResticVersion version) {
  targets::Config alone = config;
  std::erase_if(alone.targets, [&](const Target& other) { return other.id != target; });
  targets::PlanInput input{alone};
  input.at = machine.clock.Now();
  input.version = version;
  AddRetention(alone, listing, ReadKnown(machine, alone, input), input);
  const auto plan = targets::MakePlan(input);
  if (!plan || plan->targets.empty() || !plan->targets.front().snapshots) return {};
  return *plan->targets.front().snapshots;
}

void ListSnapshotsForPlan(Machine& machine, const targets::Config& config,
                          targets::PlanInput& input) {
  const std::string what = "the snapshots could not be listed: ";
  auto secrets = ResolveSecrets(config, machine.files, machine.processes);
  if (!secrets) return Warn(input, "", what + secrets.error().message, secrets.error().hint);
  targets::Redactor redactor = machine.console.redactor();
  AddSecrets(config, *secrets, redactor);
  machine.console.SetRedactor(std::move(redactor));
  KeyChoice key;
  UseKeptKey(machine, config, secrets->password, key);
  Restic restic(config, *std::move(secrets), *input.version, machine.processes,
                ResticProgram(machine), &key);
  const auto listing = restic.SnapshotsWithoutTrace(machine.stop);
  if (!listing) return Warn(input, "", what + listing.error().reason, listing.error().hint);
  if (const auto doubt = DoubtAboutListing(machine, config, listing->size()))
    return Warn(input, "", doubt->reason, doubt->hint);
  AddRetention(config, *listing, ReadKnown(machine, config, input), input);
}

}  // namespace runner
