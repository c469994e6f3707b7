#include "runner/jobs/backup_wave.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace runner {
namespace {

using targets::Snapshot;
using targets::Target;

/// Targets that come so soon after a repository was refused get the same answer.
constexpr std::chrono::seconds kRefusalLasts{30};

Failure StoppedFailure(const targets::Error& error) {
  return {Cause::kInterrupted, error.message, error.hint, {}};
}

}  // namespace

BackupWave::BackupWave(const JobTools& tools, RepositoryOpener& opener, RepositoryGate& gate,
                       Listings& listings, LockCleaner& cleaner, LockPatience& patience,
                       Opened opened)
    : tools_(tools),
      opener_(opener),
      gate_(gate),
      listings_(listings),
      cleaner_(cleaner),
      patience_(patience),
      opened_(std::move(opened)),
      quarantine_(tools, gate) {}

std::vector<JobReport> BackupWave::Run(const std::vector<const Target*>& targets,
                                       StopHandle& stop) {
  quarantine_.Note(targets);
  const std::optional<Failure> refusal = Prepare(stop);
  std::vector<RanBackup> backups(targets.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < targets.size(); i = next++) {
      backups[i] = refusal ? Refuse(*targets[i], *refusal, stop) : RunPrepared(*targets[i], stop);
    }
  };
  const auto wanted = static_cast<std::size_t>(std::max(1, tools_.config.max_parallel));
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 1; i < std::min(wanted, targets.size()); ++i) workers.emplace_back(work);
    work();
  }
  return Prove(std::move(backups));
}

RanBackup BackupWave::RunOne(const Target& target, StopHandle& stop) {
  quarantine_.Note({&target});
  const std::optional<Failure> refusal = Prepare(stop);
  return refusal ? Refuse(target, *refusal, stop) : RunPrepared(target, stop);
}

/// The repository is ours and opens. One at a time; whoever waited meanwhile shares the answer.
std::optional<Failure> BackupWave::Prepare(StopHandle& stop) {
  const std::lock_guard lock(preparing_);
  if (refusal_ && tools_.clock.Monotonic() - refused_at_ < kRefusalLasts) return refusal_;
  refusal_ = OpenAndCleanUp(stop);
  refused_at_ = tools_.clock.Monotonic();
  if (!stop.Stopped()) return refusal_;
  return std::exchange(refusal_, std::nullopt);
}

std::optional<Failure> BackupWave::OpenAndCleanUp(StopHandle& stop) {
  const auto opened = opener_.Open(stop);
  if (!opened) return opened.error();
  // Such locks would not stop a backup, but every prune.
  cleaner_.CleanUpAfterCrash(tools_.config.repository.retry_lock, stop);
  if (opened_) opened_(*opened, stop);
  return std::nullopt;
}

RanBackup BackupWave::Refuse(const Target& target, const Failure& failure, const StopHandle& stop) {
  const JobOutcome outcome = stop.Stopped() ? JobOutcome::kInterrupted : JobOutcome::kBlocked;
  return {nullptr, BackupJob(tools_, target).Refuse(outcome, failure)};
}

RanBackup BackupWave::RunPrepared(const Target& target, StopHandle& stop) {
  auto job = std::make_unique<BackupJob>(tools_, target);
  if (const auto refusal = quarantine_.SetAside(target, stop)) {
    return {nullptr, job->Refuse(JobOutcome::kBlocked, *refusal)};
  }
  std::optional<Failure> refusal = RunInsideGate(*job, stop);
  if (!refusal && job->Locked() && LocksAreGone(*job, stop)) refusal = RunInsideGate(*job, stop);
  if (refusal) return {nullptr, job->Refuse(JobOutcome::kInterrupted, *refusal)};
  if (!job->Worthless().empty()) quarantine_.Remove(target, job->Worthless(), job->Started(), stop);
  if (job->NeedsProof()) return {std::move(job), std::nullopt};
  return {nullptr, job->Conclude(std::vector<Snapshot>{})};
}

std::optional<Failure> BackupWave::RunInsideGate(BackupJob& job, StopHandle& stop) {
  const auto pass = gate_.Enter(LockMode::kShared, stop);
  if (!pass) return StoppedFailure(pass.error());
  job.Run(stop);
  return std::nullopt;
}

bool BackupWave::LocksAreGone(const BackupJob& job, StopHandle& stop) {
  if (stop.Stopped()) return false;
  return cleaner_.RemoveDead(tools_.config.repository.retry_lock, stop) ||
         patience_.Outlast(job.Reason(), stop);
}

std::vector<JobReport> BackupWave::Prove(std::vector<RanBackup> backups) {
  const bool needed = std::ranges::any_of(backups, [](const auto& b) { return b.job != nullptr; });
  const auto listing = needed ? ListForProof() : std::vector<Snapshot>{};
  for (const RanBackup& backup : backups) {
    if (backup.job == nullptr) continue;
    backup.job->Prove(listing);
    if (backup.job->Quarantined()) TagQuarantined(*backup.job);
  }
  std::vector<JobReport> reports;
  for (RanBackup& backup : backups) {
    reports.push_back(backup.report ? *std::move(backup.report) : backup.job->Conclude(listing));
  }
  return reports;
}

/// If it fails the next run does it; the facts name the snapshot, so that nothing is forgotten.
void BackupWave::TagQuarantined(const BackupJob& job) {
  StopHandle own;
  const auto tagged = quarantine_.TagFound(job.target(), own);
  if (tagged) return;
  tools_.observer.OnEvent(
      {Severity::kWarning, job.target().id.str(), "backup",
       "the suspicious snapshot could not be tagged, the next run tries again: " +
           tagged.error().reason});
}

/// That some snapshots are missing in it is no matter here: it proves those that it holds. Not to
/// be stopped: finished backups deserve their proof.
Outcome<std::vector<Snapshot>> BackupWave::ListForProof() {
  StopHandle own;
  auto listing = listings_.Take(own);
  if (!listing) return tl::unexpected<Failure>(listing.error());
  return std::move(listing->snapshots);
}

}  // namespace runner
