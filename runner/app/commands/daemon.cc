#include "runner/daemon/daemon.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

#include "runner/app/commands/commands.h"
#include "runner/app/herald.h"
#include "runner/app/herald_workshop.h"
#include "runner/app/load_configuration.h"
#include "runner/app/make_observer.h"
#include "runner/app/session_workshop.h"
#include "runner/daemon/timer_mailbox.h"
#include "runner/schedule/job_specs.h"

namespace runner {
namespace {

using targets::Config;
using targets::Result;

/// What the running program cannot change: its lock and its records lie there.
targets::Status CheckUnchangeable(const Config& now, const Config& fresh) {
  if (now.state_dir == fresh.state_dir) return {};
  return targets::Fail(fmt::format("state_dir cannot change from {} to {} while the daemon runs",
                                   now.state_dir, fresh.state_dir),
                       "restart it");
}

/// Loads configurations and makes of each what the daemon works with.
class Installer {
 public:
  Installer(Machine& machine, const GlobalOptions& global) : machine_(machine), global_(global) {}

  /// nullopt: the mistakes were printed.
  std::optional<LoadedConfiguration> Load() {
    auto loaded = LoadConfiguration(machine_, global_, MachineLint::kInclude);
    if (!loaded) return std::nullopt;
    PrintWarnings(machine_, *loaded);
    return std::move(*loaded);
  }

  Result<Installation> Install(Config config, const std::shared_ptr<Observer>& observer,
                               Herald& herald) {
    auto jobs = MakeJobSpecs(config);
    if (!jobs) return targets::Fail(jobs.error());
    auto shared = std::make_shared<const Config>(std::move(config));
    auto workshop = std::make_shared<SessionWorkshop>(machine_, shared, observer);
    workshop->Open();
    herald.Use(shared);
    return Installation{*std::move(jobs), shared->max_parallel, shared->stop_grace,
                        std::make_shared<HeraldWorkshop>(std::move(workshop), herald)};
  }

 private:
  Machine& machine_;
  const GlobalOptions& global_;
};

/// The lock that only one daemon of a state folder can hold.
Result<std::unique_ptr<FileLock>> BecomeTheDaemon(const StateFolder& state, const FactStore& facts,
                                                  targets::UnixTime now) {
  if (const auto prepared = state.Prepare(now); !prepared) return targets::Fail(prepared.error());
  auto lock = state.TryLockDaemon();
  if (!lock) return targets::Fail(lock.error());
  if (*lock != nullptr) return std::move(*lock);
  const auto other = facts.ReadDaemon();
  const std::string who =
      other && other->has_value() ? fmt::format(" (process {})", (*other)->pid) : std::string();
  return targets::Fail(fmt::format("a daemon is already at work with {}{}", state.root(), who),
                       "`runner status` shows what it does");
}

/// Forwards signals into the mailbox for as long as it lives.
class SignalsIntoMailbox {
 public:
  SignalsIntoMailbox(Machine& machine, Mailbox& mailbox) : machine_(machine) {
    machine_.signals.Set([&mailbox](int signal) {
      if (signal == SIGHUP) return mailbox.Post(ReloadSignalled{});
      mailbox.Post(StopSignalled{});
    });
    if (machine_.stop.Stopped()) mailbox.Post(StopSignalled{});  // it came before
  }
  ~SignalsIntoMailbox() { machine_.signals.Set({}); }
  SignalsIntoMailbox(const SignalsIntoMailbox&) = delete;
  SignalsIntoMailbox& operator=(const SignalsIntoMailbox&) = delete;

 private:
  Machine& machine_;
};

ExitCode Complain(Machine& machine, const targets::Error& error, ExitCode code) {
  PrintError(machine, error);
  return code;
}

}  // namespace

ExitCode RunDaemon(Machine& machine, const GlobalOptions& global) {
  Installer installer(machine, global);
  const auto loaded = installer.Load();
  if (!loaded) return ExitCode::kUsage;
  const Config& config = loaded->config;
  const StateFolder state(machine.files, config.state_dir);
  const FactStore facts(machine.files, state);
  const auto lock = BecomeTheDaemon(state, facts, machine.clock.Now());
  if (!lock) return Complain(machine, lock.error(), ExitCode::kFailed);
  const auto mailbox = TimerMailbox::Make();
  if (!mailbox) return Complain(machine, mailbox.error(), ExitCode::kFailed);
  const SignalsIntoMailbox signals(machine, **mailbox);

  const std::shared_ptr<Observer> observer =
      MakeObserver(machine.console, machine.clock, config, Audience::kLog, global.debug);
  Herald herald(machine, observer);
  auto installation = installer.Install(config, observer, herald);
  if (!installation) return Complain(machine, installation.error(), ExitCode::kUsage);
  const auto reload = [&]() -> Result<Installation> {
    auto fresh = installer.Load();
    if (!fresh) return targets::Fail("it has mistakes", "`runner validate` lists them");
    if (const auto good = CheckUnchangeable(config, fresh->config); !good) {
      return targets::Fail(good.error());
    }
    return installer.Install(std::move(fresh->config), observer, herald);
  };
  RecordStore records(machine.files, state);
  ThreadCrew crew;
  const DaemonTools tools{machine.clock, **mailbox,    crew,   records,       facts,
                          *observer,     machine.stop, reload, machine.hurry, getpid()};
  Daemon(tools, *std::move(installation)).Run();
  return ExitCode::kDone;
}

}  // namespace runner
