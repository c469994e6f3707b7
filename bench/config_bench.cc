// How long a configuration takes to load: a file of 10,000 lines, 1,000 targets, one without
// anything special.
#include <benchmark/benchmark.h>

#include <string>

#include "targets/config/load.h"

namespace targets {
namespace {

std::string Head() {
  return "version: 1\ninstance: bench\nrepository: {url: /repo, password_file: /run/secret}\n"
         "defaults:\n  schedule: {cron: \"0 2 * * *\", jitter: 10m}\n  restore_if_empty: "
         "true\ntargets:\n";
}

std::string WithTargets(int count) {
  std::string text = Head();
  for (int i = 0; i < count; ++i) {
    const std::string id = std::to_string(i);
    text += "  target-" + id + ":\n    source: /data/" + id +
            "\n    retention: {daily: 9}\n    exclude: [\"*.tmp\"]\n";
  }
  return text;
}

std::string WithLines(int count) {
  std::string text = Head() + "  photos:\n    source: /data/photos\n    exclude:\n";
  for (int i = 0; i < count; ++i) text += "      - \"*.pattern-" + std::to_string(i) + "\"\n";
  return text;
}

void Load(benchmark::State& state, const std::string& text) {
  LoadInput input;
  input.file_name = "backup.yaml";
  input.yaml = text;
  for (auto _ : state) {
    const LoadOutcome outcome = LoadConfig(input);
    if (outcome.HasErrors()) state.SkipWithError("the configuration does not load");
    benchmark::DoNotOptimize(outcome);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void BM_OneTarget(benchmark::State& state) { Load(state, WithTargets(1)); }
BENCHMARK(BM_OneTarget)->Unit(benchmark::kMillisecond);

void BM_ThousandTargets(benchmark::State& state) { Load(state, WithTargets(1000)); }
BENCHMARK(BM_ThousandTargets)->Unit(benchmark::kMillisecond);

void BM_TenThousandLines(benchmark::State& state) { Load(state, WithLines(10'000)); }
BENCHMARK(BM_TenThousandLines)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace targets
