// How long `runner healthcheck` takes to look and to judge: on real files, each target with a
// source, markers and facts. Wanted: under 10 ms for 20 targets, under 200 ms for 1,000.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "runner/base/posix_file_system.h"
#include "runner/health/collect.h"
#include "runner/health/evaluate.h"
#include "runner/health/render.h"
#include "runner/state/fact_store.h"
#include "runner/state/marker_store.h"

namespace {

using targets::Stage;
using targets::TargetId;

class Installation {
 public:
  explicit Installation(long count) {
    std::string pattern = (std::filesystem::temp_directory_path() / "health-bench-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    config_.state_dir = root_ + "/state";
    for (long i = 0; i < count; ++i) AddTarget(TargetId(fmt::format("target-{}", i)));
    const runner::MarkerStore markers(files_, redactor_,
                                      runner::StateFolder(files_, config_.state_dir));
    const runner::FactStore facts(files_, runner::StateFolder(files_, config_.state_dir));
    for (const targets::Target& target : config_.targets) {
      for (const Stage stage : {Stage::kBackup, Stage::kForget}) {
        (void)markers.WriteSuccess({target.id, stage}, clock_.Now());
      }
      (void)facts.WriteTarget(
          target.id, runner::TargetFacts{.first_seen = clock_.Now(), .snapshots_seen = 30});
    }
  }
  ~Installation() { std::filesystem::remove_all(root_); }
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  std::string Check() {
    return runner::RenderHealthText(
        runner::Evaluate(runner::CollectHealth(config_, {}, files_, redactor_, clock_)),
        targets::Duration{0});
  }

 private:
  void AddTarget(TargetId id) {
    targets::Target target;
    const std::string source = root_ + "/data/" + id.str();
    std::filesystem::create_directories(source + "/something");
    target.id = std::move(id);
    target.source = targets::DirectorySource{source};
    target.schedule.timing = targets::CronTiming{"30 2 * * *"};
    target.schedule.timezone = "Europe/Berlin";
    config_.targets.push_back(std::move(target));
  }

  runner::PosixFileSystem files_;
  runner::SystemClock clock_;
  targets::Redactor redactor_;
  targets::Config config_;
  std::string root_;
};

void Healthcheck(benchmark::State& state) {
  Installation installation(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(installation.Check());
}
BENCHMARK(Healthcheck)->Arg(20)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
