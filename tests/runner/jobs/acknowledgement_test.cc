#include "runner/jobs/acknowledgement.h"

#include "tests/runner/jobs/quarantine_fixture.h"

namespace runner {
namespace {

using std::chrono::minutes;
using targets::SnapshotId;
using testing::FullId;

/// One good snapshot of 100 files and two quarantined ones of 49.
class AcknowledgementTest : public QuarantineFixture {
 protected:
  AcknowledgementTest() {
    Backup(100);
    good_ = NewestId();
    Backup(49);
    Backup(49);
    EXPECT_EQ(Tagged(), 2);
  }
  std::string good_;
};

TEST_F(AcknowledgementTest, OfTheDataMakesTheNewestOneGoodAndTheTargetGreen) {
  const auto failed_at = markers_.Read(KeyOf("photos")).value()->time;
  clock_.Advance(minutes(90));
  EXPECT_EQ(Accept(),
            "accepted 2 snapshots; the newest good one is 00000000 of 2027-01-18T08:00:00Z, and "
            "forget goes on");
  EXPECT_EQ(Tagged(), 0);
  EXPECT_EQ(NewestGood(), NewestId());
  EXPECT_EQ(NewestProven(), NewestId());
  EXPECT_EQ(Facts().newest_good->files, 49U);
  EXPECT_EQ(Facts().snapshots_seen, 3U);
  EXPECT_TRUE(MarkerOf("photos").starts_with("SUCCESS accepted 2 snapshots"));
  EXPECT_EQ(markers_.LastSuccess(KeyOf("photos")).value(), failed_at)
      << "the backup succeeded then, not now";
  EXPECT_EQ(fake_.Count("forget"), 0);
  EXPECT_EQ(Forget().reason.substr(0, 17), "kept 1, removed 2");
  EXPECT_EQ(Backup(49).outcome, JobOutcome::kSuccess) << "49 files are the new measure";
}

TEST_F(AcknowledgementTest, ByDiscardingForgetsExactlyTheQuarantined) {
  fake_.snapshots.push_back(
      {FullId('e'), clock_.Now(), "elsewhere", {"target:photos", "quarantine"}});
  fake_.snapshots.push_back({FullId('d'), clock_.Now(), "server1", {"target:other", "quarantine"}});
  const auto last_success = markers_.LastSuccess(KeyOf("photos")).value();
  EXPECT_EQ(Discard(),
            "discarded 2 snapshots; the newest good one is 00000000 of 2027-01-16T08:00:00Z");
  ASSERT_EQ(fake_.snapshots.size(), 3U);
  EXPECT_EQ(fake_.snapshots.front().id, good_);
  EXPECT_EQ(fake_.Count("forget"), 1);
  EXPECT_EQ(NewestGood(), good_);
  EXPECT_EQ(NewestProven(), good_);
  EXPECT_TRUE(Facts().quarantined.empty());
  EXPECT_TRUE(MarkerOf("photos").starts_with("WARNING discarded 2 snapshots"));
  EXPECT_EQ(markers_.LastSuccess(KeyOf("photos")).value(), last_success);
  EXPECT_EQ(markers_.Read(KeyOf("photos")).value()->time, last_success)
      << "the target is as old as its last good snapshot";
  EXPECT_EQ(Backup(49).cause, Cause::kQuarantined) << "100 files are the measure still";
  EXPECT_EQ(Backup(99).outcome, JobOutcome::kSuccess);
}

TEST_F(AcknowledgementTest, FindsNothingToDoTheSecondTime) {
  Accept();
  EXPECT_EQ(Accept(), "no guard waits for an answer: nothing to accept");
  EXPECT_EQ(Discard(), "nothing is quarantined: nothing to discard");
  EXPECT_EQ(fake_.snapshots.size(), 3U);
}

TEST_F(AcknowledgementTest, OfOlderOnesLeavesANewerGoodOneTheNewest) {
  Backup(100);
  const std::string good = NewestId();
  Accept();
  EXPECT_EQ(NewestGood(), good);
  EXPECT_EQ(NewestProven(), good);
  EXPECT_EQ(Tagged(), 0);
}

TEST_F(AcknowledgementTest, ByDiscardingOlderOnesKeepsTheNewestProven) {
  Backup(100);
  const std::string good = NewestId();
  Discard();
  EXPECT_EQ(NewestProven(), good);
  EXPECT_TRUE(MarkerOf("photos").starts_with("SUCCESS")) << "that alarm had ended already";
  EXPECT_EQ(Forget().outcome, JobOutcome::kSuccess);
}

TEST_F(AcknowledgementTest, LeavesOtherAlarmsAlone) {
  SourceIs("missing");
  Backup(0);
  ASSERT_TRUE(MarkerOf("photos").starts_with("FAILED source missing"));
  Accept();
  EXPECT_TRUE(MarkerOf("photos").starts_with("FAILED source missing"));
}

TEST_F(AcknowledgementTest, ConcernsAlsoWhatCouldNotBeTagged) {
  fake_.Next("tag", Script().Complains("Fatal: access denied\n").Exits(1));
  fake_.Next("tag", Script().Complains("Fatal: access denied\n").Exits(1));
  Backup(49);
  ASSERT_EQ(Tagged(), 2);
  EXPECT_EQ(Discard().substr(0, 21), "discarded 3 snapshots");
  EXPECT_EQ(fake_.snapshots.size(), 1U);
}

TEST_F(AcknowledgementTest, DoesNotAcceptHalfAStreamButDiscardsIt) {
  Accept();
  fake_.snapshots.push_back(
      {FullId('f'), clock_.Now(), "server1", {"target:photos", "quarantine"}});
  EXPECT_EQ(Accept(), "no guard waits for an answer: nothing to accept");
  EXPECT_EQ(Discard().substr(0, 20), "discarded 1 snapshot");
}

TEST_F(AcknowledgementTest, NeverDiscardsTheNewestGoodOne) {
  fake_.snapshots.front().tags.emplace_back("quarantine");  // by hand, under its old id
  EXPECT_TRUE(
      Discard().starts_with("error: 00000000 of 2027-01-16T08:00:00Z is tagged as "
                            "quarantined, but it is the newest good snapshot"));
  EXPECT_EQ(fake_.Count("forget"), 0);
}

TEST_F(AcknowledgementTest, TellsIfTheSnapshotsAreGone) {
  fake_.snapshots.resize(1);
  EXPECT_EQ(Accept(),
            "nothing to accept: 2 snapshots in quarantine, not in the repository any more; the "
            "newest good one is 00000000 of 2027-01-16T08:00:00Z");
  EXPECT_EQ(NewestProven(), good_);
  clock_.Advance(minutes(15));
  EXPECT_EQ(Forget().outcome, JobOutcome::kSuccess);
}

TEST_F(AcknowledgementTest, IsRefusedWhileTheTargetIsAtWork) {
  const auto lock = state_.TryLockTarget(photos_.id).value();
  EXPECT_EQ(Accept(), "error: a run of photos is at work");
  EXPECT_EQ(Tagged(), 2);
}

TEST_F(AcknowledgementTest, FailsIfTheTagStays) {
  fake_.Next("tag", Script().Exits(0));
  EXPECT_EQ(Accept(),
            "error: restic says that it removed the tag, but the repository still lists it");
  EXPECT_EQ(Facts().quarantined.size(), 2U);
  EXPECT_TRUE(MarkerOf("photos").starts_with("FAILED"));
}

TEST_F(AcknowledgementTest, FailsIfTheSnapshotsStay) {
  fake_.Next("forget", Script().Exits(0));
  EXPECT_EQ(Discard(),
            "error: restic says that it removed the snapshots, but the repository still lists 2");
  EXPECT_EQ(Facts().quarantined.size(), 2U);
}

TEST_F(AcknowledgementTest, MayBeKilledAtAnyStep) {
  for (const Answer answer : {Answer::kAccept, Answer::kDiscard}) {
    for (int step = 1;; ++step) {
      fake_.snapshots.clear();
      ASSERT_TRUE(facts_.WriteTarget(photos_.id, {}));
      ASSERT_TRUE(facts_.UpdateRepository([](RepositoryFacts& facts) { facts = {}; }));
      Backup(100);
      const std::string good = NewestId();
      Backup(49);
      files_.StopBeforeStep(step);
      Ack(answer);
      const bool stopped = files_.Stopped();
      files_.CrashAndLoseUnsynced();
      const bool done = Facts().quarantined.empty();
      EXPECT_TRUE(done || NewestGood() == good) << step;
      EXPECT_TRUE(done || Forget().outcome == JobOutcome::kSkipped) << step;
      Ack(answer);
      EXPECT_EQ(Tagged(), 0) << step;
      EXPECT_TRUE(Facts().quarantined.empty()) << step;
      EXPECT_EQ(NewestGood(), NewestId()) << step;
      EXPECT_EQ(NewestProven(), NewestId()) << step;
      EXPECT_EQ(fake_.snapshots.size(), answer == Answer::kAccept ? 2U : 1U) << step;
      if (!stopped) break;
    }
  }
}

}  // namespace
}  // namespace runner
