// A REST server that lets nobody remove anything but locks.
#include <gmock/gmock.h>

#include "tests/integration/backend_test.h"

namespace runner::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class BackendAppendOnlyTest : public BackendTest {
 protected:
  void SetUp() override {
    BackendTest::SetUp();
    if (!IsSkipped()) backend().make_cheap_repository();
  }

  /// From now on nothing is removed from here.
  void RemoveNothing() {
    std::string config = ws().Read("backup.yaml");
    const auto change = [&config](const std::string& from, const std::string& to) {
      const std::size_t at = config.find(from);
      ASSERT_NE(at, std::string::npos) << from;
      config.replace(at, from.size(), to);
    };
    change("last: 1", "last: unlimited");
    change("{schedule: manual, max_unused: 0%}", "off");
    ws().Write("backup.yaml", config);
  }
  std::string Marker(const std::string& stage) {
    return ws().Read("state/targets/photos/" + stage + "_status");
  }
};

TEST_P(BackendAppendOnlyTest, BacksUpChecksDrillsAndRestores) {
  RemoveNothing();
  Do({"run"});
  ws().Write("notes/n.txt", "second");
  Do({"run"});
  ExpectSound(2);
  Do({"check"});
  EXPECT_EQ(Status("", "check"), "SUCCESS");
  EXPECT_THAT(Do({"drill"}), HasSubstr("4 the same as the live ones"));
  const std::string before = Everything();
  LoseEverything();
  Do({"run"});
  EXPECT_EQ(Everything(), before);
  ExpectSound(3);
  ExpectHealthy();
}

TEST_P(BackendAppendOnlyTest, AForgetFailsAndSaysWhyAndTheBackupIsGood) {
  Do({"run"});
  ws().Write("photos/album/a [1].jpg", "retouched");
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 1) << run.all();
  EXPECT_EQ(Status("photos", "backup"), "SUCCESS");
  EXPECT_THAT(Marker("forget"), AllOf(HasSubstr("FAILED\n"), HasSubstr("403 Forbidden")));
  EXPECT_THAT(run.all(), HasSubstr("append-only removes nothing"));
  ExpectSound(2);
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 1);

  RemoveNothing();
  Do({"run"});
  ExpectSound(3);
  ExpectHealthy();
}

/// What an interrupted backup leaves: a pack that stands in no index. restic exits with 0.
TEST_P(BackendAppendOnlyTest, APruneThatRemovedNothingIsNoSuccess) {
  const std::string pack = "served/data/aa/" + std::string(64, 'a');
  ws().Write(pack, "what an interrupted backup left");
  Do({"run"});
  const Ran prune = ws().Runner({"prune"});
  EXPECT_EQ(prune.code, 1) << prune.all();
  EXPECT_THAT(ws().Read("state/repository/prune_status"),
              AllOf(HasSubstr("FAILED\n"), HasSubstr("403 Forbidden")));
  EXPECT_THAT(prune.all(), HasSubstr("append-only removes nothing"));
  EXPECT_TRUE(ws().Exists(pack));
  EXPECT_FALSE(ws().Exists("state/repository/last_prune_success"));
}

INSTANTIATE_TEST_SUITE_P(On, BackendAppendOnlyTest,
                         ::testing::Combine(::testing::Values("rest_append_only"),
                                            ::testing::Values("system", "newest")),
                         BackendName);

}  // namespace
}  // namespace runner::testing
