#include <algorithm>

#include "runner/restic/restic.h"

namespace runner {

void StopHandle::Stop(StopCause cause) {
  const std::scoped_lock guard(mutex_);
  if (stopped_) return;
  stopped_ = cause;
  for (Process* process : processes_) process->RequestStop(cause);
}

bool StopHandle::Stopped() const {
  const std::scoped_lock guard(mutex_);
  return stopped_.has_value();
}

void StopHandle::Attach(Process* process) {
  const std::scoped_lock guard(mutex_);
  processes_.push_back(process);
  if (stopped_) process->RequestStop(*stopped_);
}

void StopHandle::Detach(Process* process) {
  const std::scoped_lock guard(mutex_);
  const auto found = std::ranges::find(processes_, process);
  if (found != processes_.end()) processes_.erase(found);
}

}  // namespace runner
