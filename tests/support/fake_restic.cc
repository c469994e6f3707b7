#include "tests/support/fake_restic.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "targets/base/text.h"
#include "targets/base/time.h"

namespace runner::testing {
namespace {

bool HasWord(const targets::Argv& argv, const std::string& word) {
  return std::find(argv.begin(), argv.end(), word) != argv.end();
}

/// All values of an option that is given as two words.
std::vector<std::string> Values(const targets::Argv& argv, const std::string& option) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i + 1 < argv.size(); ++i) {
    if (argv[i] == option) values.push_back(argv[i + 1]);
  }
  return values;
}

std::string CommandOf(const targets::Argv& argv) {
  for (const char* pair :
       {"cat config", "cat masterkey", "cat lock", "list locks", "key list", "key remove"}) {
    const std::string text = pair;
    const std::size_t space = text.find(' ');
    if (HasWord(argv, text.substr(0, space)) && HasWord(argv, text.substr(space + 1))) return text;
  }
  for (const char* name : {"init", "backup", "snapshots", "unlock", "tag", "diff", "forget",
                           "prune", "check", "stats"}) {
    if (HasWord(argv, name)) return name;
  }
  return "?";
}

std::string Json(const FakeRestic::Stored& stored) {
  std::string tags;
  for (const std::string& tag : stored.tags)
    tags += fmt::format("{}\"{}\"", tags.empty() ? "" : ",", tag);
  return fmt::format(
      R"({{"id":"{}","time":"{}","hostname":"{}","username":"root","tags":[{}],"paths":["{}"],)"
      R"("parent":"{}","original":"{}"}})",
      stored.id, targets::FormatRfc3339(stored.time), stored.host, tags, stored.path, stored.parent,
      stored.original);
}

std::string Json(const LockInfo& lock) {
  return fmt::format(
      R"({{"time":"{}","exclusive":{},"hostname":"{}","username":"{}","pid":{},"uid":0,"gid":0}})",
      targets::FormatRfc3339(lock.time), lock.exclusive, lock.hostname, lock.username, lock.pid);
}

}  // namespace

std::string FullId(char digit) { return std::string(64, digit); }

FakeRestic::FakeRestic(FakeProcessRunner& processes, const FakeClock& clock) : clock_(clock) {
  PlayOn(processes);
}

void FakeRestic::PlayOn(FakeProcessRunner& processes) {
  processes_ = &processes;
  processes.When([](const ProcessSpec& spec) { return spec.argv.front() == "restic"; },
                 [this](const ProcessSpec& spec) { return Play(spec); });
}

void FakeRestic::Next(const std::string& command, Script script) {
  next_[command].push_back(std::move(script));
}

int FakeRestic::Count(const std::string& command) const {
  const auto found = counts_.find(command);
  return found == counts_.end() ? 0 : found->second;
}

Script FakeRestic::MeetsALock() {
  const targets::UnixTime now = targets::FromUnixSeconds(1'800'000'005);
  return MeetsALock({now - targets::Duration{5}, true, "elsewhere", "root", 42}, now);
}

Script FakeRestic::MeetsALock(const LockInfo& lock, targets::UnixTime now) {
  return Script()
      .Complains(fmt::format(
          "Fatal: unable to create lock in backend: repository is already locked {}by PID {} on {} "
          "by {} (UID 0, GID 0)\nlock was created at {} ({}s ago)\nstorage ID 5e1f0c5b\n",
          lock.exclusive ? "exclusively " : "", lock.pid, lock.hostname, lock.username,
          targets::FormatRfc3339(lock.time), (now - lock.time).count()))
      .Exits(11);
}

Script FakeRestic::Play(const ProcessSpec& spec) {
  const std::string command = CommandOf(spec.argv);
  ++counts_[command];
  if (watch) watch(command, spec);
  std::deque<Script>& next = next_[command];
  if (next.empty()) return Answer(command, spec);
  Script script = std::move(next.front());
  next.pop_front();
  return script;
}

Script FakeRestic::Answer(const std::string& command, const ProcessSpec& spec) {
  if (command == "init") {
    return Script().Does([this] { repository = FullId('a'); }).Exits(0);
  }
  if (!repository)
    return Script()
        .Complains("Fatal: repository does not exist: unable to open config file\n")
        .Exits(10);
  if (opens && !opens(spec))
    return Script().Complains("Fatal: wrong password or no key found\n").Exits(12);
  if (command == "cat masterkey") return Script().Prints(master_key).Exits(0);
  if (command == "key list") return ListKeys();
  if (command == "key remove") {
    return Script().Does([this, id = spec.argv.back()] { keys.erase(id); }).Exits(0);
  }
  if (command == "cat config" && answered && repository == FullId('a')) answered();
  if (command == "cat config")
    return Script().Prints(fmt::format(R"({{"version":2,"id":"{}"}})", *repository)).Exits(0);
  if (command == "snapshots") return List(spec);
  if (const LockInfo* lock = LockAgainst(command)) return MeetsALock(*lock, clock_.Now());
  if (command == "backup") return Backup(spec);
  if (command == "tag") return ChangeTags(spec);
  if (command == "diff") return Diff(spec);
  if (command == "forget") return Forget(spec);
  if (command == "prune") return Prune();
  if (command == "check") return Check();
  if (command == "stats")
    return Script().Prints("{\"total_size\":1800009,\"snapshots_count\":3}\n").Exits(0);
  if (command == "unlock") {
    return Script()
        .Does([this] {
          std::erase_if(locks, [&](const auto& l) { return !stale || stale(l.second); });
        })
        .Exits(0);
  }
  if (command == "list locks") {
    std::string ids;
    for (const auto& [id, lock] : locks) ids += id + "\n";
    return Script().Prints(ids).Exits(0);
  }
  const auto lock = std::find_if(locks.begin(), locks.end(), [&](const auto& entry) {
    return HasWord(spec.argv, entry.first);
  });
  if (command == "cat lock" && lock != locks.end())
    return Script().Prints(Json(lock->second)).Exits(0);
  return Script().Complains("Fatal: not played\n").Exits(1);
}

/// The lock that keeps such a command from working, if there is one.
const LockInfo* FakeRestic::LockAgainst(const std::string& command) const {
  const bool shared = command == "backup";
  const bool exclusive = command == "forget" || command == "prune" || command == "check" ||
                         (command == "tag" && !host.empty());
  if (!exclusive && !(shared && !host.empty())) return nullptr;
  for (const auto& [id, lock] : locks) {
    if (exclusive || lock.exclusive) return &lock;
  }
  return nullptr;
}

/// Works for its time, with a lock if it has a host.
Script FakeRestic::Locking(Work work) {
  work.effect = [this, command = work.command, effect = std::move(work.effect)] {
    effect();
    ++done[command];
  };
  const auto takes_time = takes ? takes(work.command) : std::chrono::milliseconds{0};
  const pid_t pid = processes_->NextPid();
  const bool locking = !host.empty();
  const auto begin = [this, work, pid, id = fmt::format("{:064x}", ++locks_made_)] {
    locks[id] = {clock_.Now(), work.command != "backup", host, "root", pid};
    at_work[pid] = {work.command, id, work.makes, work.stream};
  };
  const auto end = [this, pid] {
    locks.erase(at_work[pid].lock);
    at_work.erase(pid);
  };
  Script script;
  if (locking) script.Does(begin).ExitsOn(2, 130, end);
  if (work.stream) {
    Script then = Script().Does(work.effect);
    if (locking) then.Does(end);
    return script.ExitsOn(2, 130, locking ? std::function<void()>(end) : nullptr)
        .AtEndOfInput(then.Prints(work.out).Exits(work.code));
  }
  script.Does(work.effect, takes_time);
  if (locking) script.Does(end, takes_time);
  return script.Prints(work.out, takes_time).Exits(work.code, takes_time);
}

Script FakeRestic::Backup(const ProcessSpec& spec) {
  most_backups_at_once = std::max(most_backups_at_once, ++backups_at_work_);
  const bool incomplete = std::exchange(next_backup_is_incomplete, false);
  const Stored makes{fmt::format("{:064x}", ++made_), clock_.Now(),
                     Values(spec.argv, "--host").front(), Values(spec.argv, "--tag"), !incomplete};
  Work work{"backup", {}, {}, incomplete ? 3 : 0, makes, HasWord(spec.argv, "--stdin")};
  work.effect = [this, makes] {
    --backups_at_work_;
    const auto newest =
        std::find_if(snapshots.rbegin(), snapshots.rend(),
                     [&](const Stored& stored) { return stored.tags[0] == makes.tags[0]; });
    const std::string parent = newest == snapshots.rend() ? std::string() : newest->id;
    snapshots.push_back(makes);
    snapshots.back().parent = parent;
  };
  work.out = fmt::format(
      R"({{"message_type":"summary","files_new":1,"files_changed":{},"files_unmodified":{},)"
      R"("total_files_processed":{},"total_bytes_processed":{},"snapshot_id":"{}"}})"
      "\n",
      figures.files_changed, figures.files_unmodified, figures.total_files, figures.total_bytes,
      makes.id);
  return Locking(work);
}

Script FakeRestic::List(const ProcessSpec& spec) const {
  const std::vector<std::string> hosts = Values(spec.argv, "--host");
  const std::vector<std::string> tags = Values(spec.argv, "--tag");
  std::string text;
  for (const Stored& stored : snapshots) {
    if (!hosts.empty() && stored.host != hosts.front()) continue;
    if (!tags.empty() && !HasWord(stored.tags, tags.front())) continue;
    text += (text.empty() ? "" : ",") + Json(stored);
  }
  return Script().Prints("[" + text + "]\n").Exits(0);
}

Script FakeRestic::ListKeys() const {
  std::string text;
  for (const auto& [id, key] : keys) {
    text += fmt::format(
        R"({}{{"current":{},"id":"{}","userName":"{}","hostName":"{}","created":"2026-11-24 03:29:10"}})",
        text.empty() ? "" : ",", key.users, id, key.user, key.host);
  }
  return Script().Prints("[" + text + "]\n").Exits(0);
}

Script FakeRestic::ChangeTags(const ProcessSpec& spec) {
  return Locking({"tag",
                  [this, argv = spec.argv] {
                    for (Stored& stored : snapshots) {
                      if (!HasWord(argv, stored.id)) continue;
                      for (const std::string& tags : Values(argv, "--add")) {
                        for (const std::string_view tag : targets::Split(tags, ','))
                          stored.tags.emplace_back(tag);
                      }
                      for (const std::string& tag : Values(argv, "--remove"))
                        std::erase(stored.tags, tag);
                      if (stored.original.empty()) stored.original = stored.id;
                      stored.id = fmt::format("{:064x}", ++made_);
                    }
                  },
                  ""});
}

Script FakeRestic::Diff(const ProcessSpec& spec) const {
  for (std::size_t i = spec.argv.size() - 2; i < spec.argv.size(); ++i) {
    const auto is_it = [&](const Stored& stored) { return stored.id == spec.argv[i]; };
    if (std::ranges::none_of(snapshots, is_it))
      return Script().Complains("Fatal: no matching ID found for prefix\n").Exits(1);
  }
  return Script()
      .Prints("{\"message_type\":\"change\",\"path\":\"/d/a\",\"modifier\":\"M\"}\n")
      .Prints(fmt::format(R"({{"message_type":"statistics","changed_files":{},)"
                          R"("added":{{"files":{}}},"removed":{{"files":{}}}}})"
                          "\n",
                          difference.changed, difference.added, difference.removed))
      .Exits(0);
}

Script FakeRestic::Forget(const ProcessSpec& spec) {
  return Locking({"forget",
                  [this, argv = spec.argv] {
                    std::erase_if(snapshots,
                                  [&](const Stored& stored) { return HasWord(argv, stored.id); });
                  },
                  ""});
}

Script FakeRestic::Prune() {
  return Locking({"prune", [this] { unneeded_packs = 0; },
                  fmt::format("to delete:             {0} blobs / {0} KiB\n"
                              "total prune:           {0} blobs / {0} KiB\n"
                              "remaining:             9 blobs / 9 KiB\n",
                              unneeded_packs)});
}

Script FakeRestic::Check() {
  if (!damaged) return Locking({"check", [] {}, "no errors were found\n"});
  return Script()
      .Complains("Pack ID does not match, want 12, got 34\nFatal: repository contains errors\n")
      .Exits(1);
}

}  // namespace runner::testing
