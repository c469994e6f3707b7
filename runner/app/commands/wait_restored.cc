#include <fmt/format.h>

#include <map>

#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/jobs/inspect_source.h"
#include "runner/jobs/ready.h"
#include "runner/repository/gate.h"
#include "runner/state/marker_store.h"

namespace runner {
namespace {

using targets::Target;
using targets::TargetId;

/// So soon the data is noticed.
constexpr std::chrono::milliseconds kBetweenLooks{500};

class Waiting {
 public:
  Waiting(Machine& machine, const targets::Config& config)
      : machine_(machine),
        config_(config),
        state_(machine.files, config.state_dir),
        inspector_(machine.processes, config, machine.self) {}

  /// Says once why a target is not ready, and again when the reason changes.
  bool Ready(const TargetId& id) {
    const Target& target = *targets::FindTarget(config_, id);
    const auto* directory = std::get_if<targets::DirectorySource>(&target.source);
    if (directory == nullptr) return true;
    const auto ready = ReadReady(machine_.files, state_, id);
    std::string why =
        ready ? WhyNotReady(target, *ready, inspector_.Inspect(*directory, target.guard))
              : ready.error().message;
    if (why.empty()) return true;
    why += LastWord(id);
    std::string& said = said_[id];
    if (why != said) machine_.console.Err(fmt::format("{}: waiting: {}\n", id.str(), why));
    said = why;
    return false;
  }

 private:
  /// What the restore stage said last, if that was no success.
  std::string LastWord(const TargetId& id) {
    const targets::Redactor redactor = machine_.console.redactor();
    const MarkerStore markers(machine_.files, redactor, state_);
    const auto marker = markers.Read({id, targets::Stage::kRestore});
    if (!marker || !marker->has_value() || (*marker)->status == MarkerStatus::kSuccess) return {};
    return fmt::format("; restore {}: {}", MarkerStatusName((*marker)->status), (*marker)->reason);
  }

  Machine& machine_;
  const targets::Config& config_;
  StateFolder state_;
  SourceInspector inspector_;
  std::map<TargetId, std::string> said_;
};

}  // namespace

ExitCode RunWaitRestored(Machine& machine, const GlobalOptions& global,
                         const WaitRestoredOptions& options) {
  const auto loaded = LoadConfiguration(machine, global);
  if (!loaded) return ExitCode::kUsage;
  auto waited_for = SelectTargets(loaded->config, options.targets);
  if (!waited_for) {
    PrintError(machine, waited_for.error());
    return ExitCode::kUsage;
  }
  const std::size_t count = waited_for->size();
  Waiting waiting(machine, loaded->config);
  const MonotonicTime began = machine.clock.Monotonic();
  while (true) {
    std::erase_if(*waited_for, [&](const TargetId& id) { return waiting.Ready(id); });
    if (waited_for->empty()) break;
    if (machine.stop.Stopped()) return ExitCode::kInterrupted;
    if (options.timeout && machine.clock.Monotonic() - began >= *options.timeout) {
      PrintError(machine, {fmt::format("{} of {} targets not ready after {}", waited_for->size(),
                                       count, targets::FormatDuration(*options.timeout)),
                           "`runner status` says more"});
      return ExitCode::kFailed;
    }
    SleepFor(kBetweenLooks);
  }
  machine.console.Out(fmt::format("{} target{} ready\n", count, count == 1 ? "" : "s"));
  return ExitCode::kDone;
}

}  // namespace runner
