// What every command of restic must respect.
#include <fmt/format.h>

#include <algorithm>

#include "targets/restic/command_lines.h"
#include "targets/retention/decide.h"
#include "tests/runner/daemon/installation_world.h"

namespace runner::testing {
namespace {

using targets::Duration;
using targets::Target;

constexpr Duration kListingsCount{25 * 60};  // so old may one be that a decision rests on

bool HasTag(const FakeRestic::Stored& stored, const std::string& tag) {
  return std::find(stored.tags.begin(), stored.tags.end(), tag) != stored.tags.end();
}

std::vector<std::string> Ids(const ProcessSpec& spec) {
  std::vector<std::string> ids;
  for (const std::string& word : spec.argv) {
    if (targets::IsFullId(word)) ids.push_back(word);
  }
  return ids;
}

bool Has(const ProcessSpec& spec, const std::string& word) {
  return std::find(spec.argv.begin(), spec.argv.end(), word) != spec.argv.end();
}

/// The snapshots of one of our targets as retention sees them.
std::vector<targets::Snapshot> Of(const Target& target,
                                  const std::vector<FakeRestic::Stored>& all) {
  std::vector<targets::Snapshot> own;
  for (const FakeRestic::Stored& stored : all) {
    if (stored.host != "server1" || !HasTag(stored, targets::IdentityTag(target.id))) continue;
    targets::Snapshot snapshot;
    snapshot.id = targets::SnapshotId(stored.id);
    snapshot.time = stored.time;
    snapshot.hostname = stored.host;
    snapshot.tags = stored.tags;
    own.push_back(std::move(snapshot));
  }
  return own;
}

}  // namespace

void InstallationWorld::WatchCommand(const std::string& command, const ProcessSpec& spec) {
  Say("restic " + command);
  RefreshLocks();
  if (files_.Stopped()) {
    restic_.Next(command, Script().Dies(9));
    return;
  }
  const bool changes = command == "backup" || command == "forget" || command == "prune" ||
                       command == "check" || command == "tag";
  if (changes) {
    NoteSnapshots();
    CheckMarkers();
    CheckAlone(command);
  }
  if (changes && restic_.repository == FullId('b'))
    Violation(command + " reached a repository that is not ours");
  if (command == "backup") CheckBackup(spec);
  if (command == "forget") CheckForget(spec);
  if (command == "tag") CheckTag(spec);
  if (command == "unlock") CheckUnlock();
  if (command == "init") {
    ++counts_.inits;
    if (pinned_) Violation("init although an id was pinned");
  }
  if (auto script = Disturb(command, spec)) {
    restic_.Next(command, *std::move(script));
  } else if (command == "snapshots" && restic_.repository && !Has(spec, "--tag")) {
    NoteListing();
  }
}

/// Maintenance beside nothing of ours, and nothing of ours beside maintenance.
void InstallationWorld::CheckAlone(const std::string& command) {
  for (const auto& [pid, child] : restic_.at_work) {
    if (command == "backup" && child.command == "backup") continue;
    Violation(fmt::format("restic {} begins beside our restic {}", command, child.command));
  }
}

void InstallationWorld::CheckBackup(const ProcessSpec& spec) {
  ++counts_.backups;
  if (std::exchange(person_comes_, false))
    Plan(Between(Duration{1}, Duration{300}), [this] { RunBeside(); });
  const auto tag = std::find_if(spec.argv.begin(), spec.argv.end(),
                                [](const auto& word) { return word.starts_with("target:"); });
  if (tag == spec.argv.end() || !Has(spec, "server1"))
    return Violation("a backup without identity");
  const Id id(tag->substr(7));
  if (const auto source = sources_.find(id);
      source != sources_.end() && source->second.first != "has_data")
    Violation(
        fmt::format("the source of {} is {} and is backed up", id.str(), source->second.first));
  for (const auto& [pid, child] : restic_.at_work) {
    if (child.makes && child.makes->tags.front() == *tag)
      Violation("two backups of " + *tag + " at once");
  }
  for (const FakeRestic::Stored& stored : restic_.snapshots) {
    const auto made = made_.find(stored.id);
    if (made == made_.end() || !made->second.stream || made->second.whole) continue;
    if (HasTag(stored, *tag) && !HasTag(stored, "quarantine"))
      Violation("a new backup although a cut-off stream passes for good: " + stored.id);
  }
}

bool InstallationWorld::MayForget(const Target& target, const std::string& id) const {
  const auto zone = targets::Zone::Load("UTC").value();
  return std::ranges::any_of(listings_, [&](const SeenListing& listing) {
    const auto own = Of(target, listing.snapshots);
    return std::ranges::any_of(std::array{listing.at, clock_.Now()}, [&](Time now) {
      const auto decision = targets::Decide(target.retention, own, zone, now,
                                            targets::RetentionRules::kWithOldestRule);
      return std::ranges::find(decision.remove, targets::SnapshotId(id)) != decision.remove.end();
    });
  });
}

/// A forget of this target is content: nothing is left that was to go when it began and when it
/// ended.
void InstallationWorld::CheckForgotten(const Target& target) {
  if (elsewhere_ || !ClockIsRight()) return;
  const MonotonicTime began = stages_[{target.id, targets::Stage::kForget}].began;
  std::vector<FakeRestic::Stored> seen;
  for (const FakeRestic::Stored& stored : restic_.snapshots) {
    const auto made = made_.find(stored.id);
    if (made == made_.end() || made->second.at >= began) continue;
    if (made->second.proven || made->second.at < began - kListingsCount) seen.push_back(stored);
  }
  const auto left = [&](Time now) {
    return targets::Decide(target.retention, Of(target, seen), targets::Zone::Load("UTC").value(),
                           now, targets::RetentionRules::kWithOldestRule)
        .remove;
  };
  const auto then = left(clock_.Now() - std::chrono::ceil<Duration>(clock_.Monotonic() - began));
  for (const targets::SnapshotId& id : left(clock_.Now())) {
    if (truth_[target.id].good != id.str() && std::ranges::find(then, id) != then.end())
      Violation(fmt::format("the forget of {} is content, but left {}", target.id.str(), id.str()));
  }
}

/// Nothing of a target may go whose newest snapshot is doubtful, and known for long enough.
void InstallationWorld::CheckSuspended(const Target& target) {
  const auto own = Of(target, restic_.snapshots);
  if (own.empty() || !ClockIsRight()) return;
  const auto& newest = *std::ranges::max_element(own, {}, &targets::Snapshot::time);
  const Made& made = made_.at(newest.id.str());
  if (clock_.Monotonic() - made.at < kListingsCount) return;
  if (newest.HasTag(targets::kQuarantineTag))
    Violation("forget although the newest snapshot of " + target.id.str() + " is quarantined");
  if (!made.proven)
    Violation("forget although nobody has proven the newest snapshot of " + target.id.str());
}

void InstallationWorld::CheckForget(const ProcessSpec& spec) {
  std::map<Id, int> removed;
  for (const std::string& id : Ids(spec)) {
    const FakeRestic::Stored* stored = Find(id);
    if (stored == nullptr) continue;  // somebody else was faster
    const auto made = made_.find(id);
    if (made == made_.end() || stored->host != "server1")
      return Violation("forget of a snapshot that is none of ours: " + id);
    const Target* target = AnyTarget(made->second.target);
    const bool worthless = made->second.stream && !made->second.whole;
    if (worthless) continue;
    if (truth_[target->id].good == id) Violation("forget of the newest good snapshot " + id);
    if (!MayForget(*target, id)) Violation("retention keeps what forget removes: " + id);
    ++removed[target->id];
    ++counts_.forgotten;
  }
  for (const auto& [id, count] : removed) {
    const Target& target = *AnyTarget(id);
    CheckSuspended(target);
    const auto own = Of(target, restic_.snapshots);
    const auto good = std::ranges::count_if(
        own, [](const targets::Snapshot& s) { return !s.HasTag(targets::kQuarantineTag); });
    if (good - count < std::min<std::ptrdiff_t>(target.retention.min_keep, good))
      Violation("forget leaves fewer than min_keep of " + id.str());
  }
}

void InstallationWorld::CheckTag(const ProcessSpec& spec) {
  for (const std::string& id : Ids(spec)) {
    const FakeRestic::Stored* stored = Find(id);
    if (stored != nullptr && !made_.contains(id))
      Violation("tag of a snapshot that is none of ours: " + id);
    // By a clock that went back an earlier one seems younger than the run that is suspected: then
    // a good one is set aside rather than a bad one left.
    if (made_.contains(id) && truth_[made_[id].target].good == id && ClockIsRight())
      Violation("the newest good snapshot is quarantined: " + id);
  }
}

/// What `unlock` is about to do, judged by who really lives. While the clock is wrong restic itself
/// cannot tell a young lock from an old one.
void InstallationWorld::CheckUnlock() {
  ++counts_.unlocks;
  if (!restic_.at_work.empty()) Violation("unlock beside a command of ours");
  for (const auto& [id, lock] : restic_.locks) {
    if (foreign_locks_.contains(id) && restic_.stale(lock) && ClockIsRight())
      Violation("unlock removes the lock of somebody who lives: " + id);
    if (lock.hostname != "here" || clock_.Now() - lock.time > Duration{1800}) continue;
    const auto name = files_.Read(fmt::format("/proc/{}/comm", lock.pid), 4096);
    const auto stat = files_.Read(fmt::format("/proc/{}/stat", lock.pid), 4096);
    const bool alive = stat && stat->has_value() && !(*stat)->empty();
    if (alive && name && *name == "postgres\n") Violation("unlock sends SIGHUP to postgres");
  }
}

void InstallationWorld::NoteListing() {
  NoteSnapshots();
  for (const FakeRestic::Stored& stored : restic_.snapshots) {
    const auto made = made_.find(stored.id);
    if (made == made_.end()) continue;
    made->second.listed = true;
    const StageTruth& run = stages_[{made->second.target, targets::Stage::kBackup}];
    if (run.at_work > 0 && made->second.at >= run.began) made->second.proven = true;
  }
  listings_.push_back({clock_.Now(), restic_.snapshots});
  while (listings_.size() > 1 &&
         (listings_.size() > 12 || clock_.Now() - listings_.front().at > kListingsCount))
    listings_.pop_front();
}

/// New ones are at the end.
void InstallationWorld::NoteSnapshots() {
  for (auto stored = restic_.snapshots.rbegin(); stored != restic_.snapshots.rend(); ++stored) {
    if (made_.contains(stored->id)) return;
    if (stored->host != "server1" || !stored->tags.front().starts_with("target:")) continue;
    const Id target(stored->tags.front().substr(7));
    const Target* known = AnyTarget(target);
    if (known == nullptr) return Violation("a snapshot of an unknown target");
    made_[stored->id] = {
        target, life_, stored->whole, known->IsStream(), false, clock_.Monotonic()};
  }
}

const FakeRestic::Stored* InstallationWorld::Find(const std::string& snapshot) const {
  const bool swapped = elsewhere_ && restic_.repository;
  const auto& all = swapped ? elsewhere_->second : restic_.snapshots;
  const auto found = std::ranges::find(all, snapshot, &FakeRestic::Stored::id);
  return found == all.end() ? nullptr : &*found;
}

const Target* InstallationWorld::AnyTarget(const Id& id) const {
  for (const auto& household : households_) {
    if (const Target* target = targets::FindTarget(*household, id)) return target;
  }
  return nullptr;
}

}  // namespace runner::testing
