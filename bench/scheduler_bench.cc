// What one event costs the daemon, by the number of jobs.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "runner/schedule/scheduler.h"

namespace runner {
namespace {

using targets::Duration;
using targets::Stage;
using targets::TargetId;
using targets::UnixTime;

constexpr UnixTime kMidnight = std::chrono::sys_days{std::chrono::year{2026} / 6 / 1};
constexpr Duration kDay{24 * 3600};

/// Nightly backups, spread over the minutes of the day.
std::vector<JobSpec> ManyJobs(int count) {
  std::vector<JobSpec> jobs;
  for (int i = 0; i < count; ++i) {
    const std::string cron = fmt::format("{} {} * * *", i % 60, i / 60 % 24);
    const JobKey key{TargetId{fmt::format("target-{:05}", i)}, Stage::kBackup};
    jobs.push_back(JobSpec{
        key, targets::Recurrence::Make({targets::CronTiming{cron}, "Europe/Berlin"}, "").value()});
    jobs.back().forget_after = false;
  }
  return jobs;
}

/// A timer that starts what is due, and the ends of those runs: a day after the other.
void BM_SchedulerEvent(benchmark::State& state) {
  Scheduler scheduler(ManyJobs(static_cast<int>(state.range(0))), 1'000'000);
  SchedulerActions actions = scheduler.On(Started{kMidnight, {}});
  std::vector<StartJob> running;
  UnixTime now = kMidnight;
  for (auto _ : state) {
    if (running.empty()) {
      now = *actions.wake_at;
      actions = scheduler.On(TimePassed{now});
      running = actions.start;
    } else {
      actions = scheduler.On(JobFinished{now, running.back().key, JobEnd::kSuccess, {}});
      running.pop_back();
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_SchedulerEvent)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);

/// The worst queue: everything is overdue, one may run at a time. Two events each: a run ends (and
/// the next one starts), and the job that ended is asked for again.
void BM_SchedulerEventsWhileAllWait(benchmark::State& state) {
  Scheduler scheduler(ManyJobs(static_cast<int>(state.range(0))), 1);
  scheduler.On(Started{kMidnight, {}});
  const UnixTime now = kMidnight + kDay * 2;
  SchedulerActions actions = scheduler.On(TimePassed{now});
  for (auto _ : state) {
    const JobKey ended = actions.start.at(0).key;
    actions = scheduler.On(JobFinished{now, ended, JobEnd::kSuccess, {}});
    benchmark::DoNotOptimize(scheduler.On(JobRequested{now, ended}));
  }
  state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(BM_SchedulerEventsWhileAllWait)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);

/// Once per start of the daemon.
void BM_SchedulerStart(benchmark::State& state) {
  const std::vector<JobSpec> jobs = ManyJobs(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    Scheduler scheduler(jobs, 2);
    benchmark::DoNotOptimize(scheduler.On(Started{kMidnight, {}}));
  }
}
BENCHMARK(BM_SchedulerStart)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace runner
