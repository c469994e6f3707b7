#pragma once

#include <string>

#include "runner/schedule/job.h"
#include "targets/base/result.h"

namespace runner {

/// What a person may ask the daemon for. Thread-safe. Returns when the daemon has taken it, not
/// when it is done.
class Actions {
 public:
  virtual ~Actions() = default;

  /// Runs the job now, or lets the run that goes on be the answer.
  virtual void RunNow(const JobKey& key) = 0;

  enum class Verdict { kAccept, kDiscard };
  /// Answers a target's quarantine, as `runner ack` does.
  virtual void Acknowledge(const targets::TargetId& target, Verdict verdict) = 0;
};

}  // namespace runner
