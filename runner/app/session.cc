#include "runner/app/session.h"

#include <fmt/format.h>
#include <unistd.h>

#include "runner/app/make_observer.h"
#include "runner/app/secrets.h"
#include "runner/b2/access.h"
#include "runner/jobs/storage_verdict.h"
#include "runner/restic/environment.h"

namespace runner {

std::string ResticProgram(const Machine& machine) {
  const auto variable = machine.environment.find("RESTIC_BIN");
  return variable == machine.environment.end() || variable->second.empty() ? std::string("restic")
                                                                           : variable->second;
}

Session::Session(Machine& machine, const targets::Config& config,
                 std::shared_ptr<Observer> observer)
    : machine_(machine),
      config_(config),
      observer_(std::move(observer)),
      state_(machine.files, config.state_dir),
      ledger_(machine.files, machine.clock, state_.RepositoryFolder() + "/children"),
      restic_processes_(machine.processes, ledger_),
      error_log_(machine.files, redactor_, state_),
      errors_(restic_processes_, error_log_, machine.clock),
      gate_(machine.files, machine.clock, state_.RepositoryFolder(), SleepFor),
      facts_(machine.files, state_),
      inspector_(machine.processes, config, machine.self),
      history_(machine.files, machine.clock, redactor_, state_),
      recorder_(history_, machine.clock, *observer_, config.history.keep) {}

targets::Result<std::unique_ptr<Session>> Session::Open(Machine& machine,
                                                        const targets::Config& config, bool debug) {
  return Open(machine, config,
              MakeObserver(machine.console, machine.clock, config, Audience::kPerson, debug));
}

targets::Result<std::unique_ptr<Session>> Session::Open(Machine& machine,
                                                        const targets::Config& config,
                                                        std::shared_ptr<Observer> observer) {
  std::unique_ptr<Session> session(new Session(machine, config, std::move(observer)));
  if (const auto prepared = session->PrepareFolders(); !prepared)
    return targets::Fail(prepared.error());
  auto secrets = ResolveSecrets(config, machine.files, machine.processes);
  if (!secrets) {
    session->BlockEverything(secrets.error());
    return targets::Fail(secrets.error());
  }
  session->redactor_ = machine.console.redactor();
  AddSecrets(config, *secrets, session->redactor_);
  machine.console.SetRedactor(session->redactor_);
  const auto version = Restic::DetectVersion(machine.processes, ResticProgram(machine));
  if (!version) {
    session->BlockEverything(version.error());
    return targets::Fail(version.error());
  }
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
  RememberTargets();
  SayWhatCannotBeDone();
  if (const auto cache = PrepareFolderOfJobs(CacheFolder(config_)); !cache) return cache;
  return config_.temp_dir.empty() ? targets::Status{} : PrepareFolderOfJobs(config_.temp_dir);
}

/// A folder that the jobs write belongs to whoever they run as.
targets::Status Session::PrepareFolderOfJobs(const std::string& folder) {
  const auto known = machine_.files.Stat(folder, LinkHandling::kFollow);
  if (known && known->has_value()) return {};  // its owner is the user's affair
  if (const auto created = machine_.files.CreateDirectories(folder, 0700); !created) return created;
  if (!config_.run_as || geteuid() != 0) return {};
  return machine_.files.ChangeOwner(folder, config_.run_as->uid, config_.run_as->gid);
}

/// When each target was first met: its grace in the healthcheck counts from there.
void Session::RememberTargets() {
  for (const targets::Target& target : config_.targets) {
    auto facts = facts_.ReadTarget(target.id);
    if (!facts || facts->first_seen) continue;
    const auto lock = state_.TryLockTarget(target.id);
    if (!lock || *lock == nullptr) continue;
    facts->first_seen = machine_.clock.Now();
    static_cast<void>(
        facts_.WriteTarget(target.id, *facts));  // the job itself will complain of a full disk
  }
}

void Session::SayWhatCannotBeDone() {
  const uid_t me = geteuid();
  if (!config_.run_as || me == 0 || config_.run_as->uid == me) return;
  observer_->OnEvent(
      {Severity::kWarning, "", "",
       fmt::format("jobs run as user {}, not as {} (run_as, PUID): only root can become somebody "
                   "else, so what user {} may not read cannot be backed up",
                   me, config_.run_as->uid, me)});
}

/// What keeps every job from running must be visible in every marker, not only on a terminal that
/// nobody watches.
void Session::BlockEverything(const targets::Error& error) {
  redactor_ = machine_.console.redactor();
  const MarkerStore markers(machine_.files, redactor_, state_);
  for (const targets::Target& target : config_.targets) {
    if (!target.enabled) continue;
    const auto lock = state_.TryLockTarget(target.id);
    if (!lock || *lock == nullptr) continue;
    Marker marker{MarkerStatus::kBlocked, machine_.clock.Now(), error.message, {}};
    if (!error.hint.empty()) marker.details[marker_key::kHint] = error.hint;
    static_cast<void>(markers.Write({target.id, targets::Stage::kBackup}, std::move(marker)));
  }
}

/// Without a key of ours (restic finds it in a file of its own, say) nobody is asked.
void Session::WatchStorage(const ResolvedSecrets& secrets) {
  auto address = targets::B2AddressOf(config_.repository.url);
  if (!address) return;
  auto key = B2KeyOf(config_, *address, secrets, machine_.environment);
  if (!key) return;
  b2_ = std::make_unique<B2Connection>(machine_, config_);
  b2_watch_ = std::make_unique<B2Watch>(
      b2_->client(), B2AnswerStore(machine_.files, state_.RepositoryFolder() + "/b2_account.json"),
      config_, *std::move(address), *std::move(key), machine_.clock);
}

RepositoryOpener::Greeting Session::Greeting() {
  if (b2_watch_ == nullptr) return {};
  return [this](StopHandle& stop) {
    B2Look look = b2_watch_->Greet(stop);
    RepositoryOpener::Greeted greeted{.refused = JudgeStorage(look).failure};
    if (!greeted.refused) greeted.doubt = std::move(look.failure);
    return greeted;
  };
}

Listings::FileNames Session::SnapshotFiles() {
  RepositoryFiles* files = access_->files();
  if (files == nullptr) return {};
  return [files](StopHandle& stop) { return files->Snapshots(stop); };
}

void Session::KeepKey() {
  const auto learn = [this](const targets::Secret& password) {
    redactor_.Add(password);
    targets::Redactor redactor = machine_.console.redactor();
    redactor.Add(password);
    machine_.console.SetRedactor(redactor);
  };
  keys_ = std::make_unique<KeyKeeper>(KeyTools{config_, *restic_, key_choice_, gate_,
                                               KeyRecords(machine_.files, config_), machine_.clock,
                                               *observer_, access_->files(), learn});
  keys_->TakeUp(ExpectedRepository(machine_.files, config_));
}

void Session::Wire(ResolvedSecrets secrets, targets::ResticVersion version) {
  markers_ = std::make_unique<MarkerStore>(machine_.files, redactor_, state_);
  version_ = version;
  WatchStorage(secrets);
  access_ = std::make_unique<RepositoryAccess>(machine_, config_, secrets,
                                               b2_ == nullptr ? nullptr : &b2_->client());
  key_choice_.Hide(VariablesWith(machine_.environment, secrets.password));
  restic_ = std::make_unique<Restic>(config_, std::move(secrets), version, errors_,
                                     ResticProgram(machine_), &key_choice_);
  KeepKey();
  opener_ = std::make_unique<RepositoryOpener>(config_, *restic_, gate_, facts_, machine_.clock,
                                               *observer_, Greeting());
  tools_ = std::make_unique<JobTools>(JobTools{config_, machine_.clock, machine_.files,
                                               machine_.processes, *restic_, state_, *markers_,
                                               facts_, inspector_, *observer_, errors_, recorder_});
  cleaner_ = std::make_unique<LockCleaner>(*restic_, ledger_, gate_, machine_.clock,
                                           machine_.host_name, *observer_);
  listings_ = std::make_unique<Listings>(*restic_, facts_, machine_.clock, SnapshotFiles());
  patience_ = std::make_unique<LockPatience>(config_, *restic_, *cleaner_, machine_.clock,
                                             *observer_, SleepFor);
  wave_ = std::make_unique<BackupWave>(
      *tools_, *opener_, gate_, *listings_, *cleaner_, *patience_,
      [this](const std::string& repository, StopHandle& stop) { keys_->Ensure(repository, stop); });
  forgets_ =
      std::make_unique<ForgetWave>(*tools_, *opener_, gate_, *listings_, *cleaner_, *patience_);
  maintenance_ = std::make_unique<Maintenance>(*tools_, *opener_, gate_, *listings_, *cleaner_,
                                               *patience_, b2_watch_.get());
  restorer_ = std::make_unique<Restorer>(machine_.files, *restic_, geteuid() == 0);
  restores_ = std::make_unique<RestoreIfEmpty>(*tools_, *opener_, gate_, *restorer_);
  acknowledgement_ =
      std::make_unique<Acknowledgement>(*tools_, *opener_, gate_, *listings_, *patience_);
  drills_ = std::make_unique<RestoreDrill>(*tools_, *opener_, gate_, geteuid() == 0);
}

}  // namespace runner
