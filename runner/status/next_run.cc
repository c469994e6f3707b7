#include "runner/status/next_run.h"

#include <algorithm>

#include "runner/schedule/scheduler.h"

namespace runner {
namespace {

using targets::UnixTime;

/// What a clock that was far ahead left behind does not count, as in the scheduler.
std::optional<UnixTime> Settled(const JobSpec& job, const JobRecord& record, UnixTime now) {
  constexpr targets::Duration kDay{24 * 3600};
  if (!record.settled_due) return std::nullopt;
  const UnixTime latest = now + job.recurrence.Period(now).value_or(kDay);
  return *record.settled_due <= latest ? *record.settled_due : now;
}

}  // namespace

std::string_view NextKindName(NextKind kind) {
  switch (kind) {
    case NextKind::kNever:
      return "never";
    case NextKind::kAfterRun:
      return "after_run";
    case NextKind::kRetry:
      return "retry";
    case NextKind::kOverdue:
      return "overdue";
    case NextKind::kScheduled:
      return "scheduled";
  }
  return "never";
}

std::optional<UnixTime> MissedSince(const JobSpec& job, const JobRecord& record, UnixTime now) {
  const auto settled = Settled(job, record, now);
  const auto newest = job.recurrence.Previous(now);
  if (!settled || !newest || *newest <= *settled) return std::nullopt;
  if (job.catch_up == targets::CatchUp::kSkip && now - *newest > Scheduler::kLate)
    return std::nullopt;
  return std::min(job.recurrence.Next(*settled).value_or(*newest), *newest);
}

NextRun FindNextRun(const JobSpec& job, const JobRecord& record, UnixTime now, Daemon daemon,
                    Work work) {
  if (work == Work::kAtWork) return {NextKind::kAfterRun};
  if (record.retry_at && daemon == Daemon::kRuns)
    return {NextKind::kRetry, record.retry_at, record.retries};
  if (daemon == Daemon::kRuns) {
    if (const auto missed = MissedSince(job, record, now)) return {NextKind::kOverdue, missed};
  }
  const auto next = job.recurrence.Next(std::max(now, Settled(job, record, now).value_or(now)));
  return next ? NextRun{NextKind::kScheduled, next} : NextRun{};
}

}  // namespace runner
