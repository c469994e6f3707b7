#include "runner/daemon/daemon.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "targets/base/time.h"

namespace runner {
namespace {

using targets::Stage;
using targets::TargetId;
using targets::UnixTime;

std::string SubjectOf(const JobKey& key) {
  return key.target.empty() ? "repository" : key.target.str();
}

std::set<TargetId> TargetsOf(const std::vector<JobSpec>& jobs) {
  std::set<TargetId> targets;
  for (const JobSpec& spec : jobs) {
    if (!spec.key.target.empty()) targets.insert(spec.key.target);
  }
  return targets;
}

std::string Count(std::size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

void KeepEarlier(std::optional<UnixTime>& time, std::optional<UnixTime> other) {
  if (other && (!time || *other < *time)) time = other;
}

}  // namespace

Daemon::Daemon(const DaemonTools& tools, Installation installation)
    : tools_(tools),
      installation_(std::move(installation)),
      scheduler_(installation_.jobs, installation_.max_parallel) {}

void Daemon::Say(Severity severity, std::string message) {
  tools_.observer.OnEvent({severity, "daemon", "", std::move(message)});
}

void Daemon::Run() {
  Start();
  while (!stopped_) {
    WriteFacts();
    RestIfIdle();
    const DaemonEvent event = tools_.mailbox.Wait(NextWake());
    std::visit([this](const auto& e) { Handle(e); }, event);
    const UnixTime now = tools_.clock.Now();
    if (MayProve(now)) ProveWhatWaits();
    HurryIfGraceIsOver(now);
  }
  about_me_.stopped = tools_.clock.Now();
  about_me_.next_wakeup.reset();
  WriteFacts();
  Say(Severity::kInfo, "stopped");
}

void Daemon::Start() {
  about_me_.pid = tools_.pid;
  about_me_.started = tools_.clock.Now();
  about_me_.configured = about_me_.next_wakeup = about_me_.started;
  WriteFacts();
  Say(Severity::kInfo,
      fmt::format("started with {} and {}, {} at a time",
                  Count(TargetsOf(installation_.jobs).size(), "target"),
                  Count(installation_.jobs.size(), "job"), installation_.max_parallel));
  Tell(Started{tools_.clock.Now(), LoadRecords()});
}

std::map<JobKey, JobRecord> Daemon::LoadRecords() {
  LoadedRecords loaded = tools_.records.Load(TargetsOf(installation_.jobs));
  for (std::string& warning : loaded.warnings) Say(Severity::kWarning, std::move(warning));
  return std::move(loaded.records);
}

/// One step of the scheduler, and what follows from it in the order that it asks for.
void Daemon::Tell(const SchedulerEvent& event) {
  const SchedulerActions actions = scheduler_.On(event);
  wake_at_ = actions.wake_at;
  stopped_ = actions.stopped;
  StoreRecords(actions.records);
  for (const StartJob& job : actions.start) StartRun(job);
}

/// Without its record a run may happen twice after a crash; not to run at all would be worse.
void Daemon::StoreRecords(const std::map<JobKey, JobRecord>& records) {
  const auto stored = tools_.records.Store(records);
  if (!stored && !records_complained_) {
    Say(Severity::kError,
        "the schedule's records cannot be stored, so a crash now could repeat "
        "runs: " +
            stored.error().message);
  }
  records_complained_ = !stored;
}

void Daemon::SayStart(const StartJob& job) {
  std::string message = fmt::format("begins ({})", StartReasonName(job.reason));
  if (job.reason == StartReason::kCatchUp) {
    message = fmt::format("begins (catch-up: it was due {} ago)",
                          targets::FormatDuration(tools_.clock.Now() - job.due));
  }
  tools_.observer.OnEvent({Severity::kInfo, SubjectOf(job.key),
                           std::string(targets::StageName(job.key.stage)), std::move(message)});
}

void Daemon::StartRun(const StartJob& job) {
  SayStart(job);
  at_work_.insert(job.key);
  rests_ = false;
  if (job.key.stage == Stage::kBackup) return RunBackup(job);
  tools_.crew.Send([this, job, workshop = installation_.workshop] {
    const std::vector<JobReport> reports = workshop->Run(job, tools_.stop);
    tools_.mailbox.Post(
        JobEnded{job.key, EndOf(reports), RetryNotBefore(reports, tools_.clock.Now())});
  });
}

void Daemon::RunBackup(const StartJob& job) {
  backups_.insert(job.key);
  unproven_[job.key] = {installation_.workshop, {}};
  tools_.crew.Send([this, job, workshop = installation_.workshop] {
    const std::optional<JobReport> report = workshop->BackUp(job, tools_.stop);
    if (!report) return tools_.mailbox.Post(BackupRan{job.key});
    tools_.mailbox.Post(
        JobEnded{job.key, EndOf({*report}), RetryNotBefore({*report}, tools_.clock.Now())});
  });
}

void Daemon::Handle(const JobEnded& event) {
  backups_.erase(event.key);
  unproven_.erase(event.key);
  at_work_.erase(event.key);
  Tell(JobFinished{tools_.clock.Now(), event.key, event.end, event.retry_not_before});
}

void Daemon::Handle(const BackupRan& event) {
  backups_.erase(event.key);
  unproven_[event.key].since = tools_.clock.Now();
  Tell(JobYielded{tools_.clock.Now(), event.key});
}

void Daemon::Handle(const ProofsEnded& event) {
  in_proof_.clear();
  for (const JobEnded& backup : event.backups) Handle(backup);
}

void Daemon::Handle(const TimerFired& event) {
  Tell(TimePassed{tools_.clock.Now(), event.clock_was_set});
}

void Daemon::Handle(const StopSignalled&) {
  if (stopping_) return;
  stopping_ = true;
  hurry_at_ = tools_.clock.Now() + installation_.stop_grace + kHurryAfterGrace;
  Say(Severity::kInfo, "stopping; jobs that run are asked to end");
  Tell(StopRequested{tools_.clock.Now()});
}

void Daemon::Handle(const ReloadSignalled&) {
  if (stopping_) return;
  auto fresh = tools_.reload();
  about_me_.configured = tools_.clock.Now();
  ++about_me_.reloads;
  about_me_.config_error = fresh ? "" : fresh.error().message;
  if (!fresh) {
    return Say(Severity::kError,
               "the new configuration is not used, the old one stays: " + fresh.error().message);
  }
  installation_ = *std::move(fresh);
  rests_ = false;
  Say(Severity::kInfo, fmt::format("reloaded: {}, {} at a time",
                                   Count(TargetsOf(installation_.jobs).size(), "target"),
                                   installation_.max_parallel));
  Tell(Reconfigured{tools_.clock.Now(), installation_.jobs, installation_.max_parallel});
}

void Daemon::Handle(const JobAsked& event) { Tell(JobRequested{tools_.clock.Now(), event.key}); }

void Daemon::Handle(const ErrandAsked& event) {
  if (!stopping_) tools_.crew.Send(event.work);
}

/// Not while a backup of the wave runs, unless that takes long; one listing at a time.
bool Daemon::MayProve(UnixTime now) const {
  if (!in_proof_.empty()) return false;
  bool waits = false;
  bool waits_long = false;
  for (const auto& [key, backup] : unproven_) {
    if (backups_.contains(key)) continue;
    waits = true;
    // A clock that was set back must not make it wait longer.
    if (now - backup.since >= kProofWaits || now < backup.since) waits_long = true;
  }
  return waits && (backups_.empty() || waits_long);
}

void Daemon::ProveWhatWaits() {
  std::map<std::shared_ptr<Workshop>, std::set<TargetId>> waiting;
  for (const auto& [key, backup] : unproven_) {
    if (backups_.contains(key)) continue;
    in_proof_.insert(key);
    waiting[backup.workshop].insert(key.target);
  }
  tools_.crew.Send([this, waiting] {
    ProofsEnded ended;
    for (const auto& [workshop, targets] : waiting) {
      for (const JobReport& report : workshop->Prove(targets)) {
        ended.backups.push_back({{report.target, report.stage},
                                 EndOf({report}),
                                 RetryNotBefore({report}, tools_.clock.Now())});
      }
    }
    tools_.mailbox.Post(std::move(ended));
  });
}

/// After the facts of the daemon, which are part of what others are told.
void Daemon::RestIfIdle() {
  if (rests_ || stopping_ || !at_work_.empty()) return;
  rests_ = true;
  if (installation_.at_rest) tools_.crew.Send(installation_.at_rest);
}

void Daemon::HurryIfGraceIsOver(UnixTime now) {
  if (!hurry_at_ || now < *hurry_at_) return;
  hurry_at_.reset();
  Say(Severity::kWarning, "the grace of the stop is over; what still runs is ended");
  tools_.hurry();
}

std::optional<UnixTime> Daemon::NextWake() const {
  std::optional<UnixTime> wake = wake_at_;
  KeepEarlier(wake, hurry_at_);
  if (!in_proof_.empty()) return wake;
  for (const auto& [key, backup] : unproven_) {
    if (!backups_.contains(key)) KeepEarlier(wake, backup.since + kProofWaits);
  }
  return wake;
}

/// Others tell by it whether this daemon sleeps or is stuck. A full disk is the jobs' to report.
void Daemon::WriteFacts() {
  if (!about_me_.stopped) about_me_.next_wakeup = stopped_ ? std::nullopt : NextWake();
  if (written_ == about_me_) return;
  if (tools_.facts.WriteDaemon(about_me_)) written_ = about_me_;
}

}  // namespace runner
