#pragma once

#include <deque>
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
/// backup (of folders and of standard input), snapshots, list locks, cat lock, unlock, tag, forget,
/// prune and check. Forget, prune and check need the repository for themselves: any lock stops
/// them. A test looks at and changes the public members between the runs.
class FakeRestic {
 public:
  static constexpr targets::ResticVersion kVersion{0, 18, 0};

  struct Stored {
    std::string id;
    targets::UnixTime time{};
    std::string host;
    std::vector<std::string> tags;
  };

  FakeRestic(FakeProcessRunner& processes, const FakeClock& clock);

  /// What the next such command ("backup", "cat config", "list locks", ...) does instead.
  void Next(const std::string& command, Script script);
  /// How often a command was started.
  [[nodiscard]] int Count(const std::string& command) const;

  /// The end of a command that met a lock.
  static Script MeetsALock();
  static Script MeetsALock(const LockInfo& lock, targets::UnixTime now);

  std::optional<std::string> repository = FullId('a');  // nullopt: restic finds none
  std::vector<Stored> snapshots;
  std::map<std::string, LockInfo> locks;  // by full id
  bool damaged = false;                   // check finds errors
  int unneeded_packs = 0;                 // prune removes them
  int most_backups_at_once = 0;

 private:
  Script Play(const ProcessSpec& spec);
  Script Answer(const std::string& command, const ProcessSpec& spec);
  Script Backup(const ProcessSpec& spec);
  Script List(const ProcessSpec& spec) const;
  Script AddTag(const ProcessSpec& spec);
  Script Forget(const ProcessSpec& spec);
  Script Prune();
  [[nodiscard]] Script Check() const;

  const FakeClock& clock_;
  std::map<std::string, std::deque<Script>> next_;
  std::map<std::string, int> counts_;
  int made_ = 0;
  int backups_at_work_ = 0;
};

}  // namespace runner::testing
