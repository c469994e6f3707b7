// The whole daemon in memory, for months in rough weather; the world checks after everything that
// happens what must hold.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/runner/daemon/installation_world.h"

namespace runner::testing {
namespace {

constexpr targets::Duration kDay{24 * 3600};

bool Long() { return std::getenv("RUNNER_TEST_LONG") != nullptr; }

class InstallationSimulation : public ::testing::TestWithParam<unsigned> {};

TEST_P(InstallationSimulation, WhatMustHoldHoldsAfterEverythingThatHappens) {
  const int days = Long() ? 3650 : 150;
  InstallationWorld world(GetParam());
  const std::string violation = world.Live(kDay * days);
  ASSERT_TRUE(violation.empty()) << violation;
  const InstallationWorld::Counts& counts = world.counts();
  // A simulation in which nothing happens proves nothing.
  EXPECT_GT(counts.backups, days * 7);
  EXPECT_GT(counts.successes, days * 6);
  EXPECT_GT(counts.forgotten, days * 5);
  EXPECT_GT(counts.ends, days * 20);
  EXPECT_GT(counts.retries, days);
  EXPECT_GT(counts.crashes, days / 5);
  EXPECT_GT(counts.stops, days / 60);
  EXPECT_GT(counts.reloads, days / 60);
  EXPECT_GT(counts.runs_beside, days / 20);
  EXPECT_GT(counts.unlocks, days / 75);
  EXPECT_GT(counts.calms, days / 15);
  EXPECT_GT(counts.green, days * 5);
  EXPECT_GT(counts.red, days * 5);
  EXPECT_EQ(counts.inits, 1);
}

INSTANTIATE_TEST_SUITE_P(Seeds, InstallationSimulation, ::testing::Range(1U, 5U));

}  // namespace
}  // namespace runner::testing
