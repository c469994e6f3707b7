#include "runner/daemon/daemon.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

#include "runner/app/commands/commands.h"
#include "runner/app/herald.h"
#include "runner/app/herald_workshop.h"
#include "runner/app/load_configuration.h"
#include "runner/app/make_observer.h"
#include "runner/app/metrics_file.h"
#include "runner/app/session_workshop.h"
#include "runner/app/status_page.h"
#include "runner/daemon/timer_mailbox.h"
#include "runner/http/progress_board.h"
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
  Installer(Machine& machine, const GlobalOptions& global)
      : machine_(machine),
        global_(global),
        metrics_(std::make_shared<MetricsFile>(machine.processes, machine.self, global)) {}

  /// nullopt: the mistakes were printed.
  std::optional<LoadedConfiguration> Load() {
    auto loaded = LoadConfiguration(machine_, global_, MachineLint::kInclude);
    if (!loaded) return std::nullopt;
    PrintWarnings(machine_, *loaded);
    return std::move(*loaded);
  }

  /// Who does the jobs of the configuration that was installed last.
  [[nodiscard]] std::shared_ptr<SessionWorkshop> workshop() const { return workshop_; }

  Result<Installation> Install(Config config, const std::shared_ptr<Observer>& observer,
                               Herald& herald) {
    auto jobs = MakeJobSpecs(config);
    if (!jobs) return targets::Fail(jobs.error());
    auto shared = std::make_shared<const Config>(std::move(config));
    workshop_ = std::make_shared<SessionWorkshop>(machine_, shared, observer);
    workshop_->Open();
    herald.Use(shared);
    Installation installation{*std::move(jobs), shared->max_parallel, shared->stop_grace,
                              std::make_shared<HeraldWorkshop>(workshop_, herald)};
    if (!shared->metrics.textfile.empty())
      installation.at_rest = [metrics = metrics_, shared, observer] {
        metrics->Write(shared->metrics.textfile, *observer);
      };
    return installation;
  }

 private:
  Machine& machine_;
  const GlobalOptions& global_;
  std::shared_ptr<MetricsFile> metrics_;
  std::shared_ptr<SessionWorkshop> workshop_;
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

  const auto observer = std::make_shared<ProgressBoard>(
      MakeObserver(machine.console, machine.clock, config, Audience::kLog, global.debug));
  Herald herald(machine, observer);
  StatusPage page(machine, *observer, **mailbox, herald, *loaded);
  auto installation = installer.Install(config, observer, herald);
  if (!installation) return Complain(machine, installation.error(), ExitCode::kUsage);
  page.Use(*loaded, installer.workshop());
  const auto reload = [&]() -> Result<Installation> {
    auto fresh = installer.Load();
    if (!fresh) return targets::Fail("it has mistakes", "`runner validate` lists them");
    if (const auto good = CheckUnchangeable(config, fresh->config); !good) {
      return targets::Fail(good.error());
    }
    auto installed = installer.Install(fresh->config, observer, herald);
    if (installed) page.Use(*fresh, installer.workshop());
    return installed;
  };
  RecordStore records(machine.files, state);
  ThreadCrew crew;
  const DaemonTools tools{machine.clock, **mailbox,    crew,   records,       facts,
                          *observer,     machine.stop, reload, machine.hurry, getpid()};
  Daemon(tools, *std::move(installation)).Run();
  return ExitCode::kDone;
}

}  // namespace runner
