#pragma once

#include <map>
#include <string>
#include <vector>

#include "runner/process/process_runner.h"
#include "runner/restic/restic.h"
#include "targets/base/result.h"
#include "targets/model/target.h"

namespace runner {

/// What a hook is told about the run, by environment.
struct HookContext {
  const targets::Target& target;
  std::string instance;
  std::string stage;     // RUNNER_STAGE
  std::string outcome;   // RUNNER_OUTCOME: "success", "incomplete", "failed", "skipped", "blocked";
                         // empty in `before`
  std::string reason;    // RUNNER_REASON, one line
  std::string snapshot;  // RUNNER_SNAPSHOT
};

/// The exit code of a `before` hook that means "not now": the run is skipped and is no failure.
inline constexpr int kHookSkip = 75;  // EX_TEMPFAIL of sysexits.h

enum class HookVerdict { kProceed, kSkip, kFail };

struct HookResult {
  HookVerdict verdict = HookVerdict::kProceed;
  std::string reason;  // one line; empty for kProceed
};

/// Runs `hooks` one after the other, each with the target's hook timeout and without the
/// repository's secrets. `before` hooks stop at the first that does not proceed; the others all run
/// and the first failure is reported.
class HookRunner {
 public:
  HookRunner(ProcessRunner& processes, const targets::Config& config)
      : processes_(processes), config_(config) {}

  HookResult RunBefore(const HookContext& context, StopHandle& stop);
  /// These run even while the runner stops: an `after` hook brings a paused application back.
  HookResult RunAll(const std::vector<targets::Argv>& hooks, const HookContext& context);
  /// The program that judges what a drill restored: kFail unless it ends with 0, and the last line
  /// that it wrote is part of the reason.
  HookResult RunJudge(const targets::Argv& command, const HookContext& context, StopHandle& stop);

 private:
  ProcessResult RunOne(const targets::Argv& hook, const HookContext& context, StopHandle& stop);

  ProcessRunner& processes_;
  const targets::Config& config_;
};

/// The environment that hooks and stream commands get, and what they must not see.
ProcessSpec UserCommand(const targets::Config& config, const targets::Target& target,
                        targets::Argv argv);

}  // namespace runner
