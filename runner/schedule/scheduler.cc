#include "runner/schedule/scheduler.h"

#include <algorithm>
#include <array>

namespace runner {
namespace {

using targets::CatchUp;
using targets::Duration;
using targets::Stage;
using targets::UnixTime;

constexpr std::array kBackoff = {Duration{60}, Duration{5 * 60}, Duration{15 * 60},
                                 Duration{60 * 60}};
constexpr Duration kDay{24 * 3600};

targets::Recurrence Never() {
  // A manual schedule in UTC cannot be refused.
  return *targets::Recurrence::Make(targets::Schedule{targets::ManualTiming{}, "UTC"}, "");
}

/// These come back by themselves if the clock was set to before they are due.
bool FollowsFromTime(StartReason reason) {
  return reason == StartReason::kScheduled || reason == StartReason::kCatchUp ||
         reason == StartReason::kRetry;
}

bool SameInstantsAround(const targets::Recurrence& a, const targets::Recurrence& b, UnixTime now) {
  return a.Previous(now) == b.Previous(now) && a.Next(now) == b.Next(now);
}

}  // namespace

Scheduler::Scheduler(std::vector<JobSpec> jobs, int max_parallel) : queue_(max_parallel) {
  for (JobSpec& spec : jobs) AddJob(std::move(spec));
  AddJob(JobSpec{kForgetKey, Never()});
}

Scheduler::Job& Scheduler::AddJob(JobSpec spec) {
  const JobKey key = spec.key;
  return jobs_.try_emplace(key, Job{std::move(spec), {}, {}, {}, {}}).first->second;
}

SchedulerActions Scheduler::On(const SchedulerEvent& event) {
  actions_ = {};
  const UnixTime now = std::visit([](const auto& e) { return e.now; }, event);
  if (started_ && now < last_now_) FollowClock(now);  // before anybody said that it was set
  last_now_ = now;
  std::visit([this](const auto& e) { Handle(e); }, event);
  if (started_ && !stopping_) {
    LookAtDueJobs(now);
    StartWhatMay(now);
    actions_.wake_at = NextWake();
  }
  actions_.stopped = stopping_ && !queue_.AnythingRuns();
  return std::move(actions_);
}

std::optional<UnixTime> Scheduler::NextWake() const {
  std::optional<UnixTime> wake = queue_.hold_ends();
  if (!wakes_.empty() && (!wake || wakes_.begin()->first < *wake)) wake = wakes_.begin()->first;
  return wake;
}

void Scheduler::Handle(const Started& event) {
  started_ = true;
  for (auto& [key, job] : jobs_) {
    const auto record = event.records.find(key);
    if (record != event.records.end()) job.record = record->second;
  }
  FindOwedForgets();
  Job& forget = jobs_.at(kForgetKey);
  const bool forget_has_its_own_plan = forget.record.running || forget.record.retry_at;
  for (auto& [key, job] : jobs_) Adopt(job, event.now);
  if (!forget_has_its_own_plan) {
    Enqueue(forget, {event.now, StartReason::kAfterBackup}, event.now);
  }
  CancelNeedlessForget();
}

/// A job that was just loaded: what did it miss while nobody looked?
void Scheduler::Adopt(Job& job, UnixTime now) {
  if (!job.record.settled_due) {  // never seen before: its first occurrence is yet to come
    job.record.settled_due = now;
    Record(job);
  }
  FitToClock(job, now);
  const bool crashed_before = job.record.running && job.record.retries > 0;
  if (job.record.running) RunInterruptedAgain(job, now);
  Examine(job, now);
  if (job.spec.at_start && !crashed_before) Enqueue(job, {now, StartReason::kDaemonStart}, now);
}

void Scheduler::RunInterruptedAgain(Job& job, UnixTime now) {
  job.record.running = false;
  if (job.record.retries == 0) {
    job.record.retries = 1;
    const UnixTime due = std::min(now, job.record.last_attempt.value_or(now));
    Enqueue(job, {due, StartReason::kInterrupted}, now);
  } else {
    ScheduleRetry(job, now, std::nullopt);
  }
  Record(job);
}

/// Times of a clock that was far ahead must not silence a job for ever; but they may turn out to be
/// right, so the record keeps them until the next run.
void Scheduler::FitToClock(Job& job, UnixTime now) {
  JobRecord& record = job.record;
  const UnixTime latest = now + job.spec.recurrence.Period(now).value_or(kDay);
  if (record.settled_due && *record.settled_due <= latest) {
    job.settled = record.settled_due;
  } else if (!job.settled || *job.settled > latest) {
    job.settled = now;
  }
  if (record.retry_at && *record.retry_at - now > kLongestRetry) {
    record.retry_at = now;
    Record(job);
  }
}

void Scheduler::Handle(const TimePassed& event) {
  if (event.clock_was_set) FollowClock(event.now);
}

void Scheduler::FollowClock(UnixTime now) {
  queue_.ClockSetTo(now);
  for (auto& [key, job] : jobs_) {
    FitToClock(job, now);
    TakeBackUnlessDue(job, now);
    Examine(job, now);
  }
}

/// A waiting run is not due any more if its time is yet to come, or has turned out to be settled.
void Scheduler::TakeBackUnlessDue(Job& job, UnixTime now) {
  if (!job.pending) return;
  const bool settled = job.settled && job.pending->due <= *job.settled;
  if (job.pending->due <= now && !settled) return;
  if (const auto lasting = job.pending->lasting) {
    job.pending = Pending{now, *lasting, lasting};
  } else {
    Dequeue(job);
  }
}

void Scheduler::LookAtDueJobs(UnixTime now) {
  while (!wakes_.empty() && wakes_.begin()->first <= now) {
    Examine(jobs_.at(wakes_.begin()->second), now);
  }
}

std::optional<UnixTime> Scheduler::NewestUnsettled(const Job& job, UnixTime now) {
  const auto newest = job.spec.recurrence.Previous(now);
  return newest && (!job.settled || *newest > *job.settled) ? newest : std::nullopt;
}

void Scheduler::Settle(Job& job, UnixTime occurrence) {
  job.settled = occurrence;
  job.record.settled_due = occurrence;
}

/// With the occurrence goes the retry of the slot that it ended.
void Scheduler::SkipTo(Job& job, UnixTime occurrence, UnixTime now) {
  Settle(job, occurrence);
  JobRecord& record = job.record;
  if (record.retry_at && *record.retry_at <= now) {
    record.retry_at.reset();
    record.retries = 0;
  }
  Record(job);
}

/// Is it due, is its retry due, and when must it be looked at again?
void Scheduler::Examine(Job& job, UnixTime now) {
  const auto& recorded = job.record.settled_due;
  if (recorded && *recorded <= now && job.settled < recorded) job.settled = recorded;
  const JobRecord& record = job.record;
  if (!job.pending && !record.running && !job.removed) {
    if (const auto newest = NewestUnsettled(job, now)) {
      const bool late = now - *newest > kLate;
      if (late && job.spec.catch_up == CatchUp::kSkip) {
        SkipTo(job, *newest, now);
      } else {
        const auto first = job.spec.recurrence.Next(job.settled.value_or(*newest));
        const UnixTime due = std::min(first.value_or(*newest), *newest);
        Enqueue(job, {due, late ? StartReason::kCatchUp : StartReason::kScheduled}, now);
      }
    }
    if (record.retry_at && *record.retry_at <= now) {
      Enqueue(job, {*record.retry_at, StartReason::kRetry}, now);
    }
  }
  UpdateWake(job, now);
}

void Scheduler::UpdateWake(Job& job, UnixTime now) {
  if (job.pending || job.record.running || job.removed) return SetWake(job, std::nullopt);
  auto wake = job.spec.recurrence.Next(std::max(now, job.settled.value_or(now)));
  const auto& retry_at = job.record.retry_at;
  if (retry_at && *retry_at > now && (!wake || *retry_at < *wake)) wake = retry_at;
  SetWake(job, wake);
}

void Scheduler::SetWake(Job& job, std::optional<UnixTime> at) {
  if (job.wake == at) return;
  if (job.wake) wakes_.erase({*job.wake, job.spec.key});
  if (at) wakes_.emplace(*at, job.spec.key);
  job.wake = at;
}

void Scheduler::Enqueue(Job& job, Pending run, UnixTime now) {
  if (job.record.running || job.removed) return;
  if (job.spec.key == kForgetKey && to_forget_.empty()) return;
  if (!FollowsFromTime(run.reason)) run.lasting = run.reason;
  if (job.pending) {
    if (job.pending->lasting) run.lasting = job.pending->lasting;
    job.pending->lasting = run.lasting;
    if (job.pending->due <= run.due) return;  // the most overdue reason stands
  }
  job.pending = run;
  queue_.Push(job.spec.key, IsExclusive(job.spec.key.stage) ? now : run.due);
  SetWake(job, std::nullopt);
}

void Scheduler::Dequeue(Job& job) {
  queue_.Remove(job.spec.key);
  job.pending.reset();
}

void Scheduler::Handle(const JobYielded& event) { queue_.Yield(event.key); }

void Scheduler::Handle(const JobRequested& event) {
  const auto found = jobs_.find(event.key);
  if (found == jobs_.end()) return;
  if (event.key == kForgetKey) {
    for (const auto& [key, job] : jobs_) OweForgetTo(job.spec, event.now);
  }
  Enqueue(found->second, {event.now, StartReason::kRequested}, event.now);
}

void Scheduler::Handle(const JobFinished& event) {
  const auto found = jobs_.find(event.key);
  if (found == jobs_.end() || !found->second.record.running) return;
  Job& job = found->second;
  job.record.running = false;
  queue_.End(event.key);
  if (event.end == JobEnd::kFailure) {
    ScheduleRetry(job, event.now, event.retry_not_before);
  } else {
    job.record.retries = 0;
    if (event.end == JobEnd::kSuccess) job.record.last_success = event.now;
  }
  Record(job);
  if (job.removed) {
    jobs_.erase(found);
    return;
  }
  if (event.key == kForgetKey) SettleForget(event.end);
  if (event.end == JobEnd::kSuccess) OweForgetTo(job.spec, event.now);
  Examine(job, event.now);
}

void Scheduler::ScheduleRetry(Job& job, UnixTime now, std::optional<UnixTime> not_before) {
  JobRecord& record = job.record;
  record.retry_at.reset();
  const auto tries = static_cast<std::size_t>(std::max(record.retries, 0));
  if (tries >= kBackoff.size()) return;
  const UnixTime at =
      std::min(std::max(now + kBackoff[tries], not_before.value_or(now)), now + kLongestRetry);
  const auto next = job.spec.recurrence.Next(std::max(now, job.settled.value_or(now)));
  if (next && at >= *next) return;  // the next occurrence comes first
  ++record.retries;
  record.retry_at = at;
}

void Scheduler::Handle(const StopRequested&) { stopping_ = true; }

void Scheduler::Handle(const Reconfigured& event) {
  queue_.SetMaxParallel(event.max_parallel);
  std::set<JobKey> kept = {kForgetKey};
  for (const JobSpec& spec : event.jobs) {
    kept.insert(spec.key);
    const auto known = jobs_.find(spec.key);
    if (known != jobs_.end()) {
      ChangeSpec(known->second, spec, event.now);
    } else if (Job& job = AddJob(spec); started_) {
      Adopt(job, event.now);
    }
  }
  ForgetRemovedJobs(kept);
}

/// What the new schedule would have had before now was not missed.
void Scheduler::ChangeSpec(Job& job, const JobSpec& spec, UnixTime now) {
  const bool changed = !SameInstantsAround(job.spec.recurrence, spec.recurrence, now);
  const bool missed = NewestUnsettled(job, now).has_value();
  job.spec = spec;
  job.removed = false;
  if (!started_) return;
  if (changed && !missed) {
    if (const auto newest = NewestUnsettled(job, now)) {
      Settle(job, *newest);
      Record(job);
    }
  }
  Examine(job, now);
}

void Scheduler::ForgetRemovedJobs(const std::set<JobKey>& kept) {
  for (auto entry = jobs_.begin(); entry != jobs_.end();) {
    auto& [key, job] = *entry;
    const bool owed = key.stage == Stage::kBackup && kept.contains(key) && job.spec.forget_after;
    if (key.stage == Stage::kBackup && !owed) {
      to_forget_.erase(key.target);
      forgetting_.erase(key.target);
    }
    if (kept.contains(key)) {
      ++entry;
      continue;
    }
    if (job.pending) Dequeue(job);
    SetWake(job, std::nullopt);
    job.removed = true;
    entry = job.record.running ? std::next(entry) : jobs_.erase(entry);
  }
  CancelNeedlessForget();
}

void Scheduler::FindOwedForgets() {
  const auto last_forget = jobs_.at(kForgetKey).record.last_success;
  for (const auto& [key, job] : jobs_) {
    const auto& success = job.record.last_success;
    const bool owed = success && (!last_forget || *success > *last_forget);
    if (key.stage == Stage::kBackup && job.spec.forget_after && owed) to_forget_.insert(key.target);
  }
  CancelNeedlessForget();
}

void Scheduler::OweForgetTo(const JobSpec& backup, UnixTime now) {
  if (backup.key.stage != Stage::kBackup || !backup.forget_after) return;
  to_forget_.insert(backup.key.target);
  Enqueue(jobs_.at(kForgetKey), {now, StartReason::kAfterBackup}, now);
}

void Scheduler::SettleForget(JobEnd end) {
  if (end != JobEnd::kSuccess) to_forget_.insert(forgetting_.begin(), forgetting_.end());
  forgetting_.clear();
  CancelNeedlessForget();
}

void Scheduler::CancelNeedlessForget() {
  Job& forget = jobs_.at(kForgetKey);
  if (!to_forget_.empty() || forget.record.running) return;
  if (forget.pending) Dequeue(forget);
  SetWake(forget, std::nullopt);
  if (!forget.record.retry_at) return;
  forget.record.retry_at.reset();
  Record(forget);
}

void Scheduler::StartWhatMay(UnixTime now) {
  while (const auto key = queue_.StartNext(now)) Start(jobs_.at(*key), now);
}

void Scheduler::Start(Job& job, UnixTime now) {
  const Pending pending = *job.pending;
  job.pending.reset();
  JobRecord& record = job.record;
  const auto newest = NewestUnsettled(job, now);
  if (newest) Settle(job, *newest);
  const bool again =
      pending.reason == StartReason::kRetry || pending.reason == StartReason::kInterrupted;
  if (newest || !again) record.retries = 0;
  record.retry_at.reset();
  record.last_attempt = now;
  record.running = true;
  StartJob start{job.spec.key, pending.due, pending.reason};
  if (job.spec.key == kForgetKey) {
    start.targets.assign(to_forget_.begin(), to_forget_.end());
    forgetting_ = std::exchange(to_forget_, {});
  }
  SetWake(job, std::nullopt);
  Record(job);
  actions_.start.push_back(std::move(start));
}

void Scheduler::Record(const Job& job) { actions_.records[job.spec.key] = job.record; }

std::optional<Scheduler::JobView> Scheduler::View(const JobKey& key) const {
  const auto found = jobs_.find(key);
  if (found == jobs_.end()) return std::nullopt;
  const Job& job = found->second;
  JobView view{job.record, job.pending.has_value(), job.wake};
  if (job.pending) view.next_due = job.pending->due;
  return view;
}

}  // namespace runner
