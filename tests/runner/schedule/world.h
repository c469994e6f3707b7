#pragma once

#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runner/schedule/scheduler.h"

namespace runner::testing {

/// How rough a simulated life is.
struct Weather {
  unsigned seed = 1;
  bool clock_jumps = true;
  double mean_days_between_trouble = 4;
};

/// A small model of the world around a scheduler: a clock that somebody sets, jobs that take their
/// time and fail, a program that crashes between any two steps, a disk that keeps what was stored.
/// After every event it checks what must always hold; the first violation ends Live().
class World {
 public:
  World(const Weather& weather, std::vector<JobSpec> jobs, int max_parallel);

  /// Lives until `end` of true time. Returns the first violation with the last events, or "".
  std::string Live(targets::UnixTime end);

  struct Counts {
    int events = 0, runs = 0, crashes = 0, clock_changes = 0, stops = 0, new_configurations = 0;
    int catch_ups = 0, retries = 0, interrupted = 0, forgets = 0, spurious = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  using Time = targets::UnixTime;

  struct Run {
    Time ends{};  // in true time
    JobEnd end = JobEnd::kSuccess;
    std::vector<targets::TargetId> targets;  // of a forget
    std::optional<Time> yields;              // of a backup: when only its proof is outstanding
    bool yielded = false;
  };
  /// What the world knows about one job, found out by itself.
  struct Ledger {
    Time recorded{};           // the newest occurrence that needs no run any more
    Time settled{};            // the same, or earlier while the clock is far behind
    std::optional<Time> next;  // the first occurrence after `settled`
    std::optional<Time> retry;
    int failures = 0;                                               // in the present slot
    bool at_start = false, interrupted = false, requested = false;  // more reasons to run
    bool pending = false;
    bool carried_over = false;  // pending since before the schedule was changed
    Time waiting_since{};       // in true time
  };

  [[nodiscard]] Time Now() const { return truth_ + clock_error_; }

  // What happens (world.cc).
  void Step(Time end);
  void Feed(const SchedulerEvent& event, const std::string& what);
  void EndRun(std::map<JobKey, Run>::iterator run);
  bool YieldBefore(Time next);
  void LearnEnd();
  void MakeTrouble();
  void SetClock();
  void Kill();
  void StartProgram();
  void StopOrderly();
  void Reconfigure();
  void Request();
  /// Does what the actions say, up to the crash if there is one: true if the program lives.
  bool Obey(const SchedulerActions& actions);
  void Begin(const StartJob& start);
  std::map<JobKey, JobSpec> ChooseJobs();
  std::vector<JobSpec> SpecList() const;
  targets::Duration DurationOf(const JobKey& key);
  double Share();
  targets::Duration Between(double low, double high);
  bool Chance(double probability);

  // The ledgers (world_ledger.cc).
  void LearnFromDisk();
  void ChangeLedger(const JobKey& key, const JobSpec* before, const JobSpec& after);
  void SettleForStart(const StartJob& start);
  void RunEnded(const JobKey& key, const Run& run);
  void FailureEnded(const JobKey& key);
  void FitToClock(const JobKey& key, Ledger& ledger);
  void FindNext(const JobKey& key, Ledger& ledger);
  [[nodiscard]] bool OwesForget(const targets::TargetId& id) const;

  // What must hold (world_checks.cc).
  void CheckStart(const StartJob& start, const SchedulerActions& actions);
  void CheckReason(const StartJob& start);
  void CheckForget(const StartJob& start);
  void CheckAfterEvent(const SchedulerActions& actions, bool timer);
  void CheckJob(const JobKey& key, Ledger& ledger);
  void CheckWake(const SchedulerActions& actions);
  void Violation(const std::string& text);
  void Remember(const std::string& text);

  Weather weather_;
  std::vector<JobSpec> all_jobs_;   // what configurations may have; of one key: alternatives
  std::map<JobKey, JobSpec> jobs_;  // of the present one
  int max_parallel_;
  std::mt19937_64 random_;
  Scheduler scheduler_;
  Time truth_;
  targets::Duration clock_error_{0};
  std::optional<Time> wake_;  // by the clock on the wall
  targets::Duration timer_is_late_{0};
  Time next_trouble_{};
  bool crash_next_ = false;
  bool stopping_ = false;
  std::map<JobKey, JobRecord> disk_;
  std::map<JobKey, Run> running_;
  std::optional<std::pair<JobKey, Run>> ending_;  // not yet stored
  std::map<JobKey, Ledger> ledgers_;
  std::set<targets::TargetId> owed_;       // backed up, not yet forgotten
  std::set<targets::TargetId> left_once_;  // removed from a configuration at some time
  int pending_ = 0;
  bool more_pending_ = false;
  std::deque<std::string> history_;
  std::string violation_;
  Counts counts_;
};

}  // namespace runner::testing
