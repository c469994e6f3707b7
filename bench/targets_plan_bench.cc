// How long `runner plan` thinks: from a decoded configuration to text or JSON, by the number of
// targets.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>

#include "targets/plan/plan.h"
#include "targets/plan/render.h"

namespace targets {
namespace {

Schedule At(std::string expression, std::string timezone) {
  Schedule schedule;
  schedule.timing = CronTiming{std::move(expression)};
  schedule.timezone = std::move(timezone);
  return schedule;
}

/// Nightly backups at different minutes in four zones, each with a restore check, excludes and a
/// hook.
Config ManyTargets(int count) {
  static const std::array<std::string, 4> kZones = {"Europe/Berlin", "UTC", "America/New_York",
                                                    "Asia/Kolkata"};
  Config config;
  config.instance = InstanceName("bench");
  config.repository.url = "b2:my-bucket:backups";
  config.maintenance.prune.emplace().schedule = At("0 4 * * 0", "UTC");
  for (int i = 0; i < count; ++i) {
    const std::string& zone = kZones[static_cast<std::size_t>(i) % kZones.size()];
    Target target;
    target.id = TargetId(fmt::format("target-{:05}", i));
    target.source = DirectorySource{"/data/" + target.id.str()};
    target.schedule = At(fmt::format("{} {} * * *", i % 60, i % 24), zone);
    target.schedule.jitter = Duration{600};
    target.retention.daily = 7;
    target.retention.weekly = 4;
    target.restore.if_empty = true;
    target.restore.check = At(fmt::format("{} 1 * * 1-5", i % 60), zone);
    target.exclude = {"*.tmp", "cache/"};
    target.hooks.before = {{"docker", "pause", target.id.str()}};
    config.targets.push_back(std::move(target));
  }
  return config;
}

PlanInput InputFor(const Config& config) {
  PlanInput input{.config = config};
  input.at = FromUnixSeconds(1'795'000'000);
  return input;
}

void BM_MakePlan(benchmark::State& state) {
  const Config config = ManyTargets(static_cast<int>(state.range(0)));
  const PlanInput input = InputFor(config);
  for (auto _ : state) benchmark::DoNotOptimize(MakePlan(input));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_MakePlan)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

void BM_MakePlanOfAWeek(benchmark::State& state) {
  const Config config = ManyTargets(static_cast<int>(state.range(0)));
  PlanInput input = InputFor(config);
  input.horizon = std::chrono::hours{7 * 24};
  for (auto _ : state) benchmark::DoNotOptimize(MakePlan(input));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_MakePlanOfAWeek)->Arg(1'000)->Unit(benchmark::kMillisecond);

void BM_RenderPlanAsText(benchmark::State& state) {
  const Config config = ManyTargets(static_cast<int>(state.range(0)));
  const Plan plan = MakePlan(InputFor(config)).value();
  for (auto _ : state) benchmark::DoNotOptimize(RenderText(plan, Redactor(), RenderOptions{}));
}
BENCHMARK(BM_RenderPlanAsText)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

void BM_RenderPlanAsJson(benchmark::State& state) {
  const Config config = ManyTargets(static_cast<int>(state.range(0)));
  const Plan plan = MakePlan(InputFor(config)).value();
  for (auto _ : state) benchmark::DoNotOptimize(RenderJson(plan, Redactor()));
}
BENCHMARK(BM_RenderPlanAsJson)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace targets
