// How long retention decides: 10,000 snapshots of one target, one an hour, under a policy that has
// every kind of rule.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "targets/retention/decide.h"

namespace targets {
namespace {

constexpr UnixTime kNow = std::chrono::sys_days{std::chrono::year{2026} / 6 / 1};

std::vector<Snapshot> OneAnHour(long count) {
  std::vector<Snapshot> snapshots;
  for (long i = 0; i < count; ++i) {
    Snapshot snapshot;
    snapshot.id = SnapshotId(fmt::format("{:064x}", i * 7919 % count));
    snapshot.time = kNow - std::chrono::hours{i + 1};
    snapshot.tags = {"target:photos"};
    snapshots.push_back(std::move(snapshot));
  }
  return snapshots;
}

void Retention_Decide(benchmark::State& state) {
  const std::vector<Snapshot> snapshots = OneAnHour(state.range(0));
  Retention policy;
  policy.last = 10;
  policy.hourly = 48;
  policy.daily = 30;
  policy.weekly = 52;
  policy.monthly = 24;
  policy.yearly = 10;
  policy.within = "30d";
  const Zone zone = Zone::Load("Europe/Berlin").value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        Decide(policy, snapshots, zone, kNow, RetentionRules::kWithOldestRule));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Retention_Decide)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace targets
