#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runner/restic/json.h"
#include "targets/restic/version.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_process_runner.h"

namespace runner::testing {

/// 64 times the same hexadecimal digit: a full id of restic.
std::string FullId(char digit);

/// Plays restic 0.18 on a FakeProcessRunner: one repository in memory that knows init, cat config,
/// backup (of folders and of standard input), snapshots, diff, list locks, cat lock, unlock, tag,
/// which gives a snapshot a new id, forget, prune and check. Forget, prune and check need the
/// repository for themselves: any lock stops them. With a `host` of its own each working command
/// holds a lock, which a SIGINT removes and a death leaves behind. A test looks at and changes the
/// public members between the runs.
class FakeRestic {
 public:
  static constexpr targets::ResticVersion kVersion{0, 18, 0};

  struct Stored {
    std::string id;
    targets::UnixTime time{};
    std::string host;
    std::vector<std::string> tags;
    /// False: some files could not be read, or the input was cut off. Only the test sees it.
    bool whole = true;
    std::string original = {};  // its id before its tags were changed
    std::string parent = {};
    std::string path = "/d";
  };
  struct Key {
    std::string user = "root";
    std::string host = "vm";
    bool users = false;  // the one that the user's password opens
  };
  /// A command at work that holds a lock.
  struct AtWork {
    std::string command;
    std::string lock;
    std::optional<Stored> makes = {};  // a backup: what it will have stored at its end
    bool stream = false;
  };
  using Takes = std::function<std::chrono::milliseconds(const std::string& command)>;

  FakeRestic(FakeProcessRunner& processes, const FakeClock& clock);
  /// From now on it plays there: the same repository, a machine that was started anew.
  void PlayOn(FakeProcessRunner& processes);

  /// What the next such command ("backup", "cat config", "list locks", ...) does instead.
  void Next(const std::string& command, Script script);
  /// How often a command was started.
  [[nodiscard]] int Count(const std::string& command) const;

  /// The end of a command that met a lock.
  static Script MeetsALock();
  static Script MeetsALock(const LockInfo& lock, targets::UnixTime now);

  std::optional<std::string> repository = FullId('a');  // nullopt: restic finds none
  std::vector<Stored> snapshots;
  BackupSummary figures{.total_files = 7, .total_bytes = 70};          // of the next backups
  SnapshotDiff difference;                                             // between any two snapshots
  std::map<std::string, LockInfo> locks;                               // by full id
  std::map<std::string, Key> keys = {{FullId('c'), {.users = true}}};  // by id
  std::string master_key;  // what `cat masterkey` prints
  /// Whether the password in the child's environment opens the repository; empty: any does.
  std::function<bool(const ProcessSpec& spec)> opens;
  bool damaged = false;    // check finds errors
  int unneeded_packs = 0;  // prune removes them
  int most_backups_at_once = 0;

  std::string host;  // of the locks; empty: no command takes one
  Takes takes;       // how long a command that takes a lock works; else no time
  /// Which locks `unlock` removes; else all.
  std::function<bool(const LockInfo& lock)> stale;
  /// Sees every command before it is played.
  std::function<void(const std::string& command, const ProcessSpec& spec)> watch;
  /// Told whenever `cat config` names repository FullId('a').
  std::function<void()> answered;
  std::map<std::string, int> done;         // commands that take a lock and did all their work
  bool next_backup_is_incomplete = false;  // the next one exits with 3
  std::map<pid_t, AtWork> at_work;

 private:
  struct Work {
    std::string command;
    std::function<void()> effect;
    std::string out;
    int code = 0;
    std::optional<Stored> makes = {};
    bool stream = false;
  };

  Script Play(const ProcessSpec& spec);
  Script Answer(const std::string& command, const ProcessSpec& spec);
  Script Backup(const ProcessSpec& spec);
  Script Locking(Work work);
  [[nodiscard]] const LockInfo* LockAgainst(const std::string& command) const;
  Script List(const ProcessSpec& spec) const;
  [[nodiscard]] Script ListKeys() const;
  Script ChangeTags(const ProcessSpec& spec);
  Script Diff(const ProcessSpec& spec) const;
  Script Forget(const ProcessSpec& spec);
  Script Prune();
  Script Check();

  const FakeClock& clock_;
  FakeProcessRunner* processes_ = nullptr;
  std::map<std::string, std::deque<Script>> next_;
  std::map<std::string, int> counts_;
  int made_ = 0;
  int locks_made_ = 0;
  int backups_at_work_ = 0;
};

}  // namespace runner::testing
