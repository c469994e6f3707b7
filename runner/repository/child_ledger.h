#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/file_system.h"
#include "runner/process/process_runner.h"
#include "targets/base/time.h"

namespace runner {

/// Remembers on disk which restic children this installation started, so that after a crash a lock
/// in the repository can be recognised as left by our own dead run: same host name and process id,
/// and an entry whose process is gone. One small file per child (`<folder>/<pid>`), removed when
/// the child was seen to end in an orderly way (its temporary file counts too, for a runner that
/// was killed while it wrote it); that of a killed or interrupted one stays until the
/// locks were looked at. One that ended well is remembered in memory: even its lock may be left,
/// by a storage that keeps what it was told to delete.
class ChildLedger {
 public:
  /// `folder` must exist. `proc` is where process information lives, normally "/proc".
  ChildLedger(FileSystem& files, const Clock& clock, std::string folder,
              std::string proc = "/proc");

  void Started(pid_t pid);
  void Ended(pid_t pid);

  /// True if we started a child of this id not later than `locked_at`, and that very process is
  /// dead; of one that ended well also not later than its end, and not
  /// refreshed for six minutes: a living restic refreshes its lock every five, and another machine
  /// may use our host name and the same process ids.
  [[nodiscard]] bool WasOurs(pid_t pid, targets::UnixTime locked_at) const;
  /// True if any process of that id is alive now.
  [[nodiscard]] bool Alive(pid_t pid) const;
  /// The program's name of a living process ("restic"), empty if there is none.
  [[nodiscard]] std::string NameOf(pid_t pid) const;
  /// Process ids of children that died in disorder (they were killed, or this installation
  /// crashed): they may have left locks.
  [[nodiscard]] std::vector<pid_t> Dead() const;
  /// For WasOurs(), of a child that was seen to end well: Ended() follows.
  void EndedWell(pid_t pid);
  /// Forgets entries of dead processes that are too old to matter (a day: locks are stale after 30
  /// minutes).
  void Sweep();

 private:
  struct Entry {
    targets::UnixTime started{};
    std::string birth;  // boot id and start tick: tells a process from a later one of the same id
  };
  struct Life {
    targets::UnixTime started{};
    targets::UnixTime ended{};
  };
  [[nodiscard]] bool EndedWellSince(pid_t pid, targets::UnixTime locked_at) const;
  [[nodiscard]] bool DiedInDisorder(pid_t pid, targets::UnixTime locked_at) const;
  [[nodiscard]] std::vector<std::string> NamesOf(const std::string& pid) const;
  [[nodiscard]] std::optional<Entry> Find(const std::string& pid) const;
  [[nodiscard]] std::optional<Entry> Read(const std::string& name) const;
  [[nodiscard]] std::string Birth(const std::string& pid) const;

  FileSystem& files_;
  const Clock& clock_;
  std::string folder_;
  std::string proc_;
  mutable std::mutex mutex_;
  std::map<pid_t, Life> ended_well_;  // those whose locks are not yet stale by their age
};

/// A ProcessRunner that enters every child into a ledger.
class LedgerProcessRunner final : public ProcessRunner {
 public:
  LedgerProcessRunner(ProcessRunner& inner, ChildLedger& ledger) : inner_(inner), ledger_(ledger) {}

  std::unique_ptr<Process> Launch(ProcessSpec spec) override;
  std::unique_ptr<StreamPair> LaunchStream(ProcessSpec producer, ProcessSpec consumer) override;
  void StopAll() override { inner_.StopAll(); }

 private:
  ProcessRunner& inner_;
  ChildLedger& ledger_;
};

}  // namespace runner
