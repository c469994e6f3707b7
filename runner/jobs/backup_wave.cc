#include "runner/jobs/backup_wave.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "runner/jobs/stream_quarantine.h"

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
                       LockCleaner& cleaner, Listings& listings)
    : tools_(tools), opener_(opener), gate_(gate), cleaner_(cleaner), listings_(listings) {}

std::vector<JobReport> BackupWave::Run(const std::vector<const Target*>& targets,
                                       StopHandle& stop) {
  Jobs jobs;
  for (const Target* target : targets) jobs.push_back(std::make_unique<BackupJob>(tools_, *target));
  StreamQuarantine quarantine(tools_, gate_);
  quarantine.Note(targets);
  if (const auto opened = opener_.Open(stop); !opened) return RefuseAll(jobs, opened.error(), stop);
  // Such locks would not stop a backup, but every prune.
  cleaner_.CleanUpAfterCrash(tools_.config.repository.retry_lock, stop);

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

/// A lock stood in the way: remove it if it is provably dead, then try those targets once more.
void BackupWave::RetryLocked(Jobs& jobs, StopHandle& stop) {
  std::vector<BackupJob*> locked;
  for (const auto& job : jobs) {
    if (job->Locked()) locked.push_back(job.get());
  }
  if (locked.empty() || stop.Stopped()) return;
  if (!cleaner_.RemoveDead(tools_.config.repository.retry_lock, stop)) return;
  const auto pass = gate_.Enter(LockMode::kShared, stop);
  if (pass) RunAll(locked, stop);
}

/// One listing for all. That some snapshots are missing in it is no matter here: it proves those
/// that it holds.
Outcome<std::vector<Snapshot>> BackupWave::ListForProof(const Jobs& jobs) {
  const bool needed =
      std::any_of(jobs.begin(), jobs.end(), [](const auto& job) { return job->NeedsProof(); });
  if (!needed) return std::vector<Snapshot>{};
  StopHandle own;  // finished backups deserve their proof even while the runner stops
  auto listing = listings_.Take(own);
  if (!listing) return tl::unexpected<Failure>(listing.error());
  return std::move(listing->snapshots);
}

}  // namespace runner
