// How long the metrics take: of targets in an in-memory file system, each with a source, markers
// and facts, from the look at them to the text.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "runner/metrics/tell_metrics.h"
#include "runner/state/fact_store.h"
#include "runner/state/marker_store.h"
#include "runner/status/collect.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/memory_history.h"

namespace runner {
namespace {

using targets::Stage;
using targets::TargetId;

class Installation {
 public:
  explicit Installation(long count) {
    config_.instance = targets::InstanceName("bench");
    config_.state_dir = "/state";
    for (long i = 0; i < count; ++i) Add(TargetId(fmt::format("target-{:05}", i)));
  }

  [[nodiscard]] StatusInput Collect() {
    return CollectStatus(config_, {}, files_, redactor_, clock_).value();
  }
  std::string Tell(const StatusInput& status) {
    return TellMetrics(status, MakeStatus(status), history_, "1.2.3").text;
  }

 private:
  void Add(const TargetId& id) {
    targets::Target target;
    target.id = id;
    const std::string source = "/data/" + id.str();
    files_.AddFile(source + "/something", "");
    target.source = targets::DirectorySource{source};
    target.schedule.timing = targets::CronTiming{"30 2 * * *"};
    const StateFolder folder(files_, config_.state_dir);
    (void)MarkerStore(files_, redactor_, folder).WriteSuccess({id, Stage::kBackup}, clock_.Now());
    (void)FactStore(files_, folder)
        .WriteTarget(id, {.first_seen = clock_.Now(), .snapshots_seen = 30});
    (void)history_.Append({.target = id, .started = clock_.Now(), .outcome = "success"});
    config_.targets.push_back(std::move(target));
  }

  testing::MemoryFileSystem files_;
  SystemClock clock_;
  targets::Redactor redactor_;
  targets::Config config_;
  testing::MemoryHistory history_;
};

void Metrics_Tell(benchmark::State& state) {
  Installation installation(state.range(0));
  const StatusInput status = installation.Collect();
  for (auto _ : state) benchmark::DoNotOptimize(installation.Tell(status));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Metrics_Tell)->Arg(20)->Arg(1000)->Unit(benchmark::kMillisecond);

void Metrics_CollectAndTell(benchmark::State& state) {
  Installation installation(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(installation.Tell(installation.Collect()));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Metrics_CollectAndTell)->Arg(20)->Arg(1000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace runner
