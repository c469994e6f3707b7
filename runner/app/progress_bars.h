#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "runner/app/console.h"
#include "runner/app/progress_text.h"
#include "runner/base/clock.h"
#include "runner/base/observer.h"

namespace runner {

/// On a terminal: one bar for each running job, below everything else that is printed.
class ProgressBars final : public Observer {
 public:
  /// `console` and `clock` outlive it.
  ProgressBars(Console& console, const Clock& clock) : console_(console), clock_(clock) {}
  ~ProgressBars() override;
  ProgressBars(const ProgressBars&) = delete;
  ProgressBars& operator=(const ProgressBars&) = delete;

  void OnEvent(const Event& /*event*/) override {}
  void OnProgress(const Progress& progress) override;
  void OnProgressEnd(const std::string& target, const std::string& stage) override;

 private:
  struct Job {
    Progress progress;
    ProgressMeter meter;
  };

  void Draw();

  Console& console_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Job> jobs_;  // by target and stage
};

}  // namespace runner
