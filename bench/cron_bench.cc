// How long the scheduler waits for the answer "when next?": typical schedules far below a
// microsecond.

#include <benchmark/benchmark.h>

#include "targets/schedule/recurrence.h"

namespace {

using targets::CronTiming;
using targets::Recurrence;
using targets::Schedule;
using targets::UnixTime;

Recurrence Make(const char* expression, const char* zone) {
  return *Recurrence::Make(Schedule{.timing = CronTiming{expression}, .timezone = zone},
                           "photos/backup");
}

void Next(benchmark::State& state, const char* expression, const char* zone) {
  const Recurrence recurrence = Make(expression, zone);
  const UnixTime start = *targets::ParseRfc3339("2026-01-01T00:00:00Z");
  UnixTime at = start;
  int left = 0;
  for (auto _ : state) {
    if (left-- == 0) {
      at = start;
      left = 50;
    }
    at = recurrence.Next(at).value_or(start);
    benchmark::DoNotOptimize(at);
  }
}

void Previous(benchmark::State& state, const char* expression, const char* zone) {
  const Recurrence recurrence = Make(expression, zone);
  const UnixTime at = *targets::ParseRfc3339("2026-08-20T11:11:11Z");
  for (auto _ : state) benchmark::DoNotOptimize(recurrence.Previous(at));
}

void Parse(benchmark::State& state) {
  const Schedule schedule{.timing = CronTiming{"*/15 8-18 1,15 jan-jun mon-fri"},
                          .timezone = "Europe/Berlin"};
  for (auto _ : state) benchmark::DoNotOptimize(Recurrence::Make(schedule, "photos/backup"));
}

BENCHMARK_CAPTURE(Next, daily_utc, "0 2 * * *", "UTC");
BENCHMARK_CAPTURE(Next, daily_berlin, "0 2 * * *", "Europe/Berlin");
BENCHMARK_CAPTURE(Next, hourly_berlin, "17 * * * *", "Europe/Berlin");
BENCHMARK_CAPTURE(Next, every_minute_berlin, "* * * * *", "Europe/Berlin");
BENCHMARK_CAPTURE(Next, monthly_or_friday_berlin, "30 2 13 * fri", "Europe/Berlin");
BENCHMARK_CAPTURE(Next, yearly_berlin, "0 0 1 1 *", "Europe/Berlin");
BENCHMARK_CAPTURE(Next, leap_day_berlin, "0 0 29 2 *", "Europe/Berlin");
BENCHMARK_CAPTURE(Next, leap_sunday_berlin, "0 0 29 2 */7", "Europe/Berlin");
BENCHMARK_CAPTURE(Next, impossible_berlin, "0 0 30 2 *", "Europe/Berlin");
BENCHMARK_CAPTURE(Previous, daily_berlin, "0 2 * * *", "Europe/Berlin");
BENCHMARK_CAPTURE(Previous, leap_sunday_berlin, "0 0 29 2 */7", "Europe/Berlin");
BENCHMARK(Parse);

}  // namespace
