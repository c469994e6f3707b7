#include <gmock/gmock.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <filesystem>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class PlanSnapshotsTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    ws().Write("photos/a.jpg", "aaa");
    ws().Write("backup.yaml",
               ws().ConfigHead() + "targets:\n  photos:\n    source: " + ws().Path("photos") +
                   "\n    retention: {last: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0}\n");
  }
  std::vector<std::string> Files() {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(ws().dir())) {
      const std::string name = entry.path().filename();
      if (!name.starts_with(".output-")) names.push_back(entry.path());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  /// A snapshot of the target, as a run of that time would have made it.
  void MakeSnapshot(const std::string& time) {
    const Ran backup = ws().Restic({"backup", "--host", "test", "--tag", "target:photos", "--time",
                                    time, ws().Path("photos")});
    ASSERT_EQ(backup.code, 0) << backup.all();
  }
};

TEST_P(PlanSnapshotsTest, ListsWhatIsKeptAndRemovedAndChangesNothing) {
  MakeCheapRepository();
  MakeSnapshot("2026-01-01 02:30:00");
  ASSERT_EQ(ws().Runner({"run", "--stage", "backup"}).code, 0);
  const auto before = Files();
  const Ran plan = ws().Runner({"plan", "--snapshots"});
  EXPECT_EQ(plan.code, 0) << plan.all();
  EXPECT_THAT(plan.out, HasSubstr("  retention    keeps 1 of 2 snapshots\n    keep    2"));
  EXPECT_THAT(plan.out, HasSubstr("  last 1\n    remove  2026-01-01"));
  rapidjson::Document document;
  document.Parse(ws().Runner({"plan", "--snapshots", "--json"}).out);
  ASSERT_TRUE(document.IsObject());
  const auto& snapshots = document["targets"][0]["snapshots"];
  ASSERT_EQ(snapshots.Size(), 2U);
  EXPECT_TRUE(snapshots[0]["keep"].GetBool());
  EXPECT_FALSE(snapshots[1]["keep"].GetBool());
  EXPECT_EQ(Files(), before);
}

TEST_P(PlanSnapshotsTest, SnapshotsThatNobodyProvedSuspendTheForget) {
  MakeCheapRepository();
  MakeSnapshot("2026-01-01 02:30:00");
  MakeSnapshot("2026-01-02 02:30:00");
  const Ran plan = ws().Runner({"plan", "--snapshots"});
  EXPECT_THAT(plan.out, HasSubstr("keeps 2 of 2 snapshots\n"));
  EXPECT_THAT(plan.out, HasSubstr("  forget is suspended\n"));
  EXPECT_THAT(plan.out, HasSubstr("targets.photos: forget is suspended: the newest snapshot"));
  EXPECT_FALSE(ws().Exists("state"));
}

TEST_P(PlanSnapshotsTest, AListingThatLacksFarTooManyDecidesNothing) {
  MakeCheapRepository();
  ASSERT_EQ(ws().Runner({"run", "--stage", "backup"}).code, 0);
  for (const auto& file : fs::directory_iterator(ws().Path("repo/snapshots")))
    fs::remove(file.path());
  const Ran plan = ws().Runner({"plan", "--snapshots"});
  EXPECT_EQ(plan.code, 0) << plan.all();
  EXPECT_THAT(plan.out, HasSubstr("  warning      the repository lists 0 snapshots of this"));
  EXPECT_THAT(plan.out, Not(HasSubstr("  retention ")));
}

TEST_P(PlanSnapshotsTest, APlainPlanAsksNoRepositoryAndSaysWhatWould) {
  const Ran plan = ws().Runner({"plan"});
  EXPECT_THAT(plan.out, HasSubstr("--snapshots asks the repository"));
  EXPECT_THAT(plan.out, Not(HasSubstr("could not be listed")));
}

TEST_P(PlanSnapshotsTest, ARepositoryThatDoesNotAnswerIsAWarning) {
  const Ran plan = ws().Runner({"plan", "--snapshots"});
  EXPECT_EQ(plan.code, 0) << plan.all();
  EXPECT_THAT(plan.out, HasSubstr("warning      the snapshots could not be listed: "));
  EXPECT_THAT(plan.out, HasSubstr("\n  backup "));
  EXPECT_FALSE(ws().Exists("state"));
}

RUNNER_FOR_EACH_RESTIC(PlanSnapshotsTest);

}  // namespace
}  // namespace runner::testing
