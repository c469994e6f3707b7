// What the real restic's commands cost on B2, in billed requests: a release that needs more shows
// here.
#include <gmock/gmock.h>

#include "tests/integration/b2_test.h"

namespace runner::testing {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

/// Requests per price class.
struct Cost {
  int a = 0;
  int b = 0;
  int c = 0;
};

class B2CostTest : public B2Test {
 protected:
  void SetUp() override {
    B2Test::SetUp();
    if (IsSkipped()) return;
    world().MakeCheapRepository();
    for (int i = 0; i < 20; ++i)
      ws().Write("data/" + std::to_string(i), std::string(10'000, static_cast<char>('a' + i)));
    EXPECT_EQ(Restic({"backup", ws().Path("data")}).code, 0);  // the cache is warm from here on
  }

  /// The command costs what was measured, give or take 2 of the classes A and B: how many uploads
  /// and downloads go on at once differs from run to run.
  void ExpectCost(const std::vector<std::string>& arguments, const Cost& measured) {
    log().Clear();
    const Ran ran = Restic(arguments);
    EXPECT_EQ(ran.code, 0) << ran.all();
    SCOPED_TRACE(::testing::PrintToString(arguments));
    EXPECT_THAT(log().ClassA(), AllOf(Ge(measured.a - 2), Le(measured.a + 2)));
    EXPECT_THAT(log().ClassB(), AllOf(Ge(measured.b - 2), Le(measured.b + 2)));
    EXPECT_EQ(log().ClassC(), measured.c);
  }
  [[nodiscard]] bool Newest() const { return std::string(GetParam()) == "newest"; }
};

TEST_P(B2CostTest, OfLookingAtARepository) {
  ExpectCost({"cat", "config", "--no-lock"}, {.a = 0, .b = 6, .c = 3});
  ExpectCost({"list", "locks", "--no-lock"}, {.a = 0, .b = 6, .c = 4});
  ExpectCost({"snapshots", "--no-lock"}, {.a = 0, .b = 6, .c = 4});
  ExpectCost({"stats", "--no-lock", "--mode", "raw-data"}, {.a = 0, .b = 6, .c = 5});
  ExpectCost({"snapshots"}, {.a = 3, .b = 7, .c = 6});
  ExpectCost({"unlock"}, {.a = 0, .b = 6, .c = 4});
  // Newer releases lock for it.
  ExpectCost({"ls", "latest"},
             Newest() ? Cost{.a = 3, .b = 8, .c = 7} : Cost{.a = 0, .b = 6, .c = 5});
}

TEST_P(B2CostTest, OfBackups) {
  ExpectCost({"backup", ws().Path("data")}, {.a = 6, .b = 7, .c = 7});
  for (const char* name : {"data/1", "data/2", "data/3"}) ws().Write(name, "changed");
  ExpectCost({"backup", ws().Path("data")}, {.a = 8, .b = 7, .c = 7});
}

TEST_P(B2CostTest, OfForgetAndPrune) {
  ExpectCost({"forget", "--keep-last", "9"}, {.a = 3, .b = 7, .c = 6});
  ExpectCost({"prune"}, {.a = 3, .b = 7, .c = 8});
  ASSERT_EQ(Restic({"backup", ws().Path("data")}).code, 0);
  ExpectCost({"forget", "--keep-last", "1"}, {.a = 4, .b = 9, .c = 6});
}

TEST_P(B2CostTest, OfCheckAndRestore) {
  ExpectCost({"check"}, {.a = 3, .b = 13, .c = 8});
  ExpectCost({"restore", "latest", "--target", ws().Path("back")}, {.a = 3, .b = 8, .c = 7});
  ExpectCost({"restore", "--no-lock", "latest", "--target", ws().Path("again")},
             {.a = 0, .b = 7, .c = 5});
}

/// What the script container that this program replaces did for each directory: list locks, init,
/// backup, forget --prune.
TEST_P(B2CostTest, AWaveOfTwentyTargetsNeedsFarFewerCallsThanTheScriptDid) {
  constexpr int kTargets = 20;
  std::string config =
      "version: 1\ninstance: test\ntimezone: UTC\nstate_dir: " + ws().Path("state") +
      "\nrepository:\n  machine_key: off\n  url: " + kUrl +
      "\n  password: correct horse\n  b2: {account_id: \"${B2_ACCOUNT_ID}\", account_key: "
      "\"${B2_ACCOUNT_KEY}\"}\ntargets:\n";
  for (int i = 0; i < kTargets; ++i) {
    const std::string name = "t" + std::to_string(i);
    ws().Write(name + "/file", name);
    config += "  " + name + ": {source: " + ws().Path(name) + ", retention: {daily: 7}}\n";
  }
  ws().Write("backup.yaml", config);
  const Ran first = ws().Runner({"run"});
  ASSERT_EQ(first.code, 0) << first.all();
  log().Clear();
  const Ran wave = ws().Runner({"run"});
  EXPECT_EQ(wave.code, 0) << wave.all();
  const int ours = log().ClassC();
  // Both have an older snapshot of the day to remove.
  for (int i = 0; i < kTargets; ++i)
    EXPECT_EQ(Restic({"backup", ws().Path("t" + std::to_string(i))}).code, 0);
  log().Clear();
  for (int i = 0; i < kTargets; ++i) {
    EXPECT_EQ(Restic({"list", "locks"}).code, 0);
    EXPECT_NE(Restic({"init"}).code, 0) << "it is there";
    EXPECT_EQ(Restic({"backup", ws().Path("t" + std::to_string(i))}).code, 0);
    EXPECT_EQ(Restic({"forget", "--keep-daily", "7", "--prune"}).code, 0);
  }
  const int scripts = log().ClassC();
  RecordProperty("class_c", ours);
  RecordProperty("class_c_of_the_script", scripts);
  EXPECT_LE(ours * 100, scripts * 40) << ours << " of " << scripts;
}

RUNNER_FOR_EACH_RESTIC(B2CostTest);

}  // namespace
}  // namespace runner::testing
