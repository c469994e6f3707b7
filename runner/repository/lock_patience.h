#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "runner/base/clock.h"
#include "runner/base/observer.h"
#include "runner/repository/gate.h"
#include "runner/repository/lock_cleaner.h"
#include "runner/restic/restic.h"
#include "targets/model/config.h"

namespace runner {

/// Gets a command that needs the repository for itself past the locks of others: removes dead ones,
/// and waits for living ones up to `repository.retry_lock`. Releases of restic that wait by
/// themselves (--retry-lock) are started once more only if a dead lock is gone; older ones every
/// ten seconds. Thread-safe. All arguments outlive it.
class LockPatience {
 public:
  using Pause = RepositoryGate::Pause;
  /// Runs the command; nullopt: it succeeded.
  using Command = std::function<std::optional<Failure>()>;

  static constexpr std::chrono::seconds kBetweenTries{10};

  LockPatience(const targets::Config& config, Restic& restic, LockCleaner& cleaner,
               const Clock& clock, Observer& observer, Pause pause)
      : config_(config),
        restic_(restic),
        cleaner_(cleaner),
        clock_(clock),
        observer_(observer),
        pause_(std::move(pause)) {}

  /// How the last try ended. A failure that is no lock comes back at once. Of a lock the reason
  /// names holder, process, host and age.
  std::optional<Failure> Run(const Command& command, const GatePass& alone, StopHandle& stop);

  /// For a backup, which must not be started again every ten seconds, since its hooks may stop a
  /// whole application: looks at the locks instead. True if none is exclusive any more; false at
  /// once for a release of restic that has waited by itself. REQUIRES: the caller is outside the
  /// gate.
  bool Outlast(const std::string& reason, StopHandle& stop);

 private:
  [[nodiscard]] bool ResticWaitsByItself() const;
  void Announce(const std::string& reason);
  bool AnyExclusive(StopHandle& stop);
  void WaitForNextTry(MonotonicTime deadline, StopHandle& stop);

  const targets::Config& config_;
  Restic& restic_;
  LockCleaner& cleaner_;
  const Clock& clock_;
  Observer& observer_;
  Pause pause_;
};

}  // namespace runner
