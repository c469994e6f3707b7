// What goes wrong with the repository, its locks and its commands.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tests/runner/daemon/installation_world.h"

namespace runner::testing {
namespace {

using targets::Duration;

constexpr Duration kMinute{60};
constexpr Duration kHour{3600};
constexpr Duration kDay{24 * 3600};

Script Ends(const std::string& complaint, int code, const ProcessSpec& spec) {
  Script end = Script().Complains(complaint).Exits(code);
  const auto& argv = spec.argv;
  if (std::find(argv.begin(), argv.end(), "--stdin") == argv.end()) return end;
  return Script().ExitsOn(2, 130).AtEndOfInput(end);
}

Script NetworkIsDown(const ProcessSpec& spec) {
  return Ends("Fatal: unable to open repository at b2:x: dial tcp 1.2.3.4:443: i/o timeout\n", 1,
              spec);
}

}  // namespace

/// The repository is not there for a while, or another one is in its place.
void InstallationWorld::RepositoryTrouble() {
  if (!restic_.repository || elsewhere_ || !pinned_) return;
  const bool wrong = Below(2) == 0;
  const auto facts = facts_.ReadRepository();
  if (!facts) return;
  // Also one of the future, which the time comes to.
  const bool believed =
      clock_.Now() - facts->proven_at.value_or(Time{}) < RepositoryOpener::kProofLasts;
  // What holds for an hour is a decision; beyond it no command may reach the wrong one.
  if (wrong && (believed || theatre_.AnybodyActs())) {
    return Plan(kMinute * 7, [this] { calm_ ? void() : RepositoryTrouble(); });
  }
  Say(wrong ? "another repository is in the place of ours" : "the repository is gone");
  elsewhere_ = {*restic_.repository, restic_.snapshots};
  refuted_ = false;
  if (wrong) {
    restic_.repository = FullId('b');
    restic_.snapshots.clear();
    // A clock that goes back makes old proofs young.
    Plan(Between(kHour * 6, kHour * 8), [this] {
      if (elsewhere_ && refuted_ && !calm_) SetClockFor(-Between(kHour * 6, kHour * 9), kHour * 12);
    });
  } else {
    restic_.repository.reset();
  }
  Plan(Between(kMinute * 30, kHour * 20), [this] { RepositoryReturns(); });
}

void InstallationWorld::RepositoryReturns() {
  if (!elsewhere_) return;
  Say("our repository is back");
  if (restic_.repository == FullId('b')) restic_.snapshots = elsewhere_->second;
  restic_.repository = elsewhere_->first;
  elsewhere_.reset();
}

void InstallationWorld::LockTrouble() {
  if (Below(3) == 0) {
    // The id of a dead child now belongs to somebody whom no signal may reach.
    for (const auto& [id, lock] : restic_.locks) {
      if (lock.hostname != "here" || restic_.at_work.contains(static_cast<pid_t>(lock.pid)))
        continue;
      Say(fmt::format("process {} is postgres now", lock.pid));
      files_.AddFile(fmt::format("/proc/{}/stat", lock.pid),
                     "1 (postgres) S 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0\n");
      files_.AddFile(fmt::format("/proc/{}/comm", lock.pid), "postgres\n");
      pids_.insert(static_cast<pid_t>(lock.pid));
    }
    return;
  }
  const std::string id = fmt::format("f{:063x}", ++made_by_foreigners_);
  const bool lives = Below(2) == 0;
  Say(lives ? "a foreign host locks the repository" : "a foreign host left a lock");
  restic_.locks[id] = {TrueTime(), Below(2) == 0, "elsewhere", "root", 1000 + Below(20)};
  if (lives) foreign_locks_.insert(id);
  Plan(Between(kMinute * 2, lives ? kHour * 3 : kDay * 2), [this, id] {
    restic_.locks.erase(id);
    foreign_locks_.erase(id);
  });
}

void InstallationWorld::CommandTrouble() {
  if (Below(3) == 0) {
    const Duration takes = Between(kMinute, kHour * 9);
    Say("the network is down");
    outage_until_ = clock_.Monotonic() + takes;
    return;
  }
  const char* command =
      std::array{
          "backup", "backup", "backup", "snapshots",  "snapshots",  "forget",
          "check",  "prune",  "unlock", "list locks", "cat config", "tag"}[static_cast<std::size_t>(
          Below(12))];
  const bool incomplete = std::string(command) == "backup" && Below(2) == 0;
  const Duration lasts = Below(2) == 0 ? Duration{0} : Between(kMinute, kHour * 10);
  disturbed_[command] = {incomplete ? 5 : Below(6), clock_.Monotonic() + lasts};
}

std::optional<Script> InstallationWorld::Disturb(const std::string& command,
                                                 const ProcessSpec& spec) {
  if (files_.Stopped()) return Script().Dies(9);
  if (outage_until_ && clock_.Monotonic() < *outage_until_) return NetworkIsDown(spec);
  const auto found = disturbed_.find(command);
  if (found == disturbed_.end()) return std::nullopt;
  const auto [how, until] = found->second;
  if (clock_.Monotonic() >= until) disturbed_.erase(found);
  Say(fmt::format("trouble {} with `restic {}`", how, command));
  switch (how) {
    case 0:
      return NetworkIsDown(spec);
    case 1:
      return Ends("Fatal: wrong password or no key found\n", 12, spec);
    case 2:
      return Ends("fatal error: runtime: out of memory\n", 2, spec);
    case 3:
      if (command != "snapshots") return Ends("Fatal: something new\n", 77, spec);
      return Script().Prints("[]\n").Exits(0);
    case 4:
      if (command != "snapshots") {
        ++restic_.done[command];  // as far as anybody can tell
        return Ends("", 0, spec);
      }
      return Script().Prints("[]\n").Complains("could not load snapshots\n").Exits(0);
    default:
      if (command != "backup") return FakeRestic::MeetsALock();
      restic_.next_backup_is_incomplete = true;
      return std::nullopt;
  }
}

/// Snapshots that are none of ours come and go: of another host with our tag, and of our host
/// without it. Some look as if they were ours.
void InstallationWorld::ForeignersWork() {
  if (elsewhere_ || !restic_.repository) return;
  const int kind = Below(3);
  const char* host = kind == 0 ? "server2" : "server1";
  const char* tag =
      std::array{"target:photos", "by-hand", "target:documents"}[static_cast<std::size_t>(kind)];
  for (int i = 0; i < (kind == 2 ? 1 : 3); ++i) {
    restic_.snapshots.push_back(
        {fmt::format("f{:063x}", ++made_by_foreigners_), TrueTime(), host, {tag}});
  }
  if (kind == 2) Plan(Between(kMinute * 30, kHour * 3), [this] { PersonForgets(); });
  const auto foreign =
      std::find_if(restic_.snapshots.begin(), restic_.snapshots.end(),
                   [](const FakeRestic::Stored& stored) { return stored.host == "server2"; });
  if (foreign != restic_.snapshots.end()) {
    removed_by_hand_.insert(foreign->id);
    restic_.snapshots.erase(foreign);
  }
}

/// One that is not the newest of its target.
void InstallationWorld::PersonRemoves() {
  if (elsewhere_) return;
  for (const FakeRestic::Stored& stored : restic_.snapshots) {
    const auto made = made_.find(stored.id);
    if (made == made_.end() || truth_[made->second.target].good == stored.id) continue;
    Say("a person removes " + stored.id.substr(56));
    removed_by_hand_.insert(stored.id);
    std::erase_if(restic_.snapshots, [id = stored.id](const auto& s) { return s.id == id; });
    return;
  }
}

/// A clock that was years ahead leaves snapshots dated there; a person removes them.
void InstallationWorld::RemoveFuture() {
  std::erase_if(restic_.snapshots, [&](const FakeRestic::Stored& stored) {
    const bool far = stored.time > TrueTime() + kDay * 2;
    if (far) removed_by_hand_.insert(stored.id);
    return far;
  });
}

/// What becomes of restic's processes when the program or the whole machine dies.
void InstallationWorld::ChildrenDie(bool power_cut) {
  const auto children = std::exchange(restic_.at_work, {});
  for (const auto& [pid, child] : children) {
    if (child.command == "backup") truth_[Id(child.makes->tags.front().substr(7))].failed = true;
    const double luck = Share();
    const bool saves = child.makes && luck < 0.3;
    if (saves) {
      restic_.snapshots.push_back(*child.makes);
      if (child.stream) restic_.snapshots.back().whole = false;
    }
    if (!power_cut && luck < 0.6) restic_.locks.erase(child.lock);
    Say(fmt::format("restic {} died with process {}{}", child.command, pid,
                    saves ? ", and its snapshot is there" : ""));
  }
  NoteSnapshots();
}

/// Whoever lives keeps his lock young, by his own clock.
void InstallationWorld::RefreshLocks() {
  for (auto& [id, lock] : restic_.locks) {
    const bool foreign = foreign_locks_.contains(id);
    const bool own = std::ranges::any_of(
        restic_.at_work, [&](const auto& child) { return child.second.lock == id; });
    if (foreign && TrueTime() - lock.time > kMinute * 5) lock.time = TrueTime();
    if (own && clock_.Now() - lock.time > kMinute * 5) lock.time = clock_.Now();
  }
}

}  // namespace runner::testing
