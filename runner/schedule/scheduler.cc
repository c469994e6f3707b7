#include "runner/schedule/scheduler.h"

#include <algorithm>
#include <array>

namespace runner {
namespace {

using targets::Duration;
using targets::Stage;
using targets::UnixTime;

constexpr std::array kBackoff = {Duration{60}, Duration{5 * 60}, Duration{15 * 60},
                                 Duration{60 * 60}};
/// A timer that goes off so late that the machine must have slept: a missed occurrence, not a late
/// one.
constexpr Duration kLate{10 * 60};
/// The longest wait for a retry that anything asks for (a daily cap); a later one comes from a
/// clock that was wrong.
constexpr Duration kLongestRetry{25 * 3600};
constexpr Duration kDay{24 * 3600};

const JobKey kForgetKey{targets::TargetId{}, Stage::kForget};

targets::Recurrence Never() {
  // A manual schedule in UTC cannot be refused.
  return *targets::Recurrence::Make(targets::Schedule{targets::ManualTiming{}, "UTC"}, "");
}

}  // namespace

std::string_view StartReasonName(StartReason reason) {
  switch (reason) {
    case StartReason::kScheduled:
      return "scheduled";
    case StartReason::kCatchUp:
      return "catch-up";
    case StartReason::kRetry:
      return "retry";
    case StartReason::kDaemonStart:
      return "daemon start";
    case StartReason::kInterrupted:
      return "interrupted before";
    case StartReason::kRequested:
      return "requested";
    case StartReason::kAfterBackup:
      return "after backups";
  }
  return "unknown";
}

Scheduler::Scheduler(std::vector<JobSpec> jobs, int max_parallel) : max_parallel_(max_parallel) {
  for (JobSpec& spec : jobs) AddJob(std::move(spec));
  AddJob(JobSpec{kForgetKey, Never()});
}

Scheduler::Job& Scheduler::AddJob(JobSpec spec) {
  const JobKey key = spec.key;
  return jobs_.try_emplace(key, Job{std::move(spec), {}, {}, {}}).first->second;
}

SchedulerActions Scheduler::On(const SchedulerEvent& event) {
  actions_ = {};
  std::visit([this](const auto& e) { Handle(e); }, event);
  const UnixTime now = std::visit([](const auto& e) { return e.now; }, event);
  if (started_ && !stopping_) StartWhatMay(now);
  if (!wakes_.empty() && !stopping_) actions_.wake_at = wakes_.begin()->first;
  actions_.stopped = stopping_ && running_shared_ == 0 && !running_exclusive_;
  return std::move(actions_);
}

void Scheduler::Handle(const Started& event) {
  started_ = true;
  for (auto& [key, job] : jobs_) {
    const auto record = event.records.find(key);
    if (record != event.records.end()) job.record = record->second;
    Adopt(job, event.now);
  }
}

/// A job that was just loaded: what did it miss while nobody looked?
void Scheduler::Adopt(Job& job, UnixTime now) {
  ClampToClock(job, now);
  if (!job.record.settled_due) {  // never seen before: its first occurrence is yet to come
    job.record.settled_due = now;
    Record(job);
  }
  if (job.record.running) RunInterruptedAgain(job, now);
  if (job.spec.catch_up == targets::CatchUp::kSkip) {
    const auto missed = job.spec.recurrence.Previous(now);
    if (missed && *missed > *job.record.settled_due) {
      job.record.settled_due = *missed;
      Record(job);
    }
  }
  if (job.spec.at_start) Enqueue(job, now, StartReason::kDaemonStart);
  Examine(job, now);
  if (job.pending && job.pending->reason == StartReason::kScheduled)
    job.pending->reason = StartReason::kCatchUp;
}

void Scheduler::RunInterruptedAgain(Job& job, UnixTime now) {
  job.record.running = false;
  if (job.record.retries == 0) {
    job.record.retries = 1;
    Enqueue(job, job.record.last_attempt.value_or(now), StartReason::kInterrupted);
  } else {
    ScheduleRetry(job, now, std::nullopt);  // whatever kills the program must not do so in a loop
  }
  Record(job);
}

/// Times of a clock that was far ahead must not silence a job for ever.
void Scheduler::ClampToClock(Job& job, UnixTime now) {
  JobRecord& record = job.record;
  const Duration period = job.spec.recurrence.Period(now).value_or(kDay);
  if (record.settled_due && *record.settled_due - now > period) {
    record.settled_due = now;
    Record(job);
  }
  if (record.retry_at && *record.retry_at - now > kLongestRetry) {
    record.retry_at = now;
    Record(job);
  }
}

void Scheduler::Handle(const TimePassed& event) {
  if (event.clock_was_set) {
    for (auto& [key, job] : jobs_) {
      ClampToClock(job, event.now);
      Examine(job, event.now);
    }
    return;
  }
  while (!wakes_.empty() && wakes_.begin()->first <= event.now) {
    Examine(jobs_.at(wakes_.begin()->second), event.now);
  }
}

/// Is it due, is its retry due, and when must it be looked at again?
void Scheduler::Examine(Job& job, UnixTime now) {
  JobRecord& record = job.record;
  const auto newest = job.spec.recurrence.Previous(now);
  if (newest && record.settled_due && *newest > *record.settled_due && !record.running) {
    const bool missed = job.spec.catch_up == targets::CatchUp::kSkip && now - *newest > kLate;
    if (missed) {
      record.settled_due = *newest;
      Record(job);
    } else {
      const auto first = job.spec.recurrence.Next(*record.settled_due);
      Enqueue(job, first.value_or(*newest), StartReason::kScheduled);
    }
  }
  if (record.retry_at && *record.retry_at <= now && !record.running) {
    Enqueue(job, *record.retry_at, StartReason::kRetry);
  }
  UpdateWake(job, now);
}

void Scheduler::UpdateWake(Job& job, UnixTime now) {
  if (job.pending || job.record.running || job.removed) return SetWake(job, std::nullopt);
  auto wake = job.spec.recurrence.Next(std::max(now, job.record.settled_due.value_or(now)));
  if (job.record.retry_at && (!wake || *job.record.retry_at < *wake)) wake = job.record.retry_at;
  SetWake(job, wake);
}

void Scheduler::SetWake(Job& job, std::optional<UnixTime> at) {
  if (job.wake == at) return;
  if (job.wake) wakes_.erase({*job.wake, job.spec.key});
  if (at) wakes_.emplace(*at, job.spec.key);
  job.wake = at;
}

void Scheduler::Enqueue(Job& job, UnixTime due, StartReason reason) {
  if (job.record.running || job.removed) return;
  if (job.pending) {
    if (job.pending->due <= due) return;  // several reasons, one run: the most overdue stands
    Dequeue(job);
  }
  job.pending = Pending{due, reason};
  queue_.emplace(due, job.spec.key);
  SetWake(job, std::nullopt);
}

void Scheduler::Dequeue(Job& job) {
  queue_.erase({job.pending->due, job.spec.key});
  job.pending.reset();
}

void Scheduler::Handle(const JobRequested& event) {
  const auto found = jobs_.find(event.key);
  if (found != jobs_.end()) Enqueue(found->second, event.now, StartReason::kRequested);
}

void Scheduler::Handle(const JobFinished& event) {
  const auto found = jobs_.find(event.key);
  if (found == jobs_.end() || !found->second.record.running) return;
  Job& job = found->second;
  job.record.running = false;
  Release(event.key);
  if (event.end == JobEnd::kFailure) {
    ScheduleRetry(job, event.now, event.retry_not_before);
  } else {
    job.record.retries = 0;
    if (event.end == JobEnd::kSuccess) job.record.last_success = event.now;
  }
  if (event.key.stage == Stage::kForget) SettleForget(event.end != JobEnd::kFailure);
  Record(job);
  if (job.removed) {
    jobs_.erase(found);
    return;
  }
  if (event.key.stage == Stage::kBackup && event.end == JobEnd::kSuccess) {
    to_forget_.insert(event.key.target);
    Enqueue(jobs_.at(kForgetKey), event.now, StartReason::kAfterBackup);
  }
  Examine(job, event.now);
}

void Scheduler::Release(const JobKey& key) {
  if (IsExclusive(key.stage)) {
    running_exclusive_ = false;
  } else {
    --running_shared_;
  }
  busy_.erase(key.target);
}

void Scheduler::SettleForget(bool success) {
  if (!success) to_forget_.insert(forgetting_.begin(), forgetting_.end());
  forgetting_.clear();
}

void Scheduler::ScheduleRetry(Job& job, UnixTime now, std::optional<UnixTime> not_before) {
  JobRecord& record = job.record;
  record.retry_at.reset();
  const auto tries = static_cast<std::size_t>(record.retries);
  if (tries >= kBackoff.size()) return;
  const UnixTime at = std::max(now + kBackoff[tries], not_before.value_or(now));
  const auto next = job.spec.recurrence.Next(std::max(now, record.settled_due.value_or(now)));
  if (next && at >= *next) return;  // the next occurrence comes first
  ++record.retries;
  record.retry_at = at;
}

void Scheduler::Handle(const StopRequested&) { stopping_ = true; }

void Scheduler::Handle(const Reconfigured& event) {
  max_parallel_ = event.max_parallel;
  std::set<JobKey> kept = {kForgetKey};
  for (const JobSpec& spec : event.jobs) {
    kept.insert(spec.key);
    const bool known = jobs_.contains(spec.key);
    Job& job = AddJob(spec);
    job.spec = spec;
    job.removed = false;
    if (known) {
      Examine(job, event.now);
    } else if (started_) {
      Adopt(job, event.now);
    }
  }
  for (auto entry = jobs_.begin(); entry != jobs_.end();) {
    Job& job = entry->second;
    if (kept.contains(entry->first)) {
      ++entry;
      continue;
    }
    if (job.pending) Dequeue(job);
    SetWake(job, std::nullopt);
    to_forget_.erase(entry->first.target);
    job.removed = true;
    entry = job.record.running ? std::next(entry) : jobs_.erase(entry);
  }
}

Scheduler::Turn Scheduler::TurnOf(const JobKey& key, UnixTime due, UnixTime now) const {
  if (running_exclusive_) return Turn::kWait;
  if (IsExclusive(key.stage)) {
    if (running_shared_ == 0) return Turn::kStart;
    return now - due > kExclusivePatience ? Turn::kWait : Turn::kPass;
  }
  if (running_shared_ >= max_parallel_) return Turn::kWait;
  if (key.target.empty()) return Turn::kStart;
  if (busy_.contains(key.target)) return Turn::kPass;
  if (key.stage == Stage::kRestore) return Turn::kStart;
  const auto restore = jobs_.find(JobKey{key.target, Stage::kRestore});
  return restore != jobs_.end() && restore->second.pending ? Turn::kPass : Turn::kStart;
}

void Scheduler::StartWhatMay(UnixTime now) {
  for (auto entry = queue_.begin(); entry != queue_.end();) {
    const auto [due, key] = *entry;
    const Turn turn = TurnOf(key, due, now);
    if (turn == Turn::kWait) return;
    ++entry;
    if (turn == Turn::kStart) Start(jobs_.at(key), now);
  }
}

void Scheduler::Start(Job& job, UnixTime now) {
  const Pending pending = *job.pending;
  Dequeue(job);
  const JobKey& key = job.spec.key;
  JobRecord& record = job.record;
  const auto newest = job.spec.recurrence.Previous(now);
  if (newest && (!record.settled_due || *newest > *record.settled_due)) {
    record.settled_due = *newest;
    record.retries = 0;  // a new slot
  }
  record.retry_at.reset();
  record.last_attempt = now;
  record.running = true;
  StartJob start{key, pending.due, pending.reason, {}};
  if (IsExclusive(key.stage)) {
    running_exclusive_ = true;
  } else {
    ++running_shared_;
  }
  if (!key.target.empty()) busy_.insert(key.target);
  if (key.stage == Stage::kForget) {
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
