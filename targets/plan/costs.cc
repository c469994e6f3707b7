#include "targets/plan/costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "targets/restic/command_lines.h"
#include "targets/schedule/recurrence.h"

namespace targets {
namespace {

constexpr double kDays = 30;
constexpr Duration kMonth = std::chrono::hours{24} * 30;
/// Of a probe, once a day: b2_authorize_account and b2_list_buckets.
constexpr double kQuestions = 2;
/// Before the first restic of a wave, at most every quarter of an hour: b2_authorize_account.
constexpr double kGreeting = 1;
constexpr double kMostGreetings = kDays * 24 * 4;
/// More occurrences than this are not counted one by one.
constexpr int kCounted = 200;
constexpr double kTerabyte = 1e12;

/// Billed calls of one command; class A is free.
struct Calls {
  double b = 0;
  double c = 0;
};

/// One column for each way to B2.
struct CommandCalls {
  Calls cat_config;
  Calls backup;
  Calls snapshots;
  Calls forget;
  Calls prune;
  Calls check;
  Calls stats;
  Calls list_locks;
  Calls ls;
  Calls restore;
};

constexpr CommandCalls kNative = {{6, 3},  {7, 7}, {6, 4}, {8, 6}, {7, 8},
                                  {23, 8}, {6, 5}, {6, 4}, {6, 5}, {20, 5}};
/// With the options that spare restic its questions about layout and region.
constexpr CommandCalls kS3 = {{3, 1},  {3, 5}, {3, 2}, {3, 4}, {3, 6},
                              {12, 6}, {3, 3}, {3, 2}, {3, 3}, {10, 3}};

/// What decides how often something runs: the expression, its zone, the period, and whose jitter.
using Rhythm = std::tuple<std::string, std::string, Duration, std::string>;

Rhythm RhythmOf(const Schedule& schedule, const std::string& owner) {
  const std::string jitter = schedule.jitter > Duration::zero() ? owner : std::string();
  if (const auto* cron = std::get_if<CronTiming>(&schedule.timing))
    return {cron->expression, schedule.timezone, {}, jitter};
  if (const auto* interval = std::get_if<IntervalTiming>(&schedule.timing))
    return {"", "", interval->period, jitter};
  return {};
}

/// Occurrences in the month after `at`.
Result<double> RunsAMonth(const Schedule& schedule, UnixTime at) {
  const auto recurrence = Recurrence::Make(schedule, "");
  if (!recurrence) return Fail(recurrence.error());
  int runs = 0;
  UnixTime last = at;
  for (auto next = recurrence->Next(at); next && *next <= at + kMonth && runs < kCounted;
       next = recurrence->Next(*next)) {
    last = *next;
    ++runs;
  }
  if (runs < kCounted) return runs;
  return runs * static_cast<double>(kMonth.count()) / static_cast<double>((last - at).count());
}

class Estimator {
 public:
  Estimator(const CommandCalls& calls, UnixTime at) : calls_(calls), at_(at) {}

  Status AddTarget(const Target& target) {
    if (!target.enabled) return {};
    const Rhythm rhythm = RhythmOf(target.schedule, target.id.str());
    const auto runs = Runs(target.schedule, rhythm);
    if (!runs) return FailWithContext("target " + target.id.str(), runs.error());
    Add(&CommandCalls::backup, *runs);
    // Backups of one moment share the listing that proves them, and the forget.
    if (*runs > 0 && waves_.insert(rhythm).second) {
      Add(&CommandCalls::snapshots, *runs);
      total_.c += kGreeting * std::min(*runs, kMostGreetings);
    }
    // In the long run each wave makes an old snapshot go.
    if (*runs > 0 && !target.retention.Empty() && forgets_.insert(rhythm).second) {
      Add(&CommandCalls::forget, *runs);
      Add(&CommandCalls::snapshots, *runs);
    }
    if (!target.drill) return {};
    const Schedule& drill = target.drill->schedule;
    const auto drills = Runs(drill, RhythmOf(drill, target.id.str()));
    if (!drills) return FailWithContext("target " + target.id.str(), drills.error());
    Add(&CommandCalls::snapshots, *drills);
    Add(&CommandCalls::ls, *drills);
    Add(&CommandCalls::restore, *drills);
    return {};
  }

  Status AddMaintenance(const Maintenance& maintenance) {
    if (maintenance.probe) {
      const auto runs = Runs(maintenance.probe->schedule, {});
      if (!runs) return FailWithContext("maintenance.probe", runs.error());
      Add(&CommandCalls::cat_config, *runs);
      // Its own questions about key and bucket.
      total_.c += kQuestions * std::min(*runs, kDays);
    }
    if (maintenance.prune) {
      const auto runs = Runs(maintenance.prune->schedule, {});
      if (!runs) return FailWithContext("maintenance.prune", runs.error());
      Add(&CommandCalls::snapshots, *runs);
      Add(&CommandCalls::prune, *runs);
    }
    if (maintenance.check) {
      const auto runs = Runs(maintenance.check->schedule, {});
      if (!runs) return FailWithContext("maintenance.check", runs.error());
      Add(&CommandCalls::list_locks, *runs);
      Add(&CommandCalls::check, *runs);
      Add(&CommandCalls::stats, *runs);
    }
    return {};
  }

  [[nodiscard]] const Calls& total() const { return total_; }

 private:
  void Add(Calls CommandCalls::*command, double times) {
    total_.b += (calls_.*command).b * times;
    total_.c += (calls_.*command).c * times;
  }

  Result<double> Runs(const Schedule& schedule, const Rhythm& rhythm) {
    const bool known = rhythm != Rhythm{};
    if (const auto found = runs_.find(rhythm); known && found != runs_.end()) return found->second;
    const auto runs = RunsAMonth(schedule, at_);
    if (runs && known) runs_.emplace(rhythm, *runs);
    return runs;
  }

  const CommandCalls& calls_;
  UnixTime at_;
  std::map<Rhythm, double> runs_;  // so that a thousand targets of one schedule cost one count
  std::set<Rhythm> waves_;
  std::set<Rhythm> forgets_;
  Calls total_;
};

/// What is not free of a month's calls, spread evenly.
double Billed(double calls, double free_a_day) { return std::max(0.0, calls - free_a_day * kDays); }

}  // namespace

Result<std::optional<CostEstimate>> EstimateCosts(const Config& config, UnixTime at,
                                                  std::optional<Bytes> stored) {
  if (!IsBackblaze(config.repository.url)) return std::nullopt;
  const bool native = BackendOf(config.repository.url) == Backend::kB2;
  Estimator estimator(native ? kNative : kS3, at);
  for (const Target& target : config.targets) {
    if (const auto added = estimator.AddTarget(target); !added) return Fail(added.error());
  }
  if (const auto added = estimator.AddMaintenance(config.maintenance); !added)
    return Fail(added.error());
  const Prices& prices = config.repository.prices;
  CostEstimate estimate;
  estimate.class_b = estimator.total().b;
  estimate.class_c = estimator.total().c;
  estimate.calls_price = Billed(estimate.class_b, prices.free_calls) / 10'000 * prices.class_b +
                         Billed(estimate.class_c, prices.free_calls) / 1'000 * prices.class_c;
  estimate.storage = stored;
  estimate.storage_price = stored ? static_cast<double>(*stored) / kTerabyte * prices.storage : 0;
  estimate.currency = prices.currency;
  return estimate;
}

std::string DescribeCosts(const CostEstimate& estimate) {
  std::string text =
      fmt::format("about {:.0f} class B and {:.0f} class C calls a month, {:.2f} {}",
                  estimate.class_b, estimate.class_c, estimate.calls_price, estimate.currency);
  if (estimate.storage) {
    text += fmt::format("; {} stored, {:.2f} {} a month", FormatSize(*estimate.storage),
                        estimate.storage_price, estimate.currency);
  }
  return text + "; an estimate with repository.prices, without retries, restores and downloads";
}

}  // namespace targets
