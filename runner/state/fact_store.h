#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "runner/base/file_system.h"
#include "runner/state/facts.h"
#include "runner/state/state_folder.h"
#include "targets/base/result.h"

namespace runner {

/// Reads and writes the facts of a state folder: JSON files, written durably
/// (docs/formats/state.md). A file that is not there gives the facts of something new. One that is
/// damaged is an error, never "new": the facts hold back a restore or an init which would be wrong.
/// Thread-safe as long as the facts of each target, and of the daemon, have one writer at a time.
class FactStore {
 public:
  using Pause = std::function<void(std::chrono::milliseconds)>;

  /// `pause` waits for so long; a test needs no real one.
  FactStore(FileSystem& files, StateFolder folder);
  FactStore(FileSystem& files, StateFolder folder, Pause pause);

  [[nodiscard]] targets::Result<TargetFacts> ReadTarget(const targets::TargetId& id) const;
  /// Creates the target's folder if need be.
  [[nodiscard]] targets::Status WriteTarget(const targets::TargetId& id,
                                            const TargetFacts& facts) const;
  /// Reads, lets `change` work and writes. Unchanged facts are not written.
  [[nodiscard]] targets::Status UpdateTarget(const targets::TargetId& id,
                                             const std::function<void(TargetFacts&)>& change) const;

  [[nodiscard]] targets::Result<RepositoryFacts> ReadRepository() const;
  /// Reads, lets `change` work and writes. Safe between threads and processes: whoever else is at
  /// it is waited for, a few seconds at most. Unchanged facts are not written.
  [[nodiscard]] targets::Status UpdateRepository(
      const std::function<void(RepositoryFacts&)>& change) const;

  /// nullopt: no daemon was ever started here.
  [[nodiscard]] targets::Result<std::optional<DaemonFacts>> ReadDaemon() const;
  /// REQUIRES: the daemon's lock is held. Write it right after the lock was taken, before every
  /// long sleep, and with `stopped` at the end.
  [[nodiscard]] targets::Status WriteDaemon(const DaemonFacts& facts) const;

  /// The repository id that was pinned on first use; nullopt: none yet.
  [[nodiscard]] targets::Result<std::optional<std::string>> PinnedRepositoryId() const;
  /// Pins 64 hexadecimal digits. Errors: it is something else, or another id is pinned already.
  [[nodiscard]] targets::Status PinRepositoryId(const std::string& id) const;
  /// Forgets the pin: the user named another repository in the configuration.
  [[nodiscard]] targets::Status UnpinRepositoryId() const;

 private:
  [[nodiscard]] StateFolder::Lock LockRepositoryFacts() const;

  FileSystem& files_;
  StateFolder folder_;
  Pause pause_;
};

}  // namespace runner
