#pragma once

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
/// Thread-safe as long as each file has one writer at a time.
class FactStore {
 public:
  FactStore(FileSystem& files, StateFolder folder);

  [[nodiscard]] targets::Result<TargetFacts> ReadTarget(const targets::TargetId& id) const;
  /// Creates the target's folder if need be.
  [[nodiscard]] targets::Status WriteTarget(const targets::TargetId& id,
                                            const TargetFacts& facts) const;

  [[nodiscard]] targets::Result<RepositoryFacts> ReadRepository() const;
  [[nodiscard]] targets::Status WriteRepository(const RepositoryFacts& facts) const;

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
  FileSystem& files_;
  StateFolder folder_;
};

}  // namespace runner
