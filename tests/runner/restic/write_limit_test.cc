#include "runner/restic/write_limit.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

TEST(WriteLimit, OfABackupGrowsWithWhatItHasTakenIn) {
  EXPECT_EQ(WriteLimit::OfBackup(0), 200'000'000U);
  EXPECT_EQ(WriteLimit::OfBackup(1'000'000'000), 5'200'000'000U);
}

TEST(WriteLimit, OfMaintenanceIsSmallUntilItHasItsLock) {
  WriteLimit prune;
  EXPECT_EQ(prune.OfMaintenance(1'000'000'000), 1'020'000'000U);
  prune.OnMaintenanceLine("repository 4ab9 opened successfully, password is correct");
  EXPECT_EQ(prune.OfMaintenance(1'000'000'000), 1'020'000'000U);
  prune.OnMaintenanceLine("loading indexes...");
  EXPECT_EQ(prune.OfMaintenance(1'000'000'000), 5'200'000'000U);
  WriteLimit check;
  check.OnMaintenanceLine("create exclusive lock for repository");
  EXPECT_EQ(check.OfMaintenance(1'000), 20'001'000U);
  check.OnMaintenanceLine("load indexes");
  EXPECT_EQ(check.OfMaintenance(1'000), 200'005'000U);
}

}  // namespace
}  // namespace runner
