#include "runner/daemon/daemon.h"

#include <fmt/format.h>
#include <malloc.h>
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
targets::Status CheckUnchangeable(const std::string& state_dir, const Config& fresh) {
  if (state_dir == fresh.state_dir) return {};
  return targets::Fail(fmt::format("state_dir cannot change from {} to {} while the daemon runs",
                                   state_dir, fresh.state_dir),
                       "restart it");
}

/// Loading takes ten times the memory of what is kept, and glibc would keep that for ever.
void GiveMemoryBack() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

/// Loads configurations and makes of each what the daemon works with.
class Installer {
 public:
  Installer(Machine& machine, const GlobalOptions& global)
      : machine_(machine),
        global_(global),
        metrics_(std::make_shared<MetricsFile>(machine.processes, machine.self, global)) {}

  /// nullptr: the mistakes were printed.
  std::shared_ptr<const Installed> Load() {
    auto loaded = LoadConfiguration(machine_, global_, MachineLint::kInclude,
                                    targets::EffectiveList::kForPage);
    if (!loaded) return nullptr;
    PrintWarnings(machine_, *loaded);
    return Keep(machine_, *std::move(loaded));
  }

  /// Who does the jobs of the configuration that was installed last.
  [[nodiscard]] std::shared_ptr<SessionWorkshop> workshop() const { return workshop_; }

  Result<Installation> Install(const std::shared_ptr<const Installed>& installed,
                               const std::shared_ptr<Observer>& observer, Herald& herald) {
    const std::shared_ptr<const Config> shared = ConfigOf(installed);
    auto jobs = MakeJobSpecs(*shared);
    if (!jobs) return targets::Fail(jobs.error());
    workshop_ = std::make_shared<SessionWorkshop>(machine_, shared, observer);
    workshop_->Open();
    herald.Use(shared);
    Installation installation{*std::move(jobs), shared->max_parallel, shared->stop_grace,
                              std::make_shared<HeraldWorkshop>(workshop_, herald)};
    if (!shared->metrics.textfile.empty())
      installation.at_rest = [metrics = metrics_, shared, observer] {
        metrics->Write(shared->metrics.textfile, *observer);
      };
    GiveMemoryBack();
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
  auto installed = installer.Load();
  if (installed == nullptr) return ExitCode::kUsage;
  auto config = ConfigOf(installed);
  const std::string state_dir = config->state_dir;
  const StateFolder state(machine.files, state_dir);
  const FactStore facts(machine.files, state);
  const auto lock = BecomeTheDaemon(state, facts, machine.clock.Now());
  if (!lock) return Complain(machine, lock.error(), ExitCode::kFailed);
  const auto mailbox = TimerMailbox::Make();
  if (!mailbox) return Complain(machine, mailbox.error(), ExitCode::kFailed);
  const SignalsIntoMailbox signals(machine, **mailbox);

  const auto observer = std::make_shared<ProgressBoard>(
      MakeObserver(machine.console, machine.clock, *config, Audience::kLog, global.debug));
  Herald herald(machine, observer);
  StatusPage page(machine, *observer, **mailbox, herald, installed);
  auto installation = installer.Install(installed, observer, herald);
  if (!installation) return Complain(machine, installation.error(), ExitCode::kUsage);
  page.Use(installed, installer.workshop());
  installed = nullptr;  // from here on it lives as long as those who use it
  config = nullptr;
  const auto reload = [&]() -> Result<Installation> {
    const auto fresh = installer.Load();
    if (fresh == nullptr) return targets::Fail("it has mistakes", "`runner validate` lists them");
    if (const auto good = CheckUnchangeable(state_dir, *ConfigOf(fresh)); !good) {
      return targets::Fail(good.error());
    }
    auto renewed = installer.Install(fresh, observer, herald);
    if (renewed) page.Use(fresh, installer.workshop());
    return renewed;
  };
  RecordStore records(machine.files, state);
  ThreadCrew crew;
  const DaemonTools tools{machine.clock, **mailbox,    crew,   records,       facts,
                          *observer,     machine.stop, reload, machine.hurry, getpid()};
  Daemon(tools, *std::move(installation)).Run();
  return ExitCode::kDone;
}

}  // namespace runner
