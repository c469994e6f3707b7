#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "runner/base/clock.h"
#include "runner/base/file_system.h"
#include "runner/restic/restic.h"

namespace runner {

/// Proof of having entered the gate; leaving is its destruction or the death of the process.
class GatePass {
 public:
  explicit GatePass(std::unique_ptr<FileLock> lock) : lock_(std::move(lock)) {}

 private:
  std::unique_ptr<FileLock> lock_;
};

/// Who may use the repository: backups and restores share it, forget, prune, check and unlock have
/// it alone. Holds between threads and between processes (flock on two files of the state folder),
/// so that `runner run` typed beside the daemon waits its turn. Neither side starves: whoever waits
/// for the gate holds the turnstile, which everybody must pass first.
class RepositoryGate {
 public:
  using Pause = std::function<void(std::chrono::milliseconds)>;

  /// `folder` must exist. `pause` waits for so long; a test moves its clock instead.
  RepositoryGate(FileSystem& files, const Clock& clock, std::string folder, Pause pause);

  /// Waits until entered, at most `patience`. Errors: the patience is over, `stop` was used, the
  /// files cannot be locked.
  targets::Result<std::unique_ptr<GatePass>> Enter(
      LockMode mode, StopHandle& stop,
      std::optional<std::chrono::milliseconds> patience = std::nullopt);

  using Lock = targets::Result<std::unique_ptr<FileLock>>;
  /// Tries a lock of these jobs until it is free, at most `patience`. nullptr: it is not, or `stop`
  /// was used.
  Lock Await(const std::function<Lock()>& attempt, StopHandle& stop,
             std::optional<std::chrono::milliseconds> patience);

 private:
  Lock Try(const std::function<Lock()>& attempt, StopHandle& stop,
           std::optional<MonotonicTime> deadline);
  Lock LockWhenFree(const std::string& name, LockMode mode, StopHandle& stop,
                    std::optional<MonotonicTime> deadline);
  [[nodiscard]] std::optional<MonotonicTime> After(
      std::optional<std::chrono::milliseconds> patience) const;

  FileSystem& files_;
  const Clock& clock_;
  std::string folder_;
  Pause pause_;
};

/// The real Pause.
void SleepFor(std::chrono::milliseconds duration);

}  // namespace runner
