#include "runner/process/stop_sequence.h"

#include <algorithm>
#include <csignal>

namespace runner {

bool StopSequence::Begin(StopCause cause, MonotonicTime now) {
  if (cause_ != StopCause::kNone || cause == StopCause::kNone) return false;
  cause_ = cause;
  next_ = now;
  return true;
}

void StopSequence::Hurry(MonotonicTime now) {
  if (!next_) return;
  if (step_ == Step::kKill) {
    next_ = std::min(*next_, hurried_ ? now : now + kHurriedGrace);
  } else if (step_ == Step::kTerminate) {
    next_ = now;
  }
  hurried_ = true;
  policy_.interrupt_grace = std::chrono::milliseconds{0};
  policy_.terminate_grace = std::min(policy_.terminate_grace, kHurriedGrace);
}

std::optional<int> StopSequence::Due(MonotonicTime now) {
  if (!next_ || now < *next_) return std::nullopt;
  switch (step_) {
    case Step::kInterrupt:
      step_ = Step::kTerminate;
      next_ = now + policy_.interrupt_grace;
      return SIGINT;
    case Step::kTerminate:
      step_ = Step::kKill;
      next_ = now + policy_.terminate_grace;
      return SIGTERM;
    case Step::kKill:
      step_ = Step::kNothing;
      next_.reset();
      return SIGKILL;
    case Step::kNothing:
      break;
  }
  return std::nullopt;
}

}  // namespace runner
