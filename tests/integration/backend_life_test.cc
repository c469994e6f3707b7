// The whole life of a repository, the same on every kind of storage.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/integration/backend_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Lt;

/// A second look is restic's own.
class BackendLifeTest : public BackendTest {
 protected:
  void BackUpAll() {
    Do({"run"});
    ExpectSound(1);
  }

  void BackUpWhatChangedAndForgetTheRest() {
    ws().Write("photos/album/a [1].jpg", "retouched");
    ws().Write("notes/n.txt", "second");
    ws().Write("dump", "CREATE TABLE u;\n");
    Do({"run"});
    ExpectSound(1);
    EXPECT_EQ(Ask({"dump", "--tag", "target:database", "latest", "/dump.sql"}), ws().Read("dump"));
    EXPECT_EQ(Ask({"dump", "--tag", "target:notes", "latest", ws().Path("notes/n.txt")}), "second");
    for (const char* target : {"photos", "notes", "database"})
      EXPECT_EQ(Status(target, "forget"), "SUCCESS");
  }

  void RemoveWhatNoSnapshotNeeds() {
    const auto before = Blobs();
    Do({"prune"});
    EXPECT_EQ(Status("", "prune"), "SUCCESS");
    EXPECT_THAT(Blobs(), Lt(before));
    ExpectSound(1);
  }

  void ProveThatAllIsWell() {
    Do({"check"});
    EXPECT_EQ(Status("", "check"), "SUCCESS");
    EXPECT_THAT(Do({"drill"}), HasSubstr("4 the same as the live ones"));
    EXPECT_EQ(Status("photos", "drill"), "SUCCESS");
    ExpectHealthy();
  }

  void FillEmptySourcesOnANewMachine() {
    const std::string before = Everything();
    LoseEverything();
    ASSERT_NE(Everything(), before);
    Do({"run"});
    EXPECT_EQ(Everything(), before);
    for (const char* target : {"photos", "notes"}) EXPECT_EQ(Status(target, "restore"), "SUCCESS");
    ExpectSound(1);
    ExpectHealthy();
  }

  std::ptrdiff_t Blobs() {
    const std::string listed = Ask({"list", "blobs"});
    return std::count(listed.begin(), listed.end(), '\n');
  }
};

TEST_P(BackendLifeTest, TheFirstRunMakesTheRepository) {
  EXPECT_NE(Restic({"cat", "config"}).code, 0) << "it is there before anybody made it";
  BackUpAll();
  ExpectHealthy();
}

TEST_P(BackendLifeTest, FromTheFirstWaveToARestoreOnANewMachine) {
  backend().make_cheap_repository();
  BackUpAll();
  BackUpWhatChangedAndForgetTheRest();
  RemoveWhatNoSnapshotNeeds();
  ProveThatAllIsWell();
  FillEmptySourcesOnANewMachine();
}

INSTANTIATE_TEST_SUITE_P(On, BackendLifeTest,
                         ::testing::Combine(::testing::Values("folder", "rest", "s3",
                                                              "s3_versioned", "b2", "rclone_b2"),
                                            ::testing::Values("system", "newest")),
                         BackendName);

}  // namespace
}  // namespace runner::testing
