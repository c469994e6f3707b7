#include "runner/jobs/backup_wave.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "runner/jobs/stream_quarantine.h"
#include "runner/repository/stale_locks.h"

namespace runner {
namespace {

using targets::Snapshot;
using targets::Stage;
using targets::Target;

Failure StoppedFailure(const targets::Error& error) {
  return {Cause::kInterrupted, error.message, error.hint, {}};
}

}  // namespace

BackupWave::BackupWave(const JobTools& tools, RepositoryOpener& opener, RepositoryGate& gate,
                       ChildLedger& ledger, std::string host_name)
    : tools_(tools),
      opener_(opener),
      gate_(gate),
      ledger_(ledger),
      host_name_(std::move(host_name)) {}

void BackupWave::Say(Severity severity, std::string message) {
  tools_.observer.OnEvent({severity, "repository", "", std::move(message)});
}

std::vector<JobReport> BackupWave::Run(const std::vector<const Target*>& targets,
                                       StopHandle& stop) {
  Jobs jobs;
  for (const Target* target : targets) jobs.push_back(std::make_unique<BackupJob>(tools_, *target));
  StreamQuarantine quarantine(tools_, gate_);
  quarantine.Note(targets);
  if (const auto opened = opener_.Open(stop); !opened) return RefuseAll(jobs, opened.error(), stop);
  CleanUpAfterCrash(stop);

  std::vector<std::optional<Failure>> refused;
  std::vector<BackupJob*> ready;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    refused.push_back(quarantine.SetAside(*targets[i], stop));
    if (!refused.back()) ready.push_back(jobs[i].get());
  }
  {
    const auto pass = gate_.Enter(LockMode::kShared, stop);
    if (!pass) return RefuseAll(jobs, StoppedFailure(pass.error()), stop);
    RunAll(ready, stop);
  }
  RetryLocked(jobs, stop);
  const auto listing = ListForProof(jobs);
  std::vector<JobReport> reports;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    reports.push_back(refused[i] ? jobs[i]->Refuse(JobOutcome::kBlocked, *refused[i])
                                 : jobs[i]->Conclude(listing));
  }
  return reports;
}

std::vector<JobReport> BackupWave::RefuseAll(Jobs& jobs, const Failure& failure, StopHandle& stop) {
  const JobOutcome outcome = stop.Stopped() ? JobOutcome::kInterrupted : JobOutcome::kBlocked;
  std::vector<JobReport> reports;
  for (const auto& job : jobs) reports.push_back(job->Refuse(outcome, failure));
  return reports;
}

void BackupWave::RunAll(const std::vector<BackupJob*>& jobs, StopHandle& stop) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) jobs[i]->Run(stop);
  };
  const std::size_t wanted = static_cast<std::size_t>(std::max(1, tools_.config.max_parallel));
  std::vector<std::jthread> workers;
  for (std::size_t i = 1; i < std::min(wanted, jobs.size()); ++i) workers.emplace_back(work);
  work();
}

/// Children of ours that nobody waited for: the runner was killed, and they may have left locks.
/// They would not stop a backup, but every prune.
void BackupWave::CleanUpAfterCrash(StopHandle& stop) {
  const std::vector<pid_t> dead = ledger_.Dead();
  if (dead.empty() || stop.Stopped() || !RemoveDeadLocks(stop)) return;
  for (const pid_t pid : dead) ledger_.Ended(pid);
}

/// True if no lock is left that a dead process of ours could have made.
bool BackupWave::RemoveDeadLocks(StopHandle& stop) {
  const auto alone = gate_.Enter(LockMode::kExclusive, stop, tools_.config.repository.retry_lock);
  if (!alone) return false;
  const auto cleanup =
      CleanUpLocks(tools_.restic, ledger_, tools_.clock, host_name_, **alone, stop);
  if (!cleanup) {
    Say(Severity::kWarning, "locks could not be read: " + cleanup.error().reason);
    return false;
  }
  if (!cleanup->explanation.empty()) Say(Severity::kWarning, cleanup->explanation);
  return cleanup->left == 0;
}

/// A lock stood in the way: remove it if it is provably dead, then try those targets once more.
void BackupWave::RetryLocked(Jobs& jobs, StopHandle& stop) {
  std::vector<BackupJob*> locked;
  for (const auto& job : jobs) {
    if (job->Locked()) locked.push_back(job.get());
  }
  if (locked.empty() || stop.Stopped() || !RemoveDeadLocks(stop)) return;
  const auto pass = gate_.Enter(LockMode::kShared, stop);
  if (pass) RunAll(locked, stop);
}

/// One listing for all; a second try because the backups themselves are already paid for.
Outcome<std::vector<Snapshot>> BackupWave::ListForProof(const Jobs& jobs) {
  const bool needed =
      std::any_of(jobs.begin(), jobs.end(), [](const auto& job) { return job->NeedsProof(); });
  if (!needed) return std::vector<Snapshot>{};
  StopHandle own;  // finished backups deserve their proof even while the runner stops
  auto listing = tools_.restic.Snapshots(std::nullopt, own);
  return listing ? std::move(listing) : tools_.restic.Snapshots(std::nullopt, own);
}

}  // namespace runner
