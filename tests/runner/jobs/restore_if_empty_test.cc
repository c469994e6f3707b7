#include "runner/jobs/restore_if_empty.h"

#include <gmock/gmock.h>

#include "tests/runner/jobs/job_fixture.h"
#include "tests/support/fake_restore.h"

namespace runner {
namespace {

using targets::Stage;
using Phase = RestoreJournal::Phase;
using ::testing::HasSubstr;

class RestoreIfEmptyTest : public JobFixture {
 protected:
  RestoreIfEmptyTest() {
    photos_ = &AddTarget("photos");
    photos_->restore.if_empty = true;
    files_.AddFolder("/data/photos");
    restore_.AddFolder("/d");
    restore_.AddFile("/d/a", "aaa");
  }

  void AddSnapshot() {
    fake_.snapshots.push_back({testing::FullId('1'), clock_.Now(), "server1", {"target:photos"}});
  }
  static RestoreJournal Journal(Phase phase) {
    return {phase, targets::SnapshotId(testing::FullId('2')), "/data/photos", false, {}, 0};
  }
  JobReport Check() {
    return RestoreIfEmpty(tools_, opener_, gate_, restorer_).Run(*photos_, stop_);
  }
  std::string RestoreMarker() {
    const auto marker = markers_.Read({photos_->id, Stage::kRestore}).value();
    if (!marker) return "(none)";
    return std::string(MarkerStatusName(marker->status)) + " " + marker->reason;
  }

  targets::Target* photos_;
  RepositoryGate gate_{files_, clock_, state_.RepositoryFolder(),
                       [this](std::chrono::milliseconds time) { clock_.Advance(time); }};
  RepositoryOpener opener_{config_, restic_, gate_, facts_, clock_, events_};
  testing::FakeRestore restore_{processes_, files_};
  Restorer restorer_{files_, restic_, true};
};

TEST_F(RestoreIfEmptyTest, ASourceWithDataNeedsNothing) {
  EXPECT_EQ(Check().outcome, JobOutcome::kSuccess);
  EXPECT_EQ(RestoreMarker(), "SUCCESS source has data: nothing to restore");
  EXPECT_TRUE(Launched("restic").empty()) << "the repository is not asked";
}

TEST_F(RestoreIfEmptyTest, AMissingOrUnreadableSourceFailsAndIsNeverTakenForEmpty) {
  SourceIs("missing");
  EXPECT_EQ(Check().outcome, JobOutcome::kFailed);
  EXPECT_THAT(RestoreMarker(), HasSubstr("FAILED source missing"));
  SourceIs("unreadable");
  EXPECT_EQ(Check().outcome, JobOutcome::kFailed);
  EXPECT_THAT(RestoreMarker(), HasSubstr("FAILED source unreadable"));
}

TEST_F(RestoreIfEmptyTest, AnEmptySourceThatWasNeverBackedUpIsANewTarget) {
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kSuccess);
  EXPECT_THAT(RestoreMarker(), HasSubstr("SUCCESS source empty and never backed up"));
}

TEST_F(RestoreIfEmptyTest, ThatIsAFailureWhereASnapshotIsDemanded) {
  photos_->restore.on_missing = targets::OnMissing::kFail;
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kFailed);
}

TEST_F(RestoreIfEmptyTest, AnEmptySourceIsFineWhereThatIsAllowed) {
  photos_->guard.allow_empty = true;
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kSuccess);
}

TEST_F(RestoreIfEmptyTest, AnEmptySourceWithSnapshotsIsRestored) {
  AddSnapshot();
  SourceIs("empty");
  const JobReport report = Check();
  EXPECT_EQ(report.outcome, JobOutcome::kSuccess) << report.reason;
  EXPECT_THAT(RestoreMarker(), HasSubstr("SUCCESS restored 1 file, 3 B, of snapshot 11111111"));
  EXPECT_EQ(files_.Read("/data/photos/a", 100).value(), "aaa");
  EXPECT_EQ(FactsOf("photos").decisions.at(kRestoreDecision), "restored " + testing::FullId('1'));
}

TEST_F(RestoreIfEmptyTest, ASecondTimeAPersonDecides) {
  AddSnapshot();
  SourceIs("empty");
  ASSERT_EQ(Check().outcome, JobOutcome::kSuccess);
  const JobReport report = Check();
  EXPECT_EQ(report.outcome, JobOutcome::kBlocked);
  EXPECT_THAT(report.reason, HasSubstr("the repository has 1 snapshot of it"));
  EXPECT_THAT(report.hint, HasSubstr("runner restore photos"));
  EXPECT_EQ(restore_.restores, 1);
}

TEST_F(RestoreIfEmptyTest, ANewTargetStaysNewWhateverAppearsLater) {
  SourceIs("empty");
  ASSERT_EQ(Check().outcome, JobOutcome::kSuccess);
  AddSnapshot();
  EXPECT_EQ(Check().outcome, JobOutcome::kBlocked);
  EXPECT_EQ(restore_.restores, 0);
}

TEST_F(RestoreIfEmptyTest, AfterABackupNothingIsRestoredByItself) {
  TargetFacts facts;
  facts.snapshots_seen = 1;
  ASSERT_TRUE(facts_.WriteTarget(photos_->id, facts));
  AddSnapshot();
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kBlocked);
  EXPECT_EQ(restore_.restores, 0);
}

TEST_F(RestoreIfEmptyTest, ARestoreThatFailsLeavesTheSourceEmptyAndSaysWhy) {
  AddSnapshot();
  restore_.cuts = "/d/a";
  SourceIs("empty");
  const JobReport report = Check();
  EXPECT_EQ(report.outcome, JobOutcome::kFailed);
  EXPECT_THAT(RestoreMarker(),
              HasSubstr("FAILED what was restored is not what the snapshot holds"));
  EXPECT_TRUE(files_.List("/data/photos", 10).value().empty());
}

TEST_F(RestoreIfEmptyTest, FinishesRenamesThatACrashCutOff) {
  files_.AddFolder("/data/photos/.runner-restore-data");
  ASSERT_TRUE(StagingFolder("/data/photos").WriteJournal(files_, Journal(Phase::kMoving)));
  files_.AddFile("/data/photos/.runner-restore-data/tree/data/photos/z", "zzz");
  files_.AddFile("/data/photos/y", "yyy");
  SourceIs("half_restored");
  EXPECT_EQ(Check().outcome, JobOutcome::kSuccess);
  EXPECT_THAT(RestoreMarker(), HasSubstr("SUCCESS moved the rest of snapshot 22222222"));
  EXPECT_EQ(files_.Read("/data/photos/z", 100).value(), "zzz");
}

TEST_F(RestoreIfEmptyTest, DataThatAppearedBesideACutOffRestoreIsNeitherReplacedNorBackedUp) {
  files_.AddFolder("/data/photos/.runner-restore-data");
  ASSERT_TRUE(StagingFolder("/data/photos").WriteJournal(files_, Journal(Phase::kStaging)));
  files_.AddFile("/data/photos/new.db", "precious");
  SourceIs("half_restored");
  const JobReport report = Check();
  EXPECT_EQ(report.outcome, JobOutcome::kBlocked);
  EXPECT_THAT(report.hint, HasSubstr("runner restore photos --force"));
  EXPECT_EQ(files_.Read("/data/photos/new.db", 100).value(), "precious");
  EXPECT_EQ(StagingFolder("/data/photos").Exists(files_).value(), true);
}

TEST_F(RestoreIfEmptyTest, ADamagedJournalIsAPersonsMatter) {
  files_.AddFile("/data/photos/.runner-restore-data/journal", "{");
  SourceIs("half_restored");
  EXPECT_EQ(Check().outcome, JobOutcome::kFailed);
  EXPECT_THAT(RestoreMarker(), HasSubstr("is damaged"));
}

TEST_F(RestoreIfEmptyTest, SnapshotsOfOthersAreNoReasonToBlock) {
  fake_.snapshots.push_back({testing::FullId('1'), clock_.Now(), "server2", {"target:photos"}});
  fake_.snapshots.push_back({testing::FullId('2'), clock_.Now(), "server1", {"target:database"}});
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kSuccess);
}

TEST_F(RestoreIfEmptyTest, AnEmptyListingIsNotBelievedWhereSnapshotsWereSeen) {
  TargetFacts facts;
  facts.snapshots_seen = 3;
  ASSERT_TRUE(facts_.WriteTarget(photos_->id, facts));
  SourceIs("empty");
  const JobReport report = Check();
  EXPECT_EQ(report.outcome, JobOutcome::kBlocked);
  EXPECT_THAT(report.reason, HasSubstr("of its 3 snapshots the repository lists none"));
}

TEST_F(RestoreIfEmptyTest, AListingThatFailsProvesNothing) {
  ASSERT_TRUE(opener_.Open(stop_));
  fake_.Next("snapshots",
             Script().Prints("[]\n").Complains("could not load snapshots: oh\n").Exits(0));
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kBlocked);
}

TEST_F(RestoreIfEmptyTest, WithoutARepositoryItIsBlocked) {
  config_.repository.init = targets::InitRule::kNever;
  fake_.repository.reset();
  SourceIs("empty");
  EXPECT_EQ(Check().outcome, JobOutcome::kBlocked);
  EXPECT_THAT(RestoreMarker(), HasSubstr("the repository is not available"));
}

TEST_F(RestoreIfEmptyTest, WhileAnotherRunHasTheTargetItsMarkerIsLeftAlone) {
  const auto held = state_.TryLockTarget(photos_->id).value();
  EXPECT_EQ(Check().outcome, JobOutcome::kBlocked);
  EXPECT_EQ(RestoreMarker(), "(none)");
}

}  // namespace
}  // namespace runner
