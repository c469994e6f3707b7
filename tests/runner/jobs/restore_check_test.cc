#include "runner/jobs/restore_check.h"

#include <gmock/gmock.h>

#include "tests/runner/jobs/job_fixture.h"

namespace runner {
namespace {

using targets::Stage;
using ::testing::HasSubstr;

class RestoreCheckTest : public JobFixture {
 protected:
  RestoreCheckTest() {
    photos_ = &AddTarget("photos");
    photos_->restore.if_empty = true;
  }

  JobReport Check() { return RestoreCheck(tools_, opener_).Run(*photos_, stop_); }
  std::string RestoreMarker() {
    const auto marker = markers_.Read({photos_->id, Stage::kRestore}).value();
    if (!marker) return "(none)";
    return std::string(MarkerStatusName(marker->status)) + " " + marker->reason;
  }

  targets::Target* photos_;
  RepositoryGate gate_{files_, clock_, state_.RepositoryFolder(),
                       [this](std::chrono::milliseconds time) { clock_.Advance(time); }};
  RepositoryOpener opener_{config_, restic_, gate_, facts_, clock_, events_};
};

TEST_F(RestoreCheckTest, ASourceWithDataNeedsNothing) {
  EXPECT_EQ(Check().outcome, JobOutcome::kSuccess);
  EXPECT_EQ(RestoreMarker(), "SUCCESS source has data: nothing to restore");
  EXPECT_TRUE(Launched("restic").empty()) << "the repository is not asked";
}

TEST_F(RestoreCheckTest, AMissingOrUnreadableSourceFailsAndIsNeverTakenForEmpty) {
  SourceIs("missing");
  EXPECT_EQ(Check().outcome, JobOutcome::kFailed);
  EXPECT_THAT(RestoreMarker(), HasSubstr("FAILED source missing"));
  SourceIs("unreadable");
  EXPECT_EQ(Check().outcome, JobOutcome::kFailed);
  EXPECT_THAT(RestoreMarker(), HasSubstr("FAILED source unreadable"));
}

TEST_F(RestoreCheckTest, AnEmptySourceThatWasNeverBackedUpIsANewTarget) {
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kSuccess);
  EXPECT_THAT(RestoreMarker(), HasSubstr("SUCCESS source empty and never backed up"));
}

TEST_F(RestoreCheckTest, ThatIsAFailureWhereASnapshotIsDemanded) {
  photos_->restore.on_missing = targets::OnMissing::kFail;
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kFailed);
}

TEST_F(RestoreCheckTest, AnEmptySourceIsFineWhereThatIsAllowed) {
  photos_->guard.allow_empty = true;
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kSuccess);
}

TEST_F(RestoreCheckTest, AnEmptySourceWithSnapshotsIsBlockedAndNamesTheNewest) {
  fake_.snapshots.push_back({testing::FullId('1'), clock_.Now(), "server1", {"target:photos"}});
  SourceIs("empty");
  const JobReport report = Check();
  EXPECT_EQ(report.outcome, JobOutcome::kBlocked);
  EXPECT_THAT(report.reason, HasSubstr("the repository has 1 snapshot of it"));
  EXPECT_THAT(report.hint, HasSubstr("runner restic -- restore"));
}

TEST_F(RestoreCheckTest, SnapshotsOfOthersAreNoReasonToBlock) {
  fake_.snapshots.push_back({testing::FullId('1'), clock_.Now(), "server2", {"target:photos"}});
  fake_.snapshots.push_back({testing::FullId('2'), clock_.Now(), "server1", {"target:database"}});
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kSuccess);
}

TEST_F(RestoreCheckTest, AnEmptyListingIsNotBelievedWhereSnapshotsWereSeen) {
  TargetFacts facts;
  facts.snapshots_seen = 3;
  ASSERT_TRUE(facts_.WriteTarget(photos_->id, facts));
  SourceIs("empty");
  const JobReport report = Check();
  EXPECT_EQ(report.outcome, JobOutcome::kBlocked);
  EXPECT_THAT(report.reason, HasSubstr("of its 3 snapshots the repository lists none"));
}

TEST_F(RestoreCheckTest, AListingThatFailsProvesNothing) {
  ASSERT_TRUE(opener_.Open(stop_));
  fake_.Next("snapshots",
             Script().Prints("[]\n").Complains("could not load snapshots: oh\n").Exits(0));
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kBlocked);
  EXPECT_EQ(error_log_.Read(photos_->id, clock_.Now()).lines,
            (std::vector<ErrorLine>{
                {clock_.Now(), targets::Stage::kRestore, "could not load snapshots: oh"}}));
}

TEST_F(RestoreCheckTest, WithoutARepositoryItIsBlocked) {
  config_.repository.init = targets::InitRule::kNever;
  fake_.repository.reset();
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kBlocked);
  EXPECT_THAT(RestoreMarker(), HasSubstr("the repository is not available"));
}

TEST_F(RestoreCheckTest, WhileAnotherRunHasTheTargetItsMarkerIsLeftAlone) {
  const auto held = state_.TryLockTarget(photos_->id).value();
  EXPECT_EQ(Check().outcome, JobOutcome::kBlocked);
  EXPECT_EQ(RestoreMarker(), "(none)");
}

}  // namespace
}  // namespace runner
