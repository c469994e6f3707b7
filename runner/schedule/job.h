#pragma once

#include <compare>
#include <optional>
#include <string_view>

#include "targets/base/strong_id.h"
#include "targets/base/time.h"
#include "targets/model/schedule.h"
#include "targets/model/stage.h"
#include "targets/schedule/recurrence.h"

namespace runner {

/// What a job is called for its whole life: a stage of a target, or of the repository (then
/// `target` is empty). All forgets of a wave are one job: {kForget, no target}.
struct JobKey {
  targets::TargetId target;
  targets::Stage stage = targets::Stage::kBackup;

  auto operator<=>(const JobKey&) const = default;
};

/// The job of the scheduler itself: what a wave of backups leaves behind to forget.
inline const JobKey kForgetKey{targets::TargetId{}, targets::Stage::kForget};

/// True for the stages that must have the repository for themselves.
constexpr bool IsExclusive(targets::Stage stage) {
  return stage == targets::Stage::kForget || stage == targets::Stage::kPrune ||
         stage == targets::Stage::kCheck;
}

/// A job that the scheduler knows: when it is due, and how it behaves when things go wrong.
struct JobSpec {
  JobKey key;
  targets::Recurrence recurrence;
  targets::CatchUp catch_up = targets::CatchUp::kOnce;
  bool at_start = false;     // also once at every start of the daemon
  bool forget_after = true;  // of a backup: its success makes a forget due
};

/// What must survive a crash about one job; attempt, success and due stand apart.
struct JobRecord {
  /// The newest occurrence that is settled: begun, skipped, or already past when the job was first
  /// seen.
  std::optional<targets::UnixTime> settled_due;
  std::optional<targets::UnixTime> last_attempt;
  std::optional<targets::UnixTime> last_success;
  /// Set while a failed run waits for its next try inside its slot.
  std::optional<targets::UnixTime> retry_at;
  int retries = 0;       // of the present slot
  bool running = false;  // begun and not finished: after a crash, "interrupted"

  bool operator==(const JobRecord&) const = default;
};

/// How a run ended, as far as the scheduler cares. A skipped one is neither tried again nor a
/// success.
enum class JobEnd { kSuccess, kFailure, kSkipped };

/// Why a job is started now; `runner explain` and the log say it.
enum class StartReason {
  kScheduled,
  kCatchUp,
  kRetry,
  kDaemonStart,
  kInterrupted,
  kRequested,
  kAfterBackup
};

std::string_view StartReasonName(StartReason reason);

}  // namespace runner
