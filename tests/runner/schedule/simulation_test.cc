// Years of schedules in rough weather; the world checks after every event what must hold.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/runner/schedule/story.h"
#include "tests/runner/schedule/world.h"

namespace runner::testing {
namespace {

constexpr targets::Duration kYear = kDay * 365;

JobSpec In(const std::string& zone, JobSpec spec, const std::string& cron) {
  spec.recurrence = Cron(cron, zone);
  return spec;
}

JobSpec Every(JobSpec spec, targets::Duration period, targets::Duration jitter) {
  targets::Schedule schedule{targets::IntervalTiming{period}, "UTC"};
  schedule.jitter = jitter;
  spec.recurrence = targets::Recurrence::Make(schedule, Name(spec.key)).value();
  return spec;
}

/// Targets in zones of all kinds; two specs of one job are alternatives.
std::vector<JobSpec> Household() {
  return {
      In("Europe/Berlin", AtStart(Job("backup photos")), "30 2 * * *"),
      In("America/New_York", AtStart(Job("backup photos")), "30 1 * * *"),
      AtStart(Job("restore photos")),
      In("Europe/Berlin", Job("drill photos"), "0 6 1 * *"),
      In("America/New_York", Job("backup database"), "0 */6 * * *"),
      Skipping(In("Australia/Lord_Howe", Job("backup mail"), "45 1 * * *")),
      In("Australia/Lord_Howe", AtStart(Job("restore mail")), "10 1 * * 1-5"),
      In("Pacific/Apia", KeepingAll(AtStart(Job("backup wiki"))), "0 0 * * *"),
      In("Africa/Casablanca", KeepingAll(AtStart(Job("backup wiki"))), "0 3 * * *"),
      Every(Job("backup logs"), kHour * 8, kMinute * 30),
      Skipping(Every(Job("backup logs"), kHour * 12, kMinute * 30)),
      In("UTC", Job("backup leap"), "0 12 29 2 *"),
      Every(Job("probe"), kHour * 6, targets::Duration{0}),
      In("Europe/Berlin", Job("prune"), "0 4 * * 0"),
      In("Europe/Berlin", Job("check"), "0 5 * * 2,5"),
  };
}

bool Long() { return std::getenv("RUNNER_TEST_LONG") != nullptr; }

class Simulation : public ::testing::TestWithParam<Weather> {};

TEST_P(Simulation, WhatMustHoldHoldsAfterEveryEventForTenYears) {
  Weather weather = GetParam();
  const int lives = Long() ? 20 : 1;
  for (int life = 0; life < lives; ++life, weather.seed += 1'000) {
    World world(weather, Household(), 2);
    const std::string violation = world.Live(At("1 00:00") + kYear * 10);
    ASSERT_TRUE(violation.empty()) << violation;
    const World::Counts& counts = world.counts();
    // A simulation in which nothing happens proves nothing.
    EXPECT_GT(counts.runs, 20'000);
    EXPECT_GT(counts.catch_ups, 100);
    EXPECT_GT(counts.retries, 500);
    EXPECT_GT(counts.interrupted, 20);
    EXPECT_GT(counts.forgets, 2'000);
    EXPECT_GT(counts.crashes, 100);
    EXPECT_GT(counts.stops, 20);
    EXPECT_GT(counts.new_configurations, 20);
    EXPECT_EQ(counts.clock_changes > 50, weather.clock_jumps);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Simulation,
                         ::testing::Values(Weather{1, false, 4}, Weather{2, true, 4},
                                           Weather{3, true, 1.5}, Weather{4, false, 1.5}),
                         [](const auto& param) {
                           return "Seed" + std::to_string(param.param.seed) +
                                  (param.param.clock_jumps ? "WithClockJumps" : "");
                         });

}  // namespace
}  // namespace runner::testing
