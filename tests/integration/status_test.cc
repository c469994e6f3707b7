#include <gmock/gmock.h>
#include <rapidjson/document.h>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class StatusTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    ws().Write("photos/a.jpg", "aaa");
    ws().Write("backup.yaml", ws().ConfigHead() +
                                  "targets:\n  photos:\n    source: " + ws().Path("photos") +
                                  "\n  notes:\n    source: " + ws().Path("notes") + "\n");
  }
};

TEST_P(StatusTest, IsThereBeforeAnythingRanAndCreatesNothing) {
  const Ran status = ws().Runner({"status", "photos"});
  EXPECT_EQ(status.code, 0) << status.all();
  EXPECT_THAT(status.out, HasSubstr("photos  new "));
  EXPECT_THAT(status.out, HasSubstr("daemon: not running"));
  EXPECT_THAT(status.out, Not(HasSubstr("\x1b")));
  EXPECT_FALSE(ws().Exists("state"));
}

TEST_P(StatusTest, ShowsWhatSucceededAndWhatFailedAndWhy) {
  MakeCheapRepository();
  EXPECT_EQ(ws().Runner({"run"}).code, 1);
  const Ran status = ws().Runner({"status"});
  EXPECT_EQ(status.code, 0) << "the verdict is the healthcheck's";
  EXPECT_THAT(status.out, HasSubstr("photos  ok "));
  EXPECT_THAT(status.out, HasSubstr("notes   NO SOURCE "));
  EXPECT_THAT(status.out, HasSubstr("source missing: "));
  EXPECT_THAT(status.out, HasSubstr("    hint: is the disk mounted, is the volume there?\n"));
  EXPECT_THAT(status.out, HasSubstr("\nUNHEALTHY: notes: "));
  rapidjson::Document document;
  document.Parse(ws().Runner({"status", "--json"}).out);
  ASSERT_TRUE(document.IsObject());
  EXPECT_FALSE(document["healthy"].GetBool());
  EXPECT_EQ(document["targets"][1]["snapshots_proven"].GetInt(), 1);
}

TEST_P(StatusTest, AMistypedTargetIsAUsageError) {
  const Ran status = ws().Runner({"status", "phtos"});
  EXPECT_EQ(status.code, 2);
  EXPECT_THAT(status.err, HasSubstr("did you mean \"photos\"?"));
}

TEST_P(StatusTest, ExplainSaysWhatStandsInTheWayOfATarget) {
  MakeCheapRepository();
  EXPECT_EQ(ws().Runner({"run"}).code, 1);
  const Ran notes = ws().Runner({"explain", "notes"});
  EXPECT_EQ(notes.code, 0) << notes.all();
  EXPECT_THAT(notes.out, HasSubstr("The last backup failed "));
  EXPECT_THAT(notes.out, HasSubstr("Hint: is the disk mounted, is the volume there?\n"));
  const Ran photos = ws().Runner({"explain", "photos"});
  EXPECT_THAT(photos.out, HasSubstr("One good one was proven so far.\n"));
}

TEST_P(StatusTest, ExplainKnowsTheStagesOfTheRepositoryToo) {
  EXPECT_THAT(ws().Runner({"explain", "check"}).out, HasSubstr("check  a job of the repository"));
  const Ran wrong = ws().Runner({"explain", "phtos"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean \"photos\"?"));
}

TEST_P(StatusTest, ExplainPrefersATargetThatIsNamedLikeAStage) {
  ws().Write("backup.yaml",
             ws().ConfigHead() + "targets:\n  check:\n    source: " + ws().Path("photos") + "\n");
  EXPECT_THAT(ws().Runner({"explain", "check"}).out, HasSubstr("check  " + ws().Path("photos")));
}

RUNNER_FOR_EACH_RESTIC(StatusTest);

}  // namespace
}  // namespace runner::testing
