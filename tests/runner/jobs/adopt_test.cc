#include "runner/jobs/adopt.h"

#include <gmock/gmock.h>

#include "runner/jobs/forget_plan.h"
#include "runner/jobs/restore_if_empty.h"
#include "tests/runner/jobs/job_fixture.h"

namespace runner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AdoptTest : public JobFixture {
 protected:
  AdoptTest() { AddTarget("photos"); }

  void AddSnapshot(char id, const std::string& host, std::vector<std::string> tags = {}) {
    fake_.snapshots.push_back({testing::FullId(id), clock_.Now(), host, std::move(tags)});
  }
  void Decide(const std::string& decision) {
    TargetFacts facts = FactsOf("photos");
    facts.decisions[kRestoreDecision] = decision;
    ASSERT_TRUE(facts_.WriteTarget(question_.target, facts));
  }

  targets::AdoptQuestion question_{targets::TargetId("photos"), targets::InstanceName("server1"),
                                   "c0ffee", ""};
  RepositoryGate gate_{files_, clock_, state_.RepositoryFolder(),
                       [this](std::chrono::milliseconds time) { clock_.Advance(time); }};
  RepositoryOpener opener_{config_, restic_, gate_, facts_, clock_, events_};
  Adoption adoption_{tools_, opener_, gate_};
};

TEST_F(AdoptTest, TagsThoseOfTheOldHostAndNoOther) {
  AddSnapshot('1', "c0ffee");
  AddSnapshot('2', "c0ffee", {"nightly"});
  AddSnapshot('3', "elsewhere");
  const auto done = adoption_.Adopt(question_, stop_);
  ASSERT_TRUE(done) << done.error().reason;
  EXPECT_EQ(done->adopted, 2U);
  EXPECT_EQ(fake_.Count("tag"), 1) << "both tags at once";
  EXPECT_THAT(fake_.snapshots[0].tags, ElementsAre("target:photos", "adopted:server1"));
  EXPECT_THAT(fake_.snapshots[1].tags, ElementsAre("nightly", "target:photos", "adopted:server1"));
  EXPECT_TRUE(fake_.snapshots[2].tags.empty());
}

TEST_F(AdoptTest, AfterwardsARestoreFindsThemAndRetentionDoesNot) {
  AddSnapshot('1', "c0ffee");
  ASSERT_EQ(restic_.RestorableSnapshots(question_.target, stop_)->size(), 0U);
  ASSERT_TRUE(adoption_.Adopt(question_, stop_));
  EXPECT_EQ(restic_.RestorableSnapshots(question_.target, stop_)->size(), 1U);
  EXPECT_TRUE(restic_.Snapshots(question_.target, stop_)->empty());
}

TEST_F(AdoptTest, RetentionLeavesThemAloneEvenIfTheirHostIsTheInstance) {
  question_.host = "server1";
  AddSnapshot('1', "server1");
  AddSnapshot('2', "server1", {"target:photos"});
  ASSERT_TRUE(adoption_.Adopt(question_, stop_));
  const auto listing = restic_.Snapshots(question_.target, stop_);
  ASSERT_EQ(listing->size(), 2U);
  const auto own = OfTarget({question_.instance, targets_.front(), {}}, *listing);
  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own[0].id.str(), testing::FullId('2'));
}

TEST_F(AdoptTest, FindChangesNothing) {
  AddSnapshot('1', "c0ffee");
  const auto found = adoption_.Find(question_, stop_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->snapshots.size(), 1U);
  EXPECT_EQ(fake_.Count("tag"), 0);
}

TEST_F(AdoptTest, ASecondTimeThereIsNothingLeftToDo) {
  AddSnapshot('1', "c0ffee");
  ASSERT_TRUE(adoption_.Adopt(question_, stop_));
  EXPECT_EQ(adoption_.Adopt(question_, stop_)->adopted, 0U);
  EXPECT_EQ(fake_.Count("tag"), 1);
}

TEST_F(AdoptTest, ATargetThatWasNewMayThenBeRestored) {
  AddSnapshot('1', "c0ffee");
  Decide("new");
  ASSERT_TRUE(adoption_.Adopt(question_, stop_));
  EXPECT_EQ(FactsOf("photos").decisions.count(kRestoreDecision), 0U);
}

TEST_F(AdoptTest, ATargetThatWasRestoredOnceStaysSo) {
  AddSnapshot('1', "c0ffee");
  Decide("restored " + testing::FullId('9'));
  ASSERT_TRUE(adoption_.Adopt(question_, stop_));
  EXPECT_EQ(FactsOf("photos").decisions.count(kRestoreDecision), 1U);
}

TEST_F(AdoptTest, AFailedTagDecidesNothing) {
  AddSnapshot('1', "c0ffee");
  Decide("new");
  fake_.Next("tag", testing::FakeRestic::MeetsALock());
  const auto done = adoption_.Adopt(question_, stop_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().cause, Cause::kLocked);
  EXPECT_EQ(FactsOf("photos").decisions.at(kRestoreDecision), "new");
}

TEST_F(AdoptTest, TagsThatDoNotShowAreNoSuccess) {
  AddSnapshot('1', "c0ffee");
  Decide("new");
  fake_.Next("tag", Script().Exits(0));
  const auto done = adoption_.Adopt(question_, stop_);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().reason, HasSubstr("1 of 1 snapshots do not show them"));
  EXPECT_EQ(FactsOf("photos").decisions.at(kRestoreDecision), "new");
}

TEST_F(AdoptTest, WaitsForNobodyWhoHoldsTheTarget) {
  AddSnapshot('1', "c0ffee");
  const auto lock = state_.TryLockTarget(question_.target);
  EXPECT_EQ(adoption_.Adopt(question_, stop_).error().cause, Cause::kSourceInTheWay);
  EXPECT_EQ(fake_.Count("tag"), 0);
}

TEST_F(AdoptTest, NeedsTheRepositoryForItself) {
  AddSnapshot('1', "c0ffee");
  const auto other = gate_.Enter(LockMode::kShared, stop_);
  ASSERT_TRUE(other);
  EXPECT_EQ(adoption_.Adopt(question_, stop_).error().cause, Cause::kLocked);
  EXPECT_EQ(fake_.Count("tag"), 0);
}

TEST(ObjectionToAdoption, IsThatSeveralThingsWouldBecomeOneTarget) {
  const targets::AdoptQuestion question{targets::TargetId("photos"),
                                        targets::InstanceName("server1"), "c0ffee", ""};
  targets::Adoptable found;
  found.paths = {"/backup"};
  EXPECT_EQ(ObjectionToAdoption(found, question), "");
  found.paths = {"/backup", "/etc"};
  EXPECT_EQ(ObjectionToAdoption(found, question),
            "the snapshots of host c0ffee are of different things: /backup; /etc");
}

}  // namespace
}  // namespace runner
