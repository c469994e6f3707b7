#include "runner/app/progress_log.h"

namespace runner {

void ProgressLog::OnProgress(const Progress& progress) {
  const MonotonicTime now = clock_.Monotonic();
  std::string line;
  {
    const std::lock_guard lock(mutex_);
    const auto [at, is_new] =
        jobs_.try_emplace({progress.target, progress.stage}, Job{{}, now + interval_});
    Job& job = at->second;
    job.meter.Add(now, progress.bytes_done);
    if (now < job.next) return;
    job.next = now + interval_;
    line = ProgressText(progress, job.meter.BytesPerSecond());
  }
  log_->OnEvent({Severity::kInfo, progress.target, progress.stage, std::move(line)});
}

void ProgressLog::OnProgressEnd(const std::string& target, const std::string& stage) {
  const std::lock_guard lock(mutex_);
  jobs_.erase({target, stage});
}

}  // namespace runner
