#include "runner/app/make_observer.h"

#include <utility>
#include <vector>

#include "runner/app/log_files.h"

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

 private:
  std::vector<std::unique_ptr<Observer>> observers_;
};

}  // namespace

std::unique_ptr<Observer> MakeObserver(Console& console, const Clock& clock,
                                       const targets::Config& config, bool debug) {
  const targets::Logging& logging = config.logging;
  const bool all = debug || logging.debug;
  auto on_console = std::make_unique<ConsoleObserver>(console, clock, all, logging.format);
  if (logging.dir.empty()) return on_console;
  std::vector<std::unique_ptr<Observer>> observers;
  observers.push_back(std::move(on_console));
  observers.push_back(std::make_unique<LogFiles>(console, clock, logging, all));
  return std::make_unique<FanOut>(std::move(observers));
}

}  // namespace runner
