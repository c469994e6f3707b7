#include "runner/jobs/forget_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace runner {
namespace {

using targets::Duration;
using targets::Snapshot;
using targets::SnapshotId;

const targets::UnixTime kNow = targets::FromUnixSeconds(1'800'000'000);

/// Day 0 is the newest.
SnapshotId IdOf(int day) { return SnapshotId(fmt::format("{:064x}", 100 - day)); }

/// "photos" on server1 with a snapshot of each of the last five days, all proven and good, of which
/// two are to be kept.
class ForgetPlanTest : public ::testing::Test {
 protected:
  ForgetPlanTest() {
    target_.id = targets::TargetId("photos");
    target_.retention.last = 2;
    for (int day = 0; day < 5; ++day) Add(day);
    input_.facts.newest_proven = IdOf(0);
    input_.facts.newest_good = GoodSnapshot{IdOf(0), kNow, 1, 1};
  }

  Snapshot& Add(int day) {
    Snapshot snapshot;
    snapshot.id = IdOf(day);
    snapshot.time = kNow - std::chrono::hours(24 * day);
    snapshot.hostname = "server1";
    snapshot.tags = {"target:photos"};
    return listing_.emplace_back(std::move(snapshot));
  }
  ForgetPlan Plan() { return PlanForget(input_, listing_, {targets::Zone(), kNow}); }
  std::string Objection(const ForgetPlan& plan) { return ObjectionTo(plan, input_, listing_); }
  static ForgetPlan Good() { return {{IdOf(0), IdOf(1)}, {IdOf(2), IdOf(3), IdOf(4)}, ""}; }
  void BackupMarker(MarkerStatus status, const SnapshotId& snapshot) {
    input_.backup = Marker{status, kNow, "", {{marker_key::kSnapshot, snapshot.str()}}};
  }
  void ExpectSuspended(const std::string& why) {
    const ForgetPlan plan = Plan();
    EXPECT_EQ(plan.suspended, why);
    EXPECT_TRUE(plan.keep.empty() && plan.remove.empty());
  }

  targets::Target target_;
  ForgetInput input_{targets::InstanceName("server1"), target_, {}};
  std::vector<Snapshot> listing_;
};

TEST_F(ForgetPlanTest, FollowsTheRetention) {
  EXPECT_EQ(Plan(), Good());
  EXPECT_EQ(Objection(Plan()), "");
}

TEST_F(ForgetPlanTest, SeesNothingOfOtherHostsTargetsAndPrograms) {
  Add(5).hostname = "elsewhere";
  Add(6).tags = {"target:notes"};
  Add(7).tags = {};
  Add(8).tags = {"target:photos2"};
  EXPECT_EQ(Plan(), Good());
}

TEST_F(ForgetPlanTest, RemovesNothingOfATargetWithoutSnapshots) {
  listing_.clear();
  input_.facts = {};
  EXPECT_EQ(Plan(), ForgetPlan{});
}

TEST_F(ForgetPlanTest, IsSuspendedIfEverythingVanished) {
  listing_.clear();
  ExpectSuspended("the last proven snapshot 00000000 is not listed any more");
}

TEST_F(ForgetPlanTest, IsSuspendedWhileTheNewestIsQuarantined) {
  listing_[0].tags.emplace_back("quarantine");
  ExpectSuspended("the newest snapshot 00000000 is quarantined");
}

TEST_F(ForgetPlanTest, GoesOnWithAnOlderOneInQuarantineAndKeepsThat) {
  listing_[3].tags.emplace_back("quarantine");
  const ForgetPlan plan = Plan();
  EXPECT_EQ(plan.suspended, "");
  EXPECT_EQ(plan.remove, (std::vector{IdOf(2), IdOf(4)}));
  EXPECT_EQ(Objection(plan), "");
}

TEST_F(ForgetPlanTest, IsSuspendedWhileSomebodyElsesIsTheNewest) {
  Add(-1).time = kNow;
  listing_.back().nanoseconds = 1;
  listing_.back().username = "eve";
  ExpectSuspended(
      "the newest snapshot 00000000 (of 2027-01-15T08:00:00Z, by eve@server1) was not proven by a "
      "backup of this runner (that was 00000000)");
}

TEST_F(ForgetPlanTest, IsSuspendedBeforeTheFirstProof) {
  input_.facts.newest_proven.reset();
  ExpectSuspended(
      "the newest snapshot 00000000 (of 2027-01-15T08:00:00Z, by ?@server1) was not proven by a "
      "backup of this runner");
}

TEST_F(ForgetPlanTest, IsSuspendedWhileAnySnapshotLiesInTheFuture) {
  listing_[0].time = kNow + std::chrono::minutes(10);
  EXPECT_EQ(Plan().suspended, "");
  listing_[0].time = kNow + std::chrono::minutes(10) + Duration{1};
  ExpectSuspended(
      "snapshot 00000000 is dated 2027-01-15T08:10:01Z, in the future: one of the clocks is wrong "
      "(if it was the clock of that backup, `runner restic -- forget 00000000` removes it)");
}

TEST_F(ForgetPlanTest, IsSuspendedWhileAGuardWaitsForAnAnswer) {
  listing_[1].original = std::string(64, 'c');
  input_.facts.quarantined = {{{IdOf(1), kNow, 1, 1}, SnapshotId(std::string(64, 'c')), "why"}};
  EXPECT_TRUE(IsQuarantined(input_.facts, listing_[1])) << "known by its first id, tagged or not";
  EXPECT_FALSE(IsQuarantined(input_.facts, listing_[2]));
  ExpectSuspended(
      "1 snapshot is quarantined, the newest is 00000000: why; `runner ack photos` answers");
  EXPECT_NE(Objection(Good()), "");
}

TEST_F(ForgetPlanTest, IsSuspendedWhileAJumpOfTheClockWaitsForAnAnswer) {
  input_.facts.decisions[decision_key::kClockJump] = "the clock jumped";
  ExpectSuspended("the clock jumped; if the clock is right, `runner ack photos`");
  EXPECT_NE(Objection(Good()), "");
}

TEST_F(ForgetPlanTest, IsSuspendedIfTheBackupOfTheNewestFailed) {
  BackupMarker(MarkerStatus::kFailed, IdOf(0));
  ExpectSuspended("the backup that made the newest snapshot 00000000 failed");
  BackupMarker(MarkerStatus::kFailed, IdOf(1));
  EXPECT_EQ(Plan(), Good()) << "that is history";
  BackupMarker(MarkerStatus::kWarning, IdOf(0));
  EXPECT_EQ(Plan(), Good()) << "incomplete, but proven";
}

TEST_F(ForgetPlanTest, IsSuspendedWhileABackupRuns) {
  BackupMarker(MarkerStatus::kRunning, IdOf(0));
  EXPECT_EQ(Plan(), Good()) << "nobody is at work: an interrupted run";
  input_.at_work = true;
  ExpectSuspended("a backup of the target is running");
  BackupMarker(MarkerStatus::kSuccess, IdOf(0));
  EXPECT_EQ(Plan(), Good()) << "another stage is at work";
}

TEST_F(ForgetPlanTest, KeepsTheNewestWholeOneBelowIncompleteOnes) {
  target_.retention.last = 1;
  input_.facts.newest_good->id = IdOf(3);
  const ForgetPlan plan = Plan();
  EXPECT_EQ(plan.keep, (std::vector{IdOf(0), IdOf(3)}));
  EXPECT_EQ(plan.remove, (std::vector{IdOf(1), IdOf(2), IdOf(4)}));
  EXPECT_EQ(Objection(plan), "");
}

TEST_F(ForgetPlanTest, AppliesTheRulesOfTheRelease) {
  target_.retention = {};
  target_.retention.yearly = 3;
  for (Snapshot& snapshot : listing_) snapshot.time -= std::chrono::hours(24 * 100);
  const auto kept = [&](targets::RetentionRules rules) {
    return PlanForget(input_, listing_, {targets::Zone(), kNow, rules}).keep.size();
  };
  EXPECT_EQ(kept(targets::RetentionRules::kBeforeOldestRule), 1U);
  EXPECT_EQ(kept(targets::RetentionRules::kWithOldestRule), 2U);
}

class ForgetObjectionTest : public ForgetPlanTest {
 protected:
  void ExpectObjection(const ForgetPlan& plan, const std::string& what) {
    EXPECT_NE(Objection(plan).find(what), std::string::npos) << Objection(plan);
  }
};

TEST_F(ForgetObjectionTest, IsNoneToAPlanThatRemovesNothing) {
  EXPECT_EQ(Objection({{IdOf(0)}, {}, ""}), "");
  EXPECT_EQ(Objection({}), "");
}

TEST_F(ForgetObjectionTest, IsMadeToRemovingEverything) {
  ForgetPlan plan = Good();
  plan.keep.clear();
  ExpectObjection(plan, "nothing would be kept");
}

TEST_F(ForgetObjectionTest, IsMadeToASuspendedPlan) {
  ForgetPlan plan = Good();
  plan.suspended = "because";
  ExpectObjection(plan, "suspended");
}

TEST_F(ForgetObjectionTest, IsMadeToRemovingTheNewest) {
  input_.facts = {};
  ExpectObjection({{IdOf(1)}, {IdOf(0)}, ""}, "is the newest snapshot");
}

TEST_F(ForgetObjectionTest, IsMadeToRemovingWhatIsProvenOrGood) {
  input_.facts.newest_proven = IdOf(2);
  ExpectObjection(Good(), "is the newest proven snapshot");
  input_.facts.newest_proven.reset();
  input_.facts.newest_good->id = IdOf(2);
  ExpectObjection(Good(), "is the newest good snapshot");
}

TEST_F(ForgetObjectionTest, IsMadeToRemovingWhatIsQuarantined) {
  listing_[4].tags.emplace_back("quarantine");
  ExpectObjection(Good(), "is quarantined");
}

TEST_F(ForgetObjectionTest, IsMadeToForeignSnapshots) {
  listing_[4].hostname = "elsewhere";
  ExpectObjection(Good(), "is no snapshot of this target");
  listing_[4].hostname = "server1";
  listing_[4].tags = {"target:notes"};
  ExpectObjection(Good(), "is no snapshot of this target");
  listing_.pop_back();
  ExpectObjection(Good(), "is no snapshot of this target");
}

TEST_F(ForgetObjectionTest, IsMadeToShortIds) {
  listing_[4].id = SnapshotId("abcd1234");
  ForgetPlan plan = Good();
  plan.remove.back() = listing_[4].id;
  ExpectObjection(plan, "is no full id");
}

TEST_F(ForgetObjectionTest, IsMadeToIdsThatAreThereTwice) {
  ForgetPlan plan = Good();
  plan.remove.push_back(IdOf(4));
  ExpectObjection(plan, "is there twice");
  plan = Good();
  plan.keep.push_back(IdOf(4));
  ExpectObjection(plan, "is there twice");
}

TEST_F(ForgetObjectionTest, IsMadeToAPlanThatForgotASnapshot) {
  ForgetPlan plan = Good();
  plan.keep.pop_back();
  ExpectObjection(plan, "does not account for every snapshot");
}

}  // namespace
}  // namespace runner
