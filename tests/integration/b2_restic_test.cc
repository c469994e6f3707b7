#include <gmock/gmock.h>

#include "tests/integration/b2_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;

class B2ResticTest : public B2Test {};

TEST_P(B2ResticTest, BacksUpAndGivesBackWhatItStored) {
  ws().Write("data/a.txt", "alpha");
  ws().Write("data/sub/b.bin", std::string(300'000, 'b'));
  ASSERT_EQ(Restic({"init"}).code, 0);
  const Ran backup = Restic({"backup", ws().Path("data")});
  EXPECT_EQ(backup.code, 0) << backup.all();
  const Ran snapshots = Restic({"snapshots"});
  EXPECT_EQ(snapshots.code, 0) << snapshots.all();
  EXPECT_THAT(snapshots.out, HasSubstr("1 snapshots"));
  const Ran check = Restic({"check", "--read-data"});
  EXPECT_EQ(check.code, 0) << check.all();
  const Ran restore = Restic({"restore", "latest", "--target", ws().Path("back")});
  EXPECT_EQ(restore.code, 0) << restore.all();
  EXPECT_EQ(ws().Run({"diff", "-r", ws().Path("data"), ws().Path("back") + ws().Path("data")}).out,
            "");
}

RUNNER_FOR_EACH_RESTIC(B2ResticTest);

}  // namespace
}  // namespace runner::testing
