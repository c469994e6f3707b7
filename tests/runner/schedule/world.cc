#include "tests/runner/schedule/world.h"

#include <algorithm>
#include <cmath>

#include "tests/runner/schedule/story.h"

namespace runner::testing {

using targets::Duration;
using targets::Stage;
using targets::UnixTime;

World::World(const Weather& weather, std::vector<JobSpec> jobs, int max_parallel)
    : weather_(weather),
      all_jobs_(std::move(jobs)),
      max_parallel_(max_parallel),
      random_(weather.seed),
      scheduler_({}, 1),
      truth_(At("1 00:00") + Duration{weather.seed * 7919}) {
  jobs_ = ChooseJobs();
}

std::string World::Live(UnixTime end) {
  StartProgram();
  while (violation_.empty() && truth_ < end) Step(end);
  return violation_;
}

/// The next thing that happens: the timer, the end of a run, or trouble.
void World::Step(UnixTime end) {
  const auto run =
      std::ranges::min_element(running_, {}, [](const auto& entry) { return entry.second.ends; });
  const bool any_run = run != running_.end();
  const UnixTime timer =
      wake_ ? std::max(truth_, *wake_ - clock_error_ + timer_is_late_) : UnixTime::max();
  const UnixTime run_ends = any_run ? std::max(truth_, run->second.ends) : UnixTime::max();
  const UnixTime next = std::min({timer, run_ends, std::max(truth_, next_trouble_), end});
  if (YieldBefore(next)) return;
  truth_ = next;
  if (truth_ == timer) {
    Feed(TimePassed{Now()}, "timer");
  } else if (truth_ == run_ends) {
    EndRun(run);
  } else if (truth_ >= next_trouble_) {
    MakeTrouble();
    const double days = -std::log(1 - Share());
    next_trouble_ =
        truth_ +
        Duration{static_cast<long long>(days * weather_.mean_days_between_trouble * 86'400)};
  }
}

/// The first backup that has its snapshot before `next`, and only waits to be proven.
bool World::YieldBefore(UnixTime next) {
  for (auto& [key, run] : running_) {
    if (run.yielded || !run.yields || *run.yields >= next) continue;
    truth_ = std::max(truth_, *run.yields);
    run.yielded = true;
    Feed(JobYielded{Now(), key}, "proof of " + Name(key) + " outstanding");
    return true;
  }
  return false;
}

void World::Feed(const SchedulerEvent& event, const std::string& what) {
  if (!violation_.empty()) return;
  ++counts_.events;
  Remember(what);
  const SchedulerActions actions = scheduler_.On(event);
  if (!Obey(actions)) {
    ++counts_.crashes;
    return Kill();
  }
  wake_ = actions.wake_at;
  timer_is_late_ = Chance(0.1) ? Between(1, 10) : Duration{0};
  CheckAfterEvent(actions, what == "timer");
}

bool World::Obey(const SchedulerActions& actions) {
  const bool crash = std::exchange(crash_next_, false);
  for (const auto& [key, record] : actions.records) {
    if (crash && Chance(0.2)) return false;
    disk_[key] = record;
  }
  LearnEnd();
  for (const StartJob& start : actions.start) {
    if (crash && Chance(0.3)) return false;
    CheckStart(start, actions);
    SettleForStart(start);
    Begin(start);
  }
  return !crash;
}

void World::Begin(const StartJob& start) {
  ++counts_.runs;
  counts_.catch_ups += start.reason == StartReason::kCatchUp ? 1 : 0;
  counts_.retries += start.reason == StartReason::kRetry ? 1 : 0;
  counts_.interrupted += start.reason == StartReason::kInterrupted ? 1 : 0;
  counts_.forgets += start.key == kForgetKey ? 1 : 0;
  Remember("  starts " + Name(start.key) + ": " + std::string(StartReasonName(start.reason)));
  Run run{truth_ + DurationOf(start.key), JobEnd::kSuccess, start.targets, {}};
  if (start.key.stage == Stage::kBackup && Chance(0.5)) {
    run.yields = truth_ + Duration{(run.ends - truth_).count() * 3 / 4};
  }
  if (Chance(0.06)) run.end = JobEnd::kFailure;
  if (Chance(0.01) && start.key != kForgetKey) run.end = JobEnd::kSkipped;
  running_.emplace(start.key, std::move(run));
}

void World::EndRun(std::map<JobKey, Run>::iterator run) {
  const JobKey key = run->first;
  const Run ended = run->second;
  running_.erase(run);
  std::optional<UnixTime> not_before;
  const JobFinished event{Now(), key, ended.end, not_before};
  ending_ = {key, ended};
  Feed(event, "end of " + Name(key) + (ended.end == JobEnd::kSuccess ? "" : ", not a success"));
}

/// A run has ended for those who come later as soon as that is stored.
void World::LearnEnd() {
  const auto ending = std::exchange(ending_, std::nullopt);
  if (!ending) return;
  const JobRecord& record = disk_[ending->first];
  const bool began_again = record.running && record.last_attempt == Now();
  if (!record.running || began_again) RunEnded(ending->first, ending->second);
}

void World::MakeTrouble() {
  const long long kind = Between(0, 100).count();
  if (kind < 25) {
    ++counts_.crashes;
    Remember("killed");
    Kill();
  } else if (kind < 45) {
    crash_next_ = true;
  } else if (kind < 60) {
    SetClock();
  } else if (kind < 70) {
    StopOrderly();
  } else if (kind < 80) {
    Reconfigure();
  } else if (kind < 92) {
    Request();
  } else {
    ++counts_.spurious;
    Feed(TimePassed{Now()}, "spurious timer");
  }
}

/// By seconds, minutes, hours, days or years; and sometimes it gets right again.
void World::SetClock() {
  if (!weather_.clock_jumps) return;
  ++counts_.clock_changes;
  const UnixTime before = Now();
  const double magnitude = Share() * 8;
  const Duration by{static_cast<long long>(std::pow(10.0, magnitude))};
  const bool back = Chance(0.5);
  clock_error_ = Chance(0.4) ? Duration{0} : clock_error_ + (back ? -by : by);
  clock_error_ = std::clamp(clock_error_, -kDay * 1'000, kDay * 1'000);
  for (auto& [key, ledger] : ledgers_) FitToClock(key, ledger);
  const bool told_late = Chance(0.3) && Now() < before && !running_.empty();
  if (told_late) EndRun(running_.begin());
  if (!violation_.empty()) return;
  Feed(TimePassed{Now(), true}, "clock set to " + Show(Now()));
}

void World::Kill() {
  for (const auto& [key, run] : running_) {
    if (!disk_[key].running) Violation(Name(key) + " ran, and the disk does not know");
  }
  running_.clear();
  crash_next_ = false;
  LearnEnd();
  const bool long_downtime = Chance(0.2);
  truth_ += long_downtime ? Between(3'600, 20 * 86'400) : Between(0, 900);
  StartProgram();
}

void World::StartProgram() {
  scheduler_ = Scheduler(SpecList(), max_parallel_);
  LearnFromDisk();
  Feed(Started{Now(), disk_}, "program starts at " + Show(Now()));
}

/// Running jobs end within minutes; nothing else starts.
void World::StopOrderly() {
  ++counts_.stops;
  crash_next_ = false;
  stopping_ = true;
  Remember("stop");
  SchedulerActions actions = scheduler_.On(StopRequested{Now()});
  while (violation_.empty()) {
    if (!actions.start.empty()) Violation("something started while stopping");
    if (actions.wake_at) Violation("a timer while stopping");
    if (actions.stopped != running_.empty()) Violation("wrong about what still runs");
    if (running_.empty()) break;
    truth_ += Between(1, 60);
    const JobKey key = running_.begin()->first;
    running_.erase(running_.begin());
    actions = scheduler_.On(JobFinished{Now(), key, JobEnd::kFailure, {}});
    for (const auto& [stored, record] : actions.records) disk_[stored] = record;
  }
  stopping_ = false;
  truth_ += Chance(0.2) ? Between(3'600, 9 * 86'400) : Between(1, 300);
  StartProgram();
}

std::map<JobKey, JobSpec> World::ChooseJobs() {
  std::map<JobKey, JobSpec> chosen;
  for (const JobSpec& spec : all_jobs_) {
    if (chosen.contains(spec.key) ? Chance(0.3) : Chance(0.9)) {
      chosen.insert_or_assign(spec.key, spec);
    }
  }
  return chosen;
}

std::vector<JobSpec> World::SpecList() const {
  std::vector<JobSpec> list;
  for (const auto& [key, spec] : jobs_) list.push_back(spec);
  return list;
}

void World::Reconfigure() {
  ++counts_.new_configurations;
  const auto before = std::exchange(jobs_, ChooseJobs());
  max_parallel_ = static_cast<int>(Between(1, 5).count());
  for (const auto& [key, spec] : before) {
    if (jobs_.contains(key)) continue;
    ledgers_.erase(key);
    left_once_.insert(key.target);
  }
  for (const auto& [key, spec] : jobs_) {
    const auto known = before.find(key);
    ChangeLedger(key, known == before.end() ? nullptr : &known->second, spec);
  }
  std::erase_if(owed_, [this](const auto& id) { return !OwesForget(id); });
  Feed(runner::Reconfigured{Now(), SpecList(), max_parallel_}, "new configuration");
}

void World::Request() {
  if (jobs_.empty()) return;
  auto chosen = jobs_.begin();
  std::advance(chosen, Between(0, static_cast<double>(jobs_.size())).count());
  if (!running_.contains(chosen->first)) ledgers_.at(chosen->first).requested = true;
  Feed(JobRequested{Now(), chosen->first}, "request of " + Name(chosen->first));
}

Duration World::DurationOf(const JobKey& key) {
  switch (key.stage) {
    case Stage::kRestore:
      return Between(5, 60);
    case Stage::kBackup:
      if (Chance(0.003)) return Between(6 * 3'600, 40 * 3'600);
      return Chance(0.05) ? Between(3'600, 4 * 3'600) : Between(20, 1'800);
    case Stage::kForget:
    case Stage::kProbe:
      return Between(5, 300);
    case Stage::kDrill:
      return Between(60, 3'600);
    case Stage::kPrune:
    case Stage::kCheck:
      return Between(600, 5 * 3'600);
  }
  return Duration{1};
}

/// At least 0, less than 1. Not std::uniform_*_distribution: their results differ between
/// libraries.
double World::Share() { return static_cast<double>(random_() >> 11) / 9'007'199'254'740'992.0; }

Duration World::Between(double low, double high) {
  return Duration{static_cast<long long>(low + Share() * (high - low))};
}

bool World::Chance(double probability) { return Share() < probability; }

}  // namespace runner::testing
