#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "runner/app/progress_text.h"
#include "runner/base/clock.h"
#include "runner/base/observer.h"

namespace runner {

/// For pipes and logs: hands every event on, and makes one of a job's progress once in an interval,
/// the first one interval after its beginning. A job that is quick has none.
class ProgressLog final : public Observer {
 public:
  /// `clock` outlives it.
  ProgressLog(std::unique_ptr<Observer> log, const Clock& clock, std::chrono::seconds interval)
      : log_(std::move(log)), clock_(clock), interval_(interval) {}

  void OnEvent(const Event& event) override { log_->OnEvent(event); }
  void OnProgress(const Progress& progress) override;
  void OnProgressEnd(const std::string& target, const std::string& stage) override;

 private:
  struct Job {
    ProgressMeter meter;
    MonotonicTime next;  // line
  };

  std::unique_ptr<Observer> log_;
  const Clock& clock_;
  std::chrono::seconds interval_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Job> jobs_;  // by target and stage
};

}  // namespace runner
