#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "runner/schedule/job.h"

namespace runner {

/// What happens to the scheduler. Every event carries the time at which it happened.
struct Started {
  targets::UnixTime now;
  std::map<JobKey, JobRecord> records;  // what survived from before
};
/// The timer that was asked for went off, or the clock was set.
struct TimePassed {
  targets::UnixTime now;
  bool clock_was_set = false;
};
struct JobFinished {
  targets::UnixTime now;
  JobKey key;
  JobEnd end = JobEnd::kFailure;
  std::optional<targets::UnixTime> retry_not_before;  // e.g. a daily cap
};
/// A person asked for it now.
struct JobRequested {
  targets::UnixTime now;
  JobKey key;
};
/// A validated new configuration; running jobs go on, jobs that are gone are forgotten.
struct Reconfigured {
  targets::UnixTime now;
  std::vector<JobSpec> jobs;
  int max_parallel = 1;
};
/// No new jobs from now on.
struct StopRequested {
  targets::UnixTime now;
};
using SchedulerEvent =
    std::variant<Started, TimePassed, JobFinished, JobRequested, Reconfigured, StopRequested>;

struct StartJob {
  JobKey key;
  targets::UnixTime due{};
  StartReason reason = StartReason::kScheduled;
  std::vector<targets::TargetId>
      targets;  // of a forget: whose backups succeeded since the last one

  bool operator==(const StartJob&) const = default;
};

/// What the caller must do, in this order: store `records` durably, start `start`, set the timer.
struct SchedulerActions {
  std::map<JobKey, JobRecord> records;
  std::vector<StartJob> start;
  std::optional<targets::UnixTime>
      wake_at;           // the next instant that matters; nullopt: only an event can matter
  bool stopped = false;  // after StopRequested: nothing runs any more
};

/// Decides what runs when. Pure: (state, event) -> actions; no clock, no I/O. Not thread-safe.
/// - shared jobs (restore, backup, drill, probe) run side by side, at most `max_parallel`;
/// exclusive ones (forget,
///   prune, check) run alone;
/// - the most overdue goes first; shared jobs may pass an exclusive one that waits for running
/// ones, but only for
///   kExclusivePatience: then it lets nobody past, so neither side starves and one long upload does
///   not stop the rest;
/// - a target has one run at a time, and its restore goes before its backup;
/// - at most one pending run per job: several missed occurrences are one;
/// - a failed run is tried again after 1, 5, 15 and 60 minutes, as long as that is before its next
/// occurrence;
/// - after a wave of backups one forget serves all targets whose backup succeeded.
/// An event costs O(log n) in the number of jobs, plus what it starts.
class Scheduler {
 public:
  static constexpr targets::Duration kExclusivePatience{6 * 3600};

  Scheduler(std::vector<JobSpec> jobs, int max_parallel);

  SchedulerActions On(const SchedulerEvent& event);

  /// For `status` and `explain`.
  struct JobView {
    JobRecord record;
    bool pending = false;
    std::optional<targets::UnixTime> next_due;
  };
  [[nodiscard]] std::optional<JobView> View(const JobKey& key) const;

 private:
  struct Pending {
    targets::UnixTime due{};
    StartReason reason = StartReason::kScheduled;
  };
  struct Job {
    JobSpec spec;
    JobRecord record;
    std::optional<Pending> pending;
    std::optional<targets::UnixTime> wake;  // where it stands in wakes_
    bool removed = false;                   // gone from the configuration, still running
  };

  void Handle(const Started& event);
  void Handle(const TimePassed& event);
  void Handle(const JobFinished& event);
  void Handle(const JobRequested& event);
  void Handle(const Reconfigured& event);
  void Handle(const StopRequested& event);

  Job& AddJob(JobSpec spec);
  void Adopt(Job& job, targets::UnixTime now);
  void RunInterruptedAgain(Job& job, targets::UnixTime now);
  void ClampToClock(Job& job, targets::UnixTime now);
  void Examine(Job& job, targets::UnixTime now);
  void Enqueue(Job& job, targets::UnixTime due, StartReason reason);
  void Dequeue(Job& job);
  void UpdateWake(Job& job, targets::UnixTime now);
  void SetWake(Job& job, std::optional<targets::UnixTime> at);
  void ScheduleRetry(Job& job, targets::UnixTime now, std::optional<targets::UnixTime> not_before);
  void Release(const JobKey& key);
  void SettleForget(bool success);
  void StartWhatMay(targets::UnixTime now);
  enum class Turn { kStart, kPass, kWait };
  [[nodiscard]] Turn TurnOf(const JobKey& key, targets::UnixTime due, targets::UnixTime now) const;
  void Start(Job& job, targets::UnixTime now);
  void Record(const Job& job);

  std::map<JobKey, Job> jobs_;
  std::set<std::pair<targets::UnixTime, JobKey>> queue_;  // pending, most overdue first
  std::set<std::pair<targets::UnixTime, JobKey>> wakes_;  // when to look at a job again
  std::set<targets::TargetId> busy_;                      // targets with a run
  std::set<targets::TargetId> to_forget_;                 // backed up since the last forget
  std::set<targets::TargetId> forgetting_;                // in the forget that runs
  int max_parallel_;
  int running_shared_ = 0;
  bool running_exclusive_ = false;
  bool started_ = false;
  bool stopping_ = false;
  SchedulerActions actions_;  // of the event being handled
};

/// True for the stages that must have the repository for themselves.
constexpr bool IsExclusive(targets::Stage stage) {
  return stage == targets::Stage::kForget || stage == targets::Stage::kPrune ||
         stage == targets::Stage::kCheck;
}

}  // namespace runner
