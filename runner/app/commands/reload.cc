#include <fmt/format.h>
#include <signal.h>

#include <cerrno>
#include <system_error>

#include "runner/app/commands/commands.h"
#include "runner/app/load_configuration.h"
#include "runner/repository/gate.h"
#include "runner/state/fact_store.h"

namespace runner {
namespace {

using std::chrono::milliseconds;

/// The daemon answers between two events; it opens the new session before, which may run a
/// password command.
constexpr milliseconds kPatience{60'000};
constexpr milliseconds kPause{50};

targets::Result<DaemonFacts> LivingDaemon(const StateFolder& state, const FactStore& facts) {
  const auto locked = state.DaemonIsLocked();
  if (!locked) return targets::Fail(locked.error());
  auto daemon = facts.ReadDaemon();
  if (!daemon) return targets::Fail(daemon.error());
  if (!*locked || !daemon->has_value() || (*daemon)->pid < 1) {
    return targets::Fail(fmt::format("no daemon is at work with {}", state.root()),
                         "the next one that starts reads the configuration anyway");
  }
  return **daemon;
}

targets::Result<DaemonFacts> WaitForAnswer(Machine& machine, const FactStore& facts,
                                           const DaemonFacts& before) {
  const MonotonicTime deadline = machine.clock.Monotonic() + kPatience;
  while (machine.clock.Monotonic() < deadline && !machine.stop.Stopped()) {
    const auto now = facts.ReadDaemon();
    if (now && now->has_value() && (*now)->reloads != before.reloads) return **now;
    SleepFor(kPause);
  }
  return targets::Fail("the daemon did not answer in time", "look at its log");
}

targets::Result<DaemonFacts> Ask(Machine& machine, const targets::Config& config) {
  const StateFolder state(machine.files, config.state_dir);
  const FactStore facts(machine.files, state);
  const auto daemon = LivingDaemon(state, facts);
  if (!daemon) return targets::Fail(daemon.error());
  if (kill(static_cast<pid_t>(daemon->pid), SIGHUP) != 0) {
    return targets::Fail(fmt::format("cannot signal the daemon, process {}: {}", daemon->pid,
                                     std::generic_category().message(errno)));
  }
  return WaitForAnswer(machine, facts, *daemon);
}

}  // namespace

ExitCode RunReload(Machine& machine, const GlobalOptions& global) {
  const auto loaded = LoadConfiguration(machine, global, MachineLint::kInclude);
  if (!loaded) return ExitCode::kUsage;  // the daemon keeps its own, and was not asked
  PrintWarnings(machine, *loaded);
  const auto answer = Ask(machine, loaded->config);
  if (!answer) {
    PrintError(machine, answer.error());
    return ExitCode::kFailed;
  }
  if (!answer->config_error.empty()) {
    PrintError(machine, {"the daemon keeps its old configuration: " + answer->config_error, ""});
    return ExitCode::kUsage;
  }
  machine.console.Out("the daemon uses the new configuration\n");
  return ExitCode::kDone;
}

}  // namespace runner
