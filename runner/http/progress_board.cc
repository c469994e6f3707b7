#include "runner/http/progress_board.h"

namespace runner {

void ProgressBoard::OnProgress(const Progress& progress) {
  {
    const std::lock_guard lock(mutex_);
    jobs_[{progress.target, progress.stage}] = progress;
  }
  next_->OnProgress(progress);
}

void ProgressBoard::OnProgressEnd(const std::string& target, const std::string& stage) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.erase({target, stage});
  }
  next_->OnProgressEnd(target, stage);
}

ProgressMap ProgressBoard::Now() const {
  const std::lock_guard lock(mutex_);
  return jobs_;
}

}  // namespace runner
