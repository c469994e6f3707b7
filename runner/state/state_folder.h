#pragma once

#include <memory>
#include <string>

#include "runner/base/file_system.h"
#include "targets/base/result.h"
#include "targets/base/strong_id.h"
#include "targets/base/time.h"
#include "targets/model/stage.h"

namespace runner {

/// Where everything that survives a restart lies (docs/formats/state.md), and the locks that tell
/// who works with it. Cheap to copy, thread-safe. `files` must outlive it. Paths may be asked for
/// without the folder existing; nothing but Prepare, PrepareTarget and the Lock functions writes.
class StateFolder {
 public:
  static constexpr int kVersion = 1;

  StateFolder(FileSystem& files, std::string root);

  /// Creates what is missing (mode 0700), checks the version, and removes temporary files which a
  /// crash left behind more than an hour before `now`. Errors have a hint: the folder cannot be
  /// used, or a newer runner wrote it.
  [[nodiscard]] targets::Status Prepare(targets::UnixTime now) const;
  /// Creates the folder of a target. REQUIRES: Prepare().
  [[nodiscard]] targets::Status PrepareTarget(const targets::TargetId& id) const;

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string VersionFile() const;
  [[nodiscard]] std::string TargetsFolder() const;
  [[nodiscard]] std::string TargetFolder(const targets::TargetId& id) const;
  [[nodiscard]] std::string RepositoryFolder() const;
  [[nodiscard]] std::string DaemonFile() const;
  [[nodiscard]] std::string CacheFolder() const;

  /// Exclusive and held until destroyed or the death of the process; nullptr: another process (or
  /// thread) has it. A RUNNING marker is believed only while its lock is held, so take the lock
  /// first and write the marker then.
  using Lock = targets::Result<std::unique_ptr<FileLock>>;
  /// Held during a whole run of a target (all its stages but forget), so that two runs never
  /// overlap. Creates the target's folder.
  [[nodiscard]] Lock TryLockTarget(const targets::TargetId& id) const;
  /// Held while a stage of the repository runs, and during a forget, which serves many targets at
  /// once. REQUIRES: Prepare().
  [[nodiscard]] Lock TryLockRepositoryStage(targets::Stage stage) const;
  /// Held for the daemon's life. REQUIRES: Prepare().
  [[nodiscard]] Lock TryLockDaemon() const;

  /// The same locks seen from outside; they are not disturbed.
  [[nodiscard]] targets::Result<bool> TargetIsLocked(const targets::TargetId& id) const;
  [[nodiscard]] targets::Result<bool> RepositoryStageIsLocked(targets::Stage stage) const;
  [[nodiscard]] targets::Result<bool> DaemonIsLocked() const;

 private:
  [[nodiscard]] targets::Status CheckVersion() const;
  void RemoveLeftovers(const std::string& folder, targets::UnixTime now) const;

  FileSystem* files_;
  std::string root_;
};

}  // namespace runner
