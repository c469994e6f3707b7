#include "runner/app/make_observer.h"

#include <utility>
#include <vector>

#include "runner/app/log_files.h"
#include "runner/app/progress_bars.h"
#include "runner/app/progress_log.h"

namespace runner {
namespace {

/// Hands everything on to several observers, in their order.
class FanOut final : public Observer {
 public:
  explicit FanOut(std::vector<std::unique_ptr<Observer>> observers)
      : observers_(std::move(observers)) {}
  void OnEvent(const Event& event) override {
    for (const auto& observer : observers_) observer->OnEvent(event);
  }
  void OnProgress(const Progress& progress) override {
    for (const auto& observer : observers_) observer->OnProgress(progress);
  }
  void OnProgressEnd(const std::string& target, const std::string& stage) override {
    for (const auto& observer : observers_) observer->OnProgressEnd(target, stage);
  }

 private:
  std::vector<std::unique_ptr<Observer>> observers_;
};

constexpr std::chrono::minutes kForPersons{1};
constexpr std::chrono::minutes kForLogs{10};

}  // namespace

std::unique_ptr<Observer> MakeObserver(Console& console, const Clock& clock,
                                       const targets::Config& config, Audience audience,
                                       bool debug) {
  const targets::Logging& logging = config.logging;
  const bool all = debug || logging.debug;
  const bool bars = audience == Audience::kPerson && console.erases() &&
                    logging.format == targets::LogFormat::kText;
  const auto in_lines = [&](std::unique_ptr<Observer> log) {
    const auto interval = audience == Audience::kPerson ? kForPersons : kForLogs;
    return std::make_unique<ProgressLog>(std::move(log), clock, interval);
  };
  std::vector<std::unique_ptr<Observer>> observers;
  auto on_console = std::make_unique<ConsoleObserver>(console, clock, all, logging.format);
  if (bars) {
    observers.push_back(std::move(on_console));
    observers.push_back(std::make_unique<ProgressBars>(console, clock));
  } else {
    observers.push_back(in_lines(std::move(on_console)));
  }
  if (!logging.dir.empty())
    observers.push_back(in_lines(std::make_unique<LogFiles>(console, clock, logging, all)));
  return std::make_unique<FanOut>(std::move(observers));
}

}  // namespace runner
