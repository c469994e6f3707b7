#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "runner/schedule/job.h"
#include "runner/schedule/run_queue.h"

namespace runner {

/// What happens to the scheduler. Every event carries the time at which it happened.
struct Started {
  targets::UnixTime now;
  std::map<JobKey, JobRecord> records;  // what survived from before
};
/// The timer that was asked for went off, or the clock was set. An event that is earlier than the
/// one before says by itself that it was set back.
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
/// Of a running job: its processes are done, it only waits to be proven, which one listing does for
/// many. Until it ends it takes no place of `max_parallel`.
struct JobYielded {
  targets::UnixTime now;
  JobKey key;
};
/// A person asked for it now. If it runs already, that run is the answer. A forget then serves all
/// targets.
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
using SchedulerEvent = std::variant<Started, TimePassed, JobFinished, JobYielded, JobRequested,
                                    Reconfigured, StopRequested>;

struct StartJob {
  JobKey key;
  targets::UnixTime due{};
  StartReason reason = StartReason::kScheduled;
  /// Of a forget, sorted, never empty: whose backups succeeded since the last one.
  std::vector<targets::TargetId> targets = {};

  bool operator==(const StartJob&) const = default;
};

/// What the caller must do, in this order: store `records` durably, start `start`, set the timer.
struct SchedulerActions {
  std::map<JobKey, JobRecord> records;
  std::vector<StartJob> start;
  /// The next instant that matters, later than the event's; nullopt: only an event can matter.
  std::optional<targets::UnixTime> wake_at;
  bool stopped = false;  // after StopRequested: nothing runs any more
};

/// Decides what runs when. Pure: (state, event) -> actions; no clock, no I/O. Not thread-safe.
/// Who may run beside whom, and in which order, is RunQueue's: by due time, but an exclusive job
/// queues from the moment it was found due, so that after downtime it does not go before restores.
/// - At most one pending run per job: several missed occurrences, a retry and a request are one.
/// - `catch_up: once`: what was missed runs once, as soon as that is noticed. `skip`: what was
///   missed by more than kLate does not run, nor do the retries of slots that it ended. A job seen
///   for the first time has missed nothing, and neither has one whose schedule was just changed.
/// - A failed run is tried again after 1, 5, 15 and 60 minutes, as long as that is before its next
///   occurrence. Each occurrence, request and daemon start begins anew with the first.
/// - A run that a crash interrupted runs again at once, and from the second crash on as a failed
/// one
///   would; a daemon start adds nothing to that, so what kills the program does not do so in a
///   loop.
/// - After a wave of backups one forget serves all targets whose backup succeeded. It is owed until
///   it succeeded, across restarts too (a backup's last success is later than the forget's).
/// - The clock may be set: back by less than a period, nothing runs a second time; by more, the job
///   goes on by the new time as if it were new, and remembers what it did in case the clock
///   returns.
/// An event costs O(log n) in the number of jobs plus what it starts; Started, Reconfigured and a
/// set clock cost O(n log n).
class Scheduler {
 public:
  static constexpr targets::Duration kExclusivePatience = RunQueue::kPatience;
  /// What runs later than this was missed (the machine slept, or nobody looked), not just late.
  static constexpr targets::Duration kLate{10 * 60};
  /// No retry waits longer, whatever `retry_not_before` asks for.
  static constexpr targets::Duration kLongestRetry{25 * 3600};

  Scheduler(std::vector<JobSpec> jobs, int max_parallel);

  /// Started comes first and once; until then nothing starts.
  SchedulerActions On(const SchedulerEvent& event);

  /// For `status` and `explain`. `next_due` of a running job is not known before it ended.
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
    /// Of the reasons that met in this run, the one that stays if the clock goes back before `due`.
    std::optional<StartReason> lasting = {};
  };
  struct Job {
    JobSpec spec;
    JobRecord record;
    /// record.settled_due, or an earlier instant while the clock is far behind that.
    std::optional<targets::UnixTime> settled;
    std::optional<Pending> pending;
    std::optional<targets::UnixTime> wake;  // where it stands in wakes_
    bool removed = false;                   // gone from the configuration, still running
  };

  void Handle(const Started& event);
  void Handle(const TimePassed& event);
  void Handle(const JobFinished& event);
  void Handle(const JobYielded& event);
  void Handle(const JobRequested& event);
  void Handle(const Reconfigured& event);
  void Handle(const StopRequested& event);

  Job& AddJob(JobSpec spec);
  void Adopt(Job& job, targets::UnixTime now);
  void RunInterruptedAgain(Job& job, targets::UnixTime now);
  void FollowClock(targets::UnixTime now);
  void FitToClock(Job& job, targets::UnixTime now);
  void ChangeSpec(Job& job, const JobSpec& spec, targets::UnixTime now);
  void ForgetRemovedJobs(const std::set<JobKey>& kept);

  void LookAtDueJobs(targets::UnixTime now);
  void Examine(Job& job, targets::UnixTime now);
  [[nodiscard]] static std::optional<targets::UnixTime> NewestUnsettled(const Job& job,
                                                                        targets::UnixTime now);
  static void Settle(Job& job, targets::UnixTime occurrence);
  void SkipTo(Job& job, targets::UnixTime occurrence, targets::UnixTime now);
  void UpdateWake(Job& job, targets::UnixTime now);
  void SetWake(Job& job, std::optional<targets::UnixTime> at);
  void Enqueue(Job& job, Pending run, targets::UnixTime now);
  void TakeBackUnlessDue(Job& job, targets::UnixTime now);
  void Dequeue(Job& job);
  void StartWhatMay(targets::UnixTime now);
  void Start(Job& job, targets::UnixTime now);
  void ScheduleRetry(Job& job, targets::UnixTime now, std::optional<targets::UnixTime> not_before);

  void FindOwedForgets();
  void OweForgetTo(const JobSpec& backup, targets::UnixTime now);
  void SettleForget(JobEnd end);
  void CancelNeedlessForget();

  void Record(const Job& job);
  [[nodiscard]] std::optional<targets::UnixTime> NextWake() const;

  std::map<JobKey, Job> jobs_;
  RunQueue queue_;
  std::set<std::pair<targets::UnixTime, JobKey>> wakes_;  // when to look at a job again
  std::set<targets::TargetId> to_forget_;                 // backed up since the last forget
  std::set<targets::TargetId> forgetting_;                // in the forget that runs
  targets::UnixTime last_now_{};
  bool started_ = false;
  bool stopping_ = false;
  SchedulerActions actions_;  // of the event being handled
};

}  // namespace runner
