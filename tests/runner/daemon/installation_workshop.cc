#include "tests/runner/daemon/installation_workshop.h"

#include <utility>

#include "tests/support/fake_restic.h"

namespace runner::testing {
namespace {

using targets::Stage;
using targets::Target;
using targets::TargetId;

JobReport Report(const JobKey& key, JobOutcome outcome, const std::string& reason = {}) {
  JobReport report;
  report.target = key.target;
  report.stage = key.stage;
  report.outcome = outcome;
  report.reason = reason;
  return report;
}

RepositoryGate::Pause Sleeping(const SimulatedMachine& machine) {
  return [&theatre = machine.theatre, &clock = machine.clock](std::chrono::milliseconds by) {
    theatre.Sleep(clock.Monotonic() + by);
  };
}

RepositoryGate::Pause Quiet(const SimulatedMachine& machine) {
  return [&clock = machine.clock](std::chrono::milliseconds by) { clock.Advance(by); };
}

}  // namespace

InstallationWorkshop::InstallationWorkshop(const SimulatedMachine& machine,
                                           std::shared_ptr<const targets::Config> config)
    : machine_(machine),
      config_(std::move(config)),
      state_(machine.files, config_->state_dir),
      ledger_(machine.files, machine.clock, state_.RepositoryFolder() + "/children"),
      restic_processes_(machine.processes, ledger_),
      error_log_(machine.files, redactor_, state_),
      errors_(restic_processes_, error_log_, machine.clock),
      gate_(machine.files, machine.clock, state_.RepositoryFolder(), Sleeping(machine)),
      quiet_gate_(machine.files, machine.clock, state_.RepositoryFolder(), Quiet(machine)),
      facts_(machine.files, state_, Quiet(machine)),
      inspector_(machine.processes, *config_, "runner"),
      markers_(machine.files, redactor_, state_),
      restic_(*config_, {targets::Secret("sesame"), {}, {}}, FakeRestic::kVersion, errors_),
      opener_(*config_, restic_, quiet_gate_, facts_, machine.clock, machine.observer),
      recorder_(history_, machine.clock, machine.observer, config_->history.keep),
      tools_{*config_, machine.clock, machine.files, machine.processes, restic_, state_,
             markers_, facts_,        inspector_,    machine.observer,  errors_, recorder_},
      cleaner_(restic_, ledger_, quiet_gate_, machine.clock, machine.host_name, machine.observer),
      listings_(restic_, facts_, machine.clock),
      patience_(*config_, restic_, cleaner_, machine.clock, machine.observer, Sleeping(machine)),
      restorer_(machine.files, restic_, true),
      restores_(tools_, opener_, gate_, restorer_),
      backups_(tools_, opener_, gate_, listings_, cleaner_, patience_),
      forgets_(tools_, opener_, gate_, listings_, cleaner_, patience_),
      maintenance_(tools_, opener_, gate_, listings_, cleaner_, patience_) {}

/// What must be in order before any job; tried again with the next one if it is not.
std::optional<targets::Error> InstallationWorkshop::Open() {
  if (open_) return std::nullopt;
  if (const auto ready = state_.Prepare(machine_.clock.Now()); !ready) return ready.error();
  const auto ledger =
      machine_.files.CreateDirectories(state_.RepositoryFolder() + "/children", 0700);
  if (!ledger) return ledger.error();
  ledger_.Sweep();
  RememberTargets();
  open_ = true;
  return std::nullopt;
}

void InstallationWorkshop::RememberTargets() {
  for (const Target& target : config_->targets) {
    auto facts = facts_.ReadTarget(target.id);
    if (!facts || facts->first_seen) continue;
    const auto lock = state_.TryLockTarget(target.id);
    if (!lock || *lock == nullptr) continue;
    facts->first_seen = machine_.clock.Now();
    static_cast<void>(facts_.WriteTarget(target.id, *facts));
  }
}

std::optional<JobReport> InstallationWorkshop::BackUp(const StartJob& job, StopHandle& stop) {
  const TargetId& id = job.key.target;
  if (const auto error = Open()) return Report(job.key, JobOutcome::kBlocked, error->message);
  RanBackup ran = backups_.RunOne(*targets::FindTarget(*config_, id), stop);
  if (ran.report) return std::move(ran.report);
  unproven_.insert_or_assign(id, std::move(ran));
  return std::nullopt;
}

std::vector<JobReport> InstallationWorkshop::Prove(const std::set<TargetId>& targets) {
  std::vector<RanBackup> backups;
  for (const TargetId& id : targets) {
    if (auto found = unproven_.extract(id)) backups.push_back(std::move(found.mapped()));
  }
  return backups_.Prove(std::move(backups));
}

std::vector<JobReport> InstallationWorkshop::Run(const StartJob& job, StopHandle& stop) {
  if (const auto error = Open()) return {Report(job.key, JobOutcome::kBlocked, error->message)};
  if (job.key.stage == Stage::kProbe) return {maintenance_.Probe(stop)};
  if (job.key.stage == Stage::kPrune) return {maintenance_.Prune(stop)};
  if (job.key.stage == Stage::kCheck) return {maintenance_.Check(stop)};
  if (job.key.stage == Stage::kRestore) {
    return {restores_.Run(*targets::FindTarget(*config_, job.key.target), stop)};
  }
  std::vector<const Target*> found;
  for (const TargetId& id : job.targets) {
    if (const Target* target = targets::FindTarget(*config_, id)) found.push_back(target);
  }
  return forgets_.Run(found, stop);
}

void InstallationWorkshop::Accept() {
  StopHandle stop;
  static_cast<void>(listings_.Accept(stop));
}

}  // namespace runner::testing
