#include "runner/app/snapshot_facts.h"

#include <fmt/format.h>

#include "runner/app/secrets.h"
#include "runner/app/session.h"
#include "runner/restic/restic.h"
#include "runner/state/fact_store.h"
#include "targets/restic/capabilities.h"
#include "targets/retention/decide.h"
#include "targets/schedule/zone.h"

namespace runner {
namespace {

using targets::Snapshot;
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

std::vector<Snapshot> OfTarget(std::span<const Snapshot> listing, const TargetId& id) {
  std::vector<Snapshot> own;
  for (const Snapshot& snapshot : listing) {
    if (snapshot.HasTag(targets::IdentityTag(id))) own.push_back(snapshot);
  }
  return own;
}

/// What a restore check would find. None: this listing alone does not prove that there is none.
targets::RepositoryAnswer NewestGood(const std::vector<Snapshot>& own, targets::UnixTime now) {
  const Snapshot* newest = nullptr;
  for (const Snapshot& snapshot : own) {
    if (snapshot.HasTag(targets::kQuarantineTag) || snapshot.time > now) continue;
    if (newest == nullptr || snapshot.time > newest->time) newest = &snapshot;
  }
  if (newest == nullptr) return targets::NotAsked{};
  return targets::SnapshotFound{newest->id, newest->time};
}

/// Facts that cannot be read prove nothing here; the job itself will complain of them.
std::map<TargetId, std::uint64_t> ProvenSnapshots(Machine& machine, const targets::Config& config) {
  const FactStore facts(machine.files, StateFolder(machine.files, config.state_dir));
  std::map<TargetId, std::uint64_t> proven;
  for (const Target& target : config.targets) {
    const auto known = facts.ReadTarget(target.id);
    if (known) proven[target.id] = known->snapshots_seen;
  }
  return proven;
}

}  // namespace

void AddRetention(const targets::Config& config, std::span<const Snapshot> listing,
                  const std::map<TargetId, std::uint64_t>& proven, targets::PlanInput& input) {
  const auto zone = targets::Zone::Load(config.timezone);
  const bool oldest = targets::Has(*input.version, targets::Feature::kUnlimitedKeep);
  const auto rules = oldest ? targets::RetentionRules::kWithOldestRule
                            : targets::RetentionRules::kBeforeOldestRule;
  for (const Target& target : config.targets) {
    const std::vector<Snapshot> own = OfTarget(listing, target.id);
    targets::TargetFacts& facts = input.facts[target.id];
    facts.snapshots = own.size();
    facts.newest = NewestGood(own, input.at);
    facts.retention =
        targets::Decide(target.retention, own, zone ? *zone : targets::Zone(), input.at, rules);
    for (const Snapshot& snapshot : own) facts.taken[snapshot.id] = snapshot.time;
    const auto seen = proven.find(target.id);
    if (own.empty() && seen != proven.end() && seen->second > 0) {
      Warn(input, "targets." + target.id.str(),
           fmt::format("the repository lists no snapshot, but {} were proven before", seen->second),
           "is it the right repository? `runner run` will not take it for empty");
    }
  }
}

void ListSnapshotsForPlan(Machine& machine, const targets::Config& config,
                          targets::PlanInput& input) {
  const std::string what = "the snapshots could not be listed: ";
  auto secrets = ResolveSecrets(config, machine.files, machine.processes);
  if (!secrets) return Warn(input, "", what + secrets.error().message, secrets.error().hint);
  targets::Redactor redactor = machine.console.redactor();
  AddSecrets(config, *secrets, redactor);
  machine.console.SetRedactor(std::move(redactor));
  Restic restic(config, *std::move(secrets), *input.version, machine.processes,
                ResticProgram(machine));
  const auto listing = restic.SnapshotsWithoutTrace(machine.stop);
  if (!listing) return Warn(input, "", what + listing.error().reason, listing.error().hint);
  AddRetention(config, *listing, ProvenSnapshots(machine, config), input);
}

}  // namespace runner
