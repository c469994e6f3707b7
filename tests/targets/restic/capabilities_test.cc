#include "targets/restic/capabilities.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace targets {
namespace {

TEST(FeatureTable, HasOneRowForEveryFeatureInOrder) {
  int expected = 0;
  std::set<std::string_view> names;
  for (const FeatureInfo& info : FeatureTable()) {
    EXPECT_EQ(static_cast<int>(info.feature), expected++) << info.name;
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_TRUE(info.without.ends_with('.')) << info.name;
  }
  EXPECT_EQ(expected, static_cast<int>(Feature::kNoLayoutProbe) + 1);
}

TEST(FeatureTable, BeginsEachFeatureWithItsFirstRelease) {
  for (const FeatureInfo& info : FeatureTable()) {
    EXPECT_TRUE(Has(info.first, info.feature)) << info.name;
    ResticVersion before = info.first;
    if (before.patch > 0) {
      --before.patch;
    } else {
      before = {0, info.first.minor - 1, 999};
    }
    EXPECT_FALSE(Has(before, info.feature)) << info.name;
  }
}

TEST(FeatureTable, HasNothingForDebians014AndEverythingFor0191) {
  for (const FeatureInfo& info : FeatureTable()) {
    EXPECT_FALSE(Has({0, 14, 0}, info.feature)) << info.name;
    EXPECT_TRUE(Has({0, 19, 1}, info.feature)) << info.name;
  }
}

/// The table of docs/restic.md, as it must be.
std::string ExpectedTable() {
  std::string table = "| feature | first release | without it |\n|---|---|---|\n";
  for (const FeatureInfo& info : FeatureTable()) {
    table += "| `" + std::string(info.name) + "` | " + FormatResticVersion(info.first) + " | " +
             std::string(info.without) + " |\n";
  }
  return table;
}

TEST(FeatureTable, IsTheOneInTheDocumentation) {
  std::ifstream file(RUNNER_SOURCE_DIR "/docs/restic.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_NE(page.str().find(ExpectedTable()), std::string::npos)
      << "put this table into docs/restic.md:\n"
      << ExpectedTable();
}

}  // namespace
}  // namespace targets
