#include "runner/app/session.h"

#include <fmt/format.h>
#include <unistd.h>

#include "runner/app/secrets.h"

namespace runner {

std::string ResticProgram(const Machine& machine) {
  const auto variable = machine.environment.find("RESTIC_BIN");
  return variable == machine.environment.end() || variable->second.empty() ? std::string("restic")
                                                                           : variable->second;
}

std::string CacheFolder(const targets::Config& config) {
  return config.cache_dir.empty() ? config.state_dir + "/cache" : config.cache_dir;
}

Session::Session(Machine& machine, const targets::Config& config, bool debug)
    : machine_(machine),
      config_(config),
      observer_(machine.console, machine.clock, debug),
      state_(machine.files, config.state_dir),
      ledger_(machine.files, machine.clock, state_.RepositoryFolder() + "/children"),
      restic_processes_(machine.processes, ledger_),
      gate_(machine.files, machine.clock, state_.RepositoryFolder(), SleepFor),
      facts_(machine.files, state_),
      inspector_(machine.processes, config, machine.self) {}

targets::Result<std::unique_ptr<Session>> Session::Open(Machine& machine,
                                                        const targets::Config& config, bool debug) {
  auto secrets = ResolveSecrets(config, machine.files, machine.processes);
  if (!secrets) return targets::Fail(secrets.error());
  std::unique_ptr<Session> session(new Session(machine, config, debug));
  session->redactor_ = machine.console.redactor();
  AddSecrets(config, *secrets, session->redactor_);
  machine.console.SetRedactor(session->redactor_);
  if (const auto prepared = session->PrepareFolders(); !prepared)
    return targets::Fail(prepared.error());
  const auto version = Restic::DetectVersion(machine.processes, ResticProgram(machine));
  if (!version) return targets::Fail(version.error());
  session->Wire(std::move(*secrets), *version);
  return session;
}

targets::Status Session::PrepareFolders() {
  if (const auto state = state_.Prepare(machine_.clock.Now()); !state) return state;
  if (const auto ledger =
          machine_.files.CreateDirectories(state_.RepositoryFolder() + "/children", 0700);
      !ledger) {
    return ledger;
  }
  ledger_.Sweep();
  return PrepareCache();
}

/// The cache belongs to whoever the jobs run as, so that they can write it.
targets::Status Session::PrepareCache() {
  const std::string folder = CacheFolder(config_);
  if (const auto created = machine_.files.CreateDirectories(folder, 0700); !created) return created;
  if (!config_.run_as || geteuid() != 0) return {};
  return machine_.files.ChangeOwner(folder, config_.run_as->uid, config_.run_as->gid);
}

void Session::Wire(ResolvedSecrets secrets, targets::ResticVersion version) {
  markers_ = std::make_unique<MarkerStore>(machine_.files, redactor_, state_);
  restic_ = std::make_unique<Restic>(config_, std::move(secrets), version, restic_processes_,
                                     ResticProgram(machine_));
  opener_ = std::make_unique<RepositoryOpener>(config_, *restic_, gate_, facts_, machine_.clock,
                                               observer_);
  tools_ = std::make_unique<JobTools>(JobTools{config_, machine_.clock, machine_.files,
                                               machine_.processes, *restic_, state_, *markers_,
                                               facts_, inspector_, observer_});
  wave_ = std::make_unique<BackupWave>(*tools_, *opener_, gate_, ledger_, machine_.host_name);
}

std::vector<JobReport> Session::RunBackups(const std::vector<const targets::Target*>& targets,
                                           StopHandle& stop) {
  return wave_->Run(targets, stop);
}

}  // namespace runner
