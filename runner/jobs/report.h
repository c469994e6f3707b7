#pragma once

#include <string>
#include <string_view>

#include "runner/restic/failure.h"
#include "runner/restic/json.h"
#include "runner/restic/restic.h"
#include "runner/state/marker.h"
#include "targets/base/strong_id.h"
#include "targets/model/stage.h"

namespace runner {

/// How one job instance ended. Everything but kSuccess and kSkipped needs a person sooner or later.
enum class JobOutcome {
  kSuccess,
  kIncomplete,  // a snapshot exists, some files could not be read
  kFailed,
  kBlocked,      // nothing was tried, or the repository's answer is unknown
  kSkipped,      // a `before` hook said "not now"; retention is suspended
  kInterrupted,  // the runner was asked to stop
};

/// "success", "incomplete", "failed", "blocked", "skipped", "interrupted".
std::string_view JobOutcomeName(JobOutcome outcome);

/// What a marker says of it.
MarkerStatus MarkerStatusOf(JobOutcome outcome);

/// How a job ends whose command of restic failed so: a lock and a cap block it, a stop of ours
/// interrupts it.
JobOutcome OutcomeOf(const Failure& failure, const StopHandle& stop);

struct JobReport {
  targets::TargetId target;
  targets::Stage stage = targets::Stage::kBackup;
  JobOutcome outcome = JobOutcome::kFailed;
  Cause cause = Cause::kNone;
  std::string reason;            // one line
  std::string hint;              // what a person can do; may be empty
  targets::SnapshotId snapshot;  // proven to be in the repository; empty if none was made
  BackupSummary summary;
};

}  // namespace runner
