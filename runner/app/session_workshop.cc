#include "runner/app/session_workshop.h"

#include <utility>

namespace runner {
namespace {

using targets::Stage;
using targets::Target;
using targets::TargetId;

/// Jobs that come so soon after a session could not be opened get the same answer.
constexpr std::chrono::seconds kRefusalLasts{30};

JobReport Blocked(const JobKey& key, const targets::Error& error) {
  JobReport report;
  report.target = key.target;
  report.stage = key.stage;
  report.outcome = JobOutcome::kBlocked;
  report.reason = error.message;
  report.hint = error.hint;
  return report;
}

/// One that a new configuration took away between the decision and the start.
JobReport Skipped(const JobKey& key) {
  JobReport report;
  report.target = key.target;
  report.stage = key.stage;
  report.outcome = JobOutcome::kSkipped;
  return report;
}

std::vector<const Target*> Find(const targets::Config& config, const std::vector<TargetId>& ids) {
  std::vector<const Target*> found;
  for (const TargetId& id : ids) {
    if (const Target* target = targets::FindTarget(config, id)) found.push_back(target);
  }
  return found;
}

/// A forget's due time is that of each of its targets.
void Expect(const Session& session, const StartJob& job) {
  RunRecorder& recorder = session.tools().recorder;
  const char* why =
      job.reason == StartReason::kRequested ? "somebody asked for it on the status page" : "";
  if (job.key.stage != Stage::kForget)
    return recorder.Expect({job.key.target, job.key.stage}, job.due, why);
  for (const TargetId& id : job.targets) recorder.Expect({id, Stage::kForget}, job.due, why);
}

}  // namespace

void SessionWorkshop::Open() { static_cast<void>(Ready()); }

targets::Result<Session*> SessionWorkshop::Ready() {
  const std::lock_guard lock(mutex_);
  if (session_ != nullptr) return session_.get();
  const MonotonicTime now = machine_.clock.Monotonic();
  if (refusal_ && now - refused_at_ < kRefusalLasts) return targets::Fail(*refusal_);
  auto session = Session::Open(machine_, *config_, observer_);
  if (session) {
    session_ = *std::move(session);
    refusal_.reset();
    return session_.get();
  }
  refusal_ = session.error();
  refused_at_ = machine_.clock.Monotonic();
  observer_->OnEvent({Severity::kError, "daemon", "", "no job can run: " + refusal_->message});
  if (!refusal_->hint.empty()) {
    observer_->OnEvent({Severity::kError, "daemon", "", "hint: " + refusal_->hint});
  }
  return targets::Fail(*refusal_);
}

/// In the history it is a forget that was not run: the answer decides about those to come.
std::optional<JobReport> SessionWorkshop::Acknowledge(const TargetId& id, Answer answer,
                                                      StopHandle& stop) {
  const Target* target = targets::FindTarget(*config_, id);
  const auto session = Ready();
  if (target == nullptr || !session) return std::nullopt;  // Ready() has told why
  const RunNotes notes(machine_.clock);
  const auto done = (*session)->acknowledgement().Run(*target, answer, stop);
  JobReport report = Skipped({id, Stage::kForget});
  report.reason = "answered on the status page: " + (done ? *done : done.error().reason);
  if (!done) {
    report.outcome = JobOutcome::kFailed;
    report.cause = done.error().cause;
    report.hint = done.error().hint;
  }
  observer_->OnEvent({done ? Severity::kInfo : Severity::kError, id.str(), "ack", report.reason});
  (*session)->tools().recorder.Record(report, notes);
  return report;
}

std::optional<SessionWorkshop::KnownListing> SessionWorkshop::LastListing() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || session_ == nullptr) return std::nullopt;
  auto listing = session_->listings().Last();
  if (!listing) return std::nullopt;
  return KnownListing{*std::move(listing), session_->version()};
}

std::optional<JobReport> SessionWorkshop::BackUp(const StartJob& job, StopHandle& stop) {
  const TargetId& id = job.key.target;
  const auto session = Ready();
  if (!session) return Blocked(job.key, session.error());
  const Target* target = targets::FindTarget(*config_, id);
  if (target == nullptr) return Skipped(job.key);
  Expect(**session, job);
  RanBackup ran = (*session)->backups().RunOne(*target, stop);
  if (ran.report) return std::move(ran.report);
  const std::lock_guard lock(mutex_);
  unproven_.insert_or_assign(id, std::move(ran));
  return std::nullopt;
}

std::vector<JobReport> SessionWorkshop::Prove(const std::set<TargetId>& targets) {
  std::vector<RanBackup> backups;
  {
    const std::lock_guard lock(mutex_);
    for (const TargetId& id : targets) {
      if (auto found = unproven_.extract(id)) backups.push_back(std::move(found.mapped()));
    }
  }
  return session_->backups().Prove(std::move(backups));
}

std::vector<JobReport> SessionWorkshop::Run(const StartJob& job, StopHandle& stop) {
  const auto session = Ready();
  if (!session) return {Blocked(job.key, session.error())};
  Expect(**session, job);
  Maintenance& maintenance = (*session)->maintenance();
  switch (job.key.stage) {
    case Stage::kRestore: {
      const Target* target = targets::FindTarget(*config_, job.key.target);
      if (target == nullptr) break;
      return {(*session)->restores().Run(*target, stop)};
    }
    case Stage::kDrill: {
      const Target* target = targets::FindTarget(*config_, job.key.target);
      if (target == nullptr) break;
      return {(*session)->drills().Run(*target, stop)};
    }
    case Stage::kForget:
      return (*session)->forgets().Run(Find(*config_, job.targets), stop);
    case Stage::kProbe:
      return {maintenance.Probe(stop)};
    case Stage::kPrune:
      return {maintenance.Prune(stop)};
    case Stage::kCheck:
      return {maintenance.Check(stop)};
    case Stage::kBackup:
      break;
  }
  return {Skipped(job.key)};
}

}  // namespace runner
