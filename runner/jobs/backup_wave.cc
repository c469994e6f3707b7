#include "runner/jobs/backup_wave.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

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
  if (const auto opened = opener_.Open(stop); !opened) return RefuseAll(jobs, opened.error(), stop);
  CleanUpAfterCrash(stop);
  SetAsideUnproven(targets, stop);

  Outcome<std::vector<Snapshot>> listing = std::vector<Snapshot>{};
  {
    const auto pass = gate_.Enter(LockMode::kShared, stop);
    if (!pass) return RefuseAll(jobs, StoppedFailure(pass.error()), stop);
    std::vector<BackupJob*> all;
    for (const auto& job : jobs) all.push_back(job.get());
    RunAll(all, stop);
  }
  RetryLocked(jobs, stop);
  listing = ListForProof(jobs);
  std::vector<JobReport> reports;
  for (const auto& job : jobs) reports.push_back(job->Conclude(listing));
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

/// A stream whose run was killed may have left a snapshot of half its output: restic saw the end of
/// its input when everything died. Such a snapshot was never proven, so it must not pass for a good
/// one.
void BackupWave::SetAsideUnproven(const std::vector<const Target*>& targets, StopHandle& stop) {
  for (const Target* target : targets) {
    if (!target->IsStream()) continue;
    const auto lock = tools_.state.TryLockTarget(target->id);
    if (!lock || *lock == nullptr) continue;  // at work right now
    const auto marker = tools_.markers.Read({target->id, Stage::kBackup});
    if (!marker || !marker->has_value() || (*marker)->status != MarkerStatus::kRunning) continue;
    Quarantine(*target, (*marker)->time.value_or(targets::UnixTime{}), stop);
  }
}

void BackupWave::Quarantine(const Target& target, targets::UnixTime since, StopHandle& stop) {
  const auto alone = gate_.Enter(LockMode::kExclusive, stop, tools_.config.repository.retry_lock);
  if (!alone) return;
  const auto snapshots = tools_.restic.Snapshots(target.id, stop);
  if (!snapshots)
    return Say(Severity::kWarning, "snapshots could not be read: " + snapshots.error().reason);
  const auto facts = tools_.facts.ReadTarget(target.id);
  std::vector<targets::SnapshotId> unproven;
  for (const Snapshot& snapshot : *snapshots) {
    const bool proven = facts && facts->newest_good && facts->newest_good->id == snapshot.id;
    if (snapshot.time < since || proven || snapshot.HasTag(targets::kQuarantineTag)) continue;
    unproven.push_back(snapshot.id);
  }
  if (unproven.empty()) return;
  const auto tagged = tools_.restic.AddTag(unproven, targets::kQuarantineTag, stop);
  for (const targets::SnapshotId& id : unproven) {
    const std::string which = fmt::format("snapshot {} of {} was made by an interrupted run",
                                          id.str().substr(0, 8), target.id.str());
    if (tagged) {
      Say(Severity::kWarning, which + ": it may be cut off, so it is quarantined");
    } else {
      Say(Severity::kError, which + " and could not be quarantined: " + tagged.error().reason);
    }
  }
}

}  // namespace runner
