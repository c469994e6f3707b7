#include "runner/jobs/quarantine.h"

#include "tests/runner/jobs/quarantine_fixture.h"

namespace runner {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using targets::Duration;
using targets::SnapshotId;
using testing::FullId;

class QuarantineTest : public QuarantineFixture {};

TEST_F(QuarantineTest, HasNothingToSayOfAFirstBackup) {
  EXPECT_EQ(Backup(1).outcome, JobOutcome::kSuccess);
  EXPECT_EQ(Facts().newest_good->files, 1U);
}

TEST_F(QuarantineTest, TakesASnapshotThatLostTooMuchAndIsNoSuccess) {
  Backup(100);
  const std::string good = NewestId();
  const auto last_success = markers_.LastSuccess(KeyOf("photos")).value();
  const JobReport report = Backup(49);
  EXPECT_EQ(report.outcome, JobOutcome::kFailed);
  EXPECT_EQ(report.cause, Cause::kQuarantined);
  EXPECT_EQ(report.snapshot.str(), NewestId()) << "the tag gave it a new id";
  EXPECT_EQ(report.reason,
            "snapshot 00000000 is quarantined: it lost 51 % of the files (49 are left of 100), "
            "more than guard.max_shrink: 50 %; look with `runner restic -- diff 00000000 "
            "00000000`, then `runner ack photos`");
  EXPECT_EQ(MarkerOf("photos"), "FAILED " + report.reason);
  EXPECT_EQ(markers_.LastSuccess(KeyOf("photos")).value(), last_success);
  EXPECT_TRUE(IsTagged(fake_.snapshots.back()));
  EXPECT_FALSE(IsTagged(fake_.snapshots.front()));
  EXPECT_EQ(NewestGood(), good);
  EXPECT_EQ(NewestProven(), NewestId());
  ASSERT_EQ(Facts().quarantined.size(), 1U);
  EXPECT_EQ(Facts().quarantined[0].snapshot.id.str(), NewestId());
  EXPECT_EQ(Facts().quarantined[0].original.str(), fake_.snapshots.back().original);
  EXPECT_EQ(Facts().snapshots_seen, 1U) << "good ones";
}

TEST_F(QuarantineTest, LeavesASnapshotThatLostJustNotTooMuch) {
  Backup(100);
  EXPECT_EQ(Backup(50).outcome, JobOutcome::kSuccess);
  EXPECT_EQ(fake_.Count("tag"), 0);
  EXPECT_EQ(NewestGood(), NewestId());
}

TEST_F(QuarantineTest, TakesAnIncompleteSnapshotThatLostTooMuch) {
  Backup(100);
  const std::string id = FullId('f');
  fake_.Next("backup",
             Script()
                 .Does([this, id] {
                   fake_.snapshots.push_back({id, clock_.Now(), "server1", {"target:photos"}});
                 })
                 .Prints(R"({"message_type":"summary","total_files_processed":3,)"
                         R"("snapshot_id":")" +
                         id + "\"}\n")
                 .Exits(3));
  const JobReport report = Backup(3);
  EXPECT_EQ(report.cause, Cause::kQuarantined) << report.reason;
  EXPECT_EQ(Facts().incomplete_in_a_row, 0);
}

TEST_F(QuarantineTest, ComparesEachLaterSnapshotWithTheLastGoodOne) {
  Backup(100);
  const std::string good = NewestId();
  for (int day = 0; day < 3; ++day) EXPECT_EQ(Backup(49).cause, Cause::kQuarantined);
  EXPECT_EQ(Tagged(), 3);
  EXPECT_EQ(Facts().quarantined.size(), 3U);
  EXPECT_EQ(NewestGood(), good);
  EXPECT_EQ(Backup(100).outcome, JobOutcome::kSuccess) << "its data came back";
  EXPECT_EQ(NewestGood(), NewestId());
}

TEST_F(QuarantineTest, SuspendsForgetUntilSomebodyAnswers) {
  for (const int files : {100, 100, 49}) Backup(static_cast<std::uint64_t>(files));
  const JobReport suspended = Forget();
  EXPECT_EQ(suspended.outcome, JobOutcome::kSkipped);
  EXPECT_EQ(suspended.reason,
            "nothing removed: 1 snapshot is quarantined, the newest is 00000000: it lost 51 % of "
            "the files (49 are left of 100), more than guard.max_shrink: 50 %; `runner ack photos` "
            "answers");
  Backup(100);
  EXPECT_EQ(Forget().outcome, JobOutcome::kSkipped) << "although the newest is good again";
  EXPECT_EQ(fake_.snapshots.size(), 4U);
  clock_.Advance(minutes(15));
  Accept();
  EXPECT_EQ(Forget().reason.substr(0, 17), "kept 1, removed 3");
}

TEST_F(QuarantineTest, TagsInTheNextRunWhatCouldNotBeTagged) {
  Backup(100);
  fake_.Next("tag", Script().Complains("Fatal: access denied\n").Exits(1));
  const JobReport report = Backup(49);
  EXPECT_EQ(report.cause, Cause::kQuarantined);
  EXPECT_EQ(Tagged(), 0);
  EXPECT_EQ(report.snapshot.str(), NewestId());
  EXPECT_EQ(Forget().outcome, JobOutcome::kSkipped) << "the facts know it";
  Backup(49);
  EXPECT_EQ(Tagged(), 2);
}

TEST_F(QuarantineTest, DoesNotStopBackupsIfTagsCannotBeWritten) {
  Backup(100);
  for (int i = 0; i < 4; ++i)
    fake_.Next("tag", Script().Complains("Fatal: access denied\n").Exits(1));
  for (int day = 0; day < 2; ++day) EXPECT_EQ(Backup(49).cause, Cause::kQuarantined);
  EXPECT_EQ(fake_.snapshots.size(), 3U);
  EXPECT_EQ(Facts().quarantined.size(), 2U);
}

TEST_F(QuarantineTest, TagsWhatAKilledRunLeftBeforeItsGuardSawIt) {
  Backup(100);
  const targets::UnixTime then = clock_.Now() + minutes(1);
  ASSERT_TRUE(markers_.Write(KeyOf("photos"), {MarkerStatus::kRunning, then, "running", {}}));
  fake_.snapshots.push_back({FullId('f'), then, "server1", {"target:photos"}});
  EXPECT_EQ(Backup(100).outcome, JobOutcome::kSuccess);
  ASSERT_EQ(Tagged(), 1);
  EXPECT_EQ(fake_.snapshots[1].original, FullId('f'));
  EXPECT_EQ(Forget().outcome, JobOutcome::kSuccess) << "a good one is newer";
  EXPECT_EQ(fake_.snapshots.size(), 2U);
}

TEST_F(QuarantineTest, LeavesTheSnapshotOfAKilledRunIfNothingGuardsTheTarget) {
  photos_.guard = {};
  Backup(100);
  const targets::UnixTime then = clock_.Now() + minutes(1);
  ASSERT_TRUE(markers_.Write(KeyOf("photos"), {MarkerStatus::kRunning, then, "running", {}}));
  fake_.snapshots.push_back({FullId('f'), then, "server1", {"target:photos"}});
  Backup(100);
  EXPECT_EQ(Tagged(), 0);
}

/// Whatever step a kill falls on, the suspicious snapshot never passes for good, and it bears its
/// tag after the next run.
TEST_F(QuarantineTest, MayBeKilledAtAnyStep) {
  for (int step = 1;; ++step) {
    fake_.snapshots.clear();
    ASSERT_TRUE(facts_.WriteTarget(photos_.id, {}));
    ASSERT_TRUE(markers_.Remove(KeyOf("photos")));
    Backup(100);
    const std::string good = NewestId();
    files_.StopBeforeStep(step);
    Backup(49);
    const bool stopped = files_.Stopped();
    files_.CrashAndLoseUnsynced();
    EXPECT_EQ(NewestGood(), good) << step;
    const bool made = fake_.snapshots.size() == 2;
    EXPECT_TRUE(!made || !MarkerOf("photos").starts_with("SUCCESS")) << step;
    EXPECT_EQ(Backup(49).cause, Cause::kQuarantined) << step;
    EXPECT_EQ(Tagged(), static_cast<long>(fake_.snapshots.size()) - 1) << step;
    EXPECT_FALSE(IsTagged(fake_.snapshots.front())) << step;
    EXPECT_EQ(NewestGood(), good) << step;
    EXPECT_EQ(NewestProven(), NewestId()) << step;
    EXPECT_EQ(Forget().outcome, JobOutcome::kSkipped) << step;
    if (!stopped) break;
  }
}

TEST_F(QuarantineTest, LooksAtTheBytesOfAStream) {
  photos_.source = targets::CommandSource{{"pg_dump"}, "app.sql"};
  photos_.guard.max_changed = 0.5;
  processes_.When(testing::HasWords({"pg_dump"}), Script().Exits(0));
  const auto dump = [&](std::uint64_t bytes) {
    clock_.Advance(hours(24));
    fake_.figures = {.files_changed = 1, .total_files = 1, .total_bytes = bytes};
    return wave_.Run({&photos_}, stop_).front().cause;
  };
  EXPECT_EQ(dump(1000), Cause::kNone);
  EXPECT_EQ(dump(500), Cause::kNone) << "that it changed says nothing";
  EXPECT_EQ(dump(249), Cause::kQuarantined);
  EXPECT_EQ(fake_.Count("diff"), 0);
}

/// "photos", of which 80 % may change.
class ChurnTest : public QuarantineFixture {
 protected:
  ChurnTest() {
    photos_.guard = {};
    photos_.guard.max_changed = 0.8;
    Backup(100);
    good_ = NewestId();
  }
  /// As restic counts it against the snapshot that it chose as parent, and by content against the
  /// last good one.
  JobReport Change(std::uint64_t changed, std::uint64_t gone, const SnapshotDiff& difference) {
    clock_.Advance(hours(24));
    fake_.figures = {.files_changed = changed,
                     .files_unmodified = 100 - changed - gone,
                     .total_files = 100,
                     .total_bytes = 1000};
    fake_.difference = difference;
    return wave_.Run({&photos_}, stop_).front();
  }
  std::string good_;
};

TEST_F(ChurnTest, IsJudgedByTheFiguresOfTheBackupIfTheySpeakForIt) {
  EXPECT_EQ(Change(50, 30, {100, 100, 100}).outcome, JobOutcome::kSuccess);
  EXPECT_EQ(fake_.Count("diff"), 0);
}

TEST_F(ChurnTest, IsJudgedByTheContentsIfTheFiguresSpeakAgainstIt) {
  EXPECT_EQ(Change(100, 0, {0, 0, 80}).outcome, JobOutcome::kSuccess) << "new inodes, old contents";
  EXPECT_EQ(fake_.Count("diff"), 1);
  const JobReport report = Change(100, 0, {0, 0, 81});
  EXPECT_EQ(report.cause, Cause::kQuarantined);
  EXPECT_NE(report.reason.find("81 % of the 100 files of the last good snapshot are changed (81) "
                               "or gone (0), more than guard.max_changed: 80 %"),
            std::string::npos)
      << report.reason;
}

TEST_F(ChurnTest, IsSeenIfFilesAreRenamedAsTheyAreEncrypted) {
  EXPECT_EQ(Change(0, 100, {100, 100, 0}).cause, Cause::kQuarantined);
}

TEST_F(ChurnTest, IsMeasuredAgainstTheLastGoodOneThroughoutTheQuarantine) {
  Change(100, 0, {0, 0, 100});
  EXPECT_EQ(Change(0, 0, {0, 0, 100}).cause, Cause::kQuarantined)
      << "unchanged beside its parent, which is quarantined itself";
  EXPECT_EQ(Tagged(), 2);
  EXPECT_EQ(Change(100, 0, {0, 0, 3}).outcome, JobOutcome::kSuccess) << "restored";
}

TEST_F(ChurnTest, ThatCannotBeMeasuredIsSuspicious) {
  fake_.Next("diff", Script().Complains("Fatal: no route\n").Exits(1));
  EXPECT_EQ(Change(100, 0, {0, 0, 3}).outcome, JobOutcome::kSuccess) << "it is asked again";
  for (int i = 0; i < 2; ++i) fake_.Next("diff", Script().Complains("Fatal: no route\n").Exits(1));
  const JobReport report = Change(100, 0, {0, 0, 3});
  EXPECT_EQ(report.cause, Cause::kQuarantined);
  EXPECT_NE(report.reason.find("it could not be compared with the last good one (00000000): "),
            std::string::npos)
      << report.reason;
}

TEST_F(ChurnTest, IsNoneOfASourceThatMoved) {
  fake_.snapshots.front().path = "/old/place";
  EXPECT_EQ(Change(0, 100, {100, 100, 0}).outcome, JobOutcome::kSuccess);
  EXPECT_EQ(fake_.Count("diff"), 0);
}

class ClockTest : public QuarantineFixture {
 protected:
  static constexpr Duration kYear{365 * 24 * 3600};

  ClockTest() {
    photos_.retention = {};
    photos_.retention.within = "30d";
    Backup(100);
    Backup(100);
  }
};

TEST_F(ClockTest, ThatStandsAYearAheadLetsABackupForgetNothing) {
  clock_.JumpTo(clock_.Now() + kYear);
  EXPECT_EQ(Backup(100).outcome, JobOutcome::kSuccess);
  const JobReport suspended = Forget();
  EXPECT_EQ(suspended.outcome, JobOutcome::kSkipped);
  EXPECT_NE(suspended.reason.find("366d after the backup before it"), std::string::npos)
      << suspended.reason;
  EXPECT_NE(suspended.reason.find("if the clock is right, `runner ack photos`"), std::string::npos);
  Backup(100);
  EXPECT_EQ(Forget().outcome, JobOutcome::kSkipped) << "a second backup proves nothing";
  EXPECT_EQ(fake_.snapshots.size(), 4U);
  EXPECT_EQ(Accept(), "accepted: the clock is right, and forget goes on");
  EXPECT_EQ(Forget().reason.substr(0, 17), "kept 2, removed 2");
}

TEST_F(ClockTest, IsAskedAboutAfterTheQuarantineOfTheSameBackup) {
  clock_.JumpTo(clock_.Now() + kYear);
  EXPECT_EQ(Backup(49).cause, Cause::kQuarantined);
  EXPECT_NE(Accept().find("and forget stays suspended: the clock showed"), std::string::npos);
  EXPECT_EQ(Forget().outcome, JobOutcome::kSkipped);
  EXPECT_EQ(Accept(), "accepted: the clock is right, and forget goes on");
}

TEST_F(ClockTest, IsNoMatterOnceTheBackupOfItsJumpIsDiscarded) {
  clock_.JumpTo(clock_.Now() + kYear);
  Backup(49);
  Discard();
  clock_.JumpTo(clock_.Now() - kYear);
  Backup(100);
  EXPECT_EQ(Forget().outcome, JobOutcome::kSuccess);
}

TEST_F(ClockTest, ThatWentBackForgetsNothingWhileASnapshotLiesInTheFuture) {
  clock_.JumpTo(clock_.Now() + kYear);
  Backup(100);
  const std::string future = NewestId();
  clock_.JumpTo(clock_.Now() - kYear);
  EXPECT_EQ(Backup(100).outcome, JobOutcome::kSuccess);
  EXPECT_NE(Forget().reason.find("in the future: one of the clocks is wrong"), std::string::npos);
  EXPECT_EQ(fake_.snapshots.size(), 4U);
  std::erase_if(fake_.snapshots, [&](const auto& stored) { return stored.id == future; });
  Backup(100);
  EXPECT_EQ(Forget().outcome, JobOutcome::kSuccess) << MarkerOf("photos");
  EXPECT_EQ(fake_.snapshots.size(), 4U);
}

}  // namespace
}  // namespace runner
