#include "runner/repository/listings.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/fake_restic.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using std::chrono::seconds;
using targets::Duration;
using testing::Script;

class ListingsTest : public ::testing::Test {
 protected:
  ListingsTest() {
    config_.instance = targets::InstanceName("server1");
    config_.repository.url = "/srv/repo";
    EXPECT_TRUE(state_.Prepare(clock_.Now()));
  }

  void Hold(int ours, int others = 0) {
    fake_.snapshots.clear();
    for (int i = 0; i < ours + others; ++i) {
      fake_.snapshots.push_back({fmt::format("{:064x}", i + 1),
                                 clock_.Now(),
                                 i < ours ? "server1" : "elsewhere",
                                 {"target:photos"}});
    }
  }
  void Remember(std::uint64_t ours, std::uint64_t all = 0) {
    ASSERT_TRUE(facts_.UpdateRepository([&](RepositoryFacts& facts) {
      facts.snapshots_listed = ours;
      facts.listed_at = clock_.Now();
      facts.all_listed = all;
    }));
  }
  RepositoryFacts Facts() { return facts_.ReadRepository().value(); }
  bool Believed() { return !listings_.Take(stop_).value().doubt; }
  bool AllBelieved() { return !listings_.TakeAll(stop_).value().doubt; }

  targets::Config config_;
  testing::MemoryFileSystem files_;
  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
  testing::FakeRestic fake_{processes_, clock_};
  StateFolder state_{files_, "/state"};
  FactStore facts_{files_, state_};
  Restic restic_{
      config_, {targets::Secret("sesame"), {}, {}}, testing::FakeRestic::kVersion, processes_};
  Listings listings_{restic_, facts_, clock_};
  StopHandle stop_;
};

/// What the storage's own list of files says after a removal of one of three snapshots.
class AfterRemovalTest : public ListingsTest {
 protected:
  AfterRemovalTest() {
    Hold(3, 1);
    before_ = listings_.Take(stop_).value();
    gone_ = {before_.snapshots.front().id};
    EXPECT_TRUE(listings_.AboutToRemove(1));
    fake_.snapshots.erase(fake_.snapshots.begin());
    for (const auto& snapshot : fake_.snapshots) names_->insert(targets::SnapshotId(snapshot.id));
    started_ = processes_.Launched().size();
  }
  Listing Take() { return listings_.TakeAfterRemoval(before_, gone_, stop_).value(); }
  std::size_t Started() { return processes_.Launched().size() - started_; }

  Outcome<std::set<targets::SnapshotId>> names_{std::set<targets::SnapshotId>{}};
  Listings listings_{restic_, facts_, clock_, [this](StopHandle&) { return names_; }};
  Listing before_;
  std::set<targets::SnapshotId> gone_;
  std::size_t started_ = 0;
};

TEST_F(AfterRemovalTest, NoResticIsStartedIfTheFilesSayIt) {
  clock_.Advance(seconds(10));
  const Listing after = Take();
  EXPECT_EQ(Started(), 0U);
  EXPECT_EQ(after.snapshots.size(), 2U);
  EXPECT_EQ(after.began, before_.began) << "what was made meanwhile may be missing";
  EXPECT_EQ(listings_.Last().value().snapshots.size(), 2U);
  EXPECT_EQ(listings_.Get(Duration{60}, stop_).value().snapshots.size(), 2U);
  EXPECT_EQ(Started(), 0U);
  EXPECT_EQ(listings_.Get(Duration{10}, stop_).value().snapshots.size(), 2U);
  EXPECT_EQ(Started(), 1U) << "it is as old as the first one";
  EXPECT_EQ(Facts().snapshots_listed, 2U);
}

TEST_F(AfterRemovalTest, AFileThatIsStillThereNeedsResticsWord) {
  names_->insert(*gone_.begin());
  EXPECT_EQ(Take().snapshots.size(), 2U);
  EXPECT_EQ(Started(), 1U);
}

TEST_F(AfterRemovalTest, AFileThatShouldBeThereNeedsResticsWord) {
  names_->erase(before_.snapshots.back().id);
  EXPECT_EQ(Take().snapshots.size(), 2U);
  EXPECT_EQ(Started(), 1U);
}

TEST_F(AfterRemovalTest, AStorageThatDoesNotAnswerNeedsResticsWord) {
  names_ = tl::unexpected(Failure{Cause::kNetwork, "no route", "", {}});
  EXPECT_EQ(Take().snapshots.size(), 2U);
  EXPECT_EQ(Started(), 1U);
}

TEST_F(ListingsTest, TheLastOneIsAtHandWithoutAsking) {
  Hold(3);
  EXPECT_FALSE(listings_.Last());
  ASSERT_TRUE(listings_.Take(stop_));
  clock_.Advance(std::chrono::hours(100));
  Hold(0);
  EXPECT_FALSE(Believed());
  ASSERT_TRUE(listings_.Last());
  EXPECT_EQ(listings_.Last()->snapshots.size(), 3U) << "a doubtful one is not remembered";
}

TEST_F(ListingsTest, HoldWhatThisInstanceMadeAndRememberHowMany) {
  Hold(3, 2);
  const Listing listing = listings_.Take(stop_).value();
  EXPECT_EQ(listing.snapshots.size(), 3U);
  EXPECT_EQ(listing.began, clock_.Now());
  EXPECT_FALSE(listing.doubt);
  EXPECT_EQ(Facts().snapshots_listed, 3U);
  EXPECT_EQ(Facts().listed_at, clock_.Now());
  EXPECT_EQ(Facts().all_listed, 0U) << "unknown";
}

TEST_F(ListingsTest, AreUsedAgainWhileTheyAreYoungEnough) {
  Hold(1);
  ASSERT_TRUE(listings_.Get(Duration{60}, stop_));
  clock_.Advance(seconds(59));
  EXPECT_TRUE(listings_.Get(Duration{60}, stop_));
  EXPECT_EQ(fake_.Count("snapshots"), 1);
  clock_.Advance(seconds(1));
  EXPECT_TRUE(listings_.Get(Duration{60}, stop_));
  EXPECT_EQ(fake_.Count("snapshots"), 2);
}

TEST_F(ListingsTest, AreNotUsedAgainIfAnyClockSaysThatTheyAreOld) {
  Hold(1);
  ASSERT_TRUE(listings_.Get(Duration{60}, stop_));
  clock_.JumpTo(clock_.Now() + seconds(60));  // the machine slept
  ASSERT_TRUE(listings_.Get(Duration{60}, stop_));
  clock_.JumpTo(clock_.Now() - seconds(1));
  ASSERT_TRUE(listings_.Get(Duration{60}, stop_));
  EXPECT_EQ(fake_.Count("snapshots"), 3);
}

TEST_F(ListingsTest, AreOldAsSoonAsSomethingIsRemoved) {
  Hold(5);
  ASSERT_TRUE(listings_.Take(stop_));
  ASSERT_TRUE(listings_.AboutToRemove(2));
  ASSERT_TRUE(listings_.Get(Duration{60}, stop_));
  EXPECT_EQ(fake_.Count("snapshots"), 2);
}

TEST_F(ListingsTest, AreAskedForOnceMoreAfterAFailure) {
  Hold(1);
  fake_.Next("snapshots", Script().Complains("Fatal: dial tcp\n").Exits(1));
  EXPECT_TRUE(listings_.Take(stop_));
  for (int i = 0; i < 2; ++i)
    fake_.Next("snapshots", Script().Complains("Fatal: dial tcp\n").Exits(1));
  EXPECT_FALSE(listings_.Take(stop_));
  EXPECT_EQ(fake_.Count("snapshots"), 4);
}

TEST_F(ListingsTest, AreNotReplacedByAFailedOne) {
  Hold(1);
  ASSERT_TRUE(listings_.Take(stop_));
  for (int i = 0; i < 2; ++i) fake_.Next("snapshots", Script().Exits(1));
  EXPECT_FALSE(listings_.Take(stop_));
  EXPECT_EQ(Facts().snapshots_listed, 1U);
}

TEST_F(ListingsTest, AreDoubtedIfNothingIsLeft) {
  Remember(1);
  Hold(0);
  const Listing listing = listings_.Take(stop_).value();
  ASSERT_TRUE(listing.doubt);
  EXPECT_EQ(listing.doubt->reason,
            "the repository lists 0 snapshots of this instance, but there were 1: nothing is "
            "removed");
  EXPECT_NE(listing.doubt->hint.find("runner snapshots --accept"), std::string::npos);
  EXPECT_EQ(Facts().snapshots_listed, 1U) << "doubted numbers are not remembered";
}

TEST_F(ListingsTest, AreDoubtedBelowHalfOfWhatWasThere) {
  Remember(10);
  Hold(4);
  EXPECT_FALSE(Believed());
  EXPECT_FALSE(Believed()) << "not at the second time either";
  Hold(5);
  EXPECT_TRUE(Believed());
  EXPECT_EQ(Facts().snapshots_listed, 5U);
}

TEST_F(ListingsTest, AreNotUsedAgainIfTheyWereDoubted) {
  Remember(10);
  Hold(1);
  ASSERT_TRUE(listings_.Get(Duration{60}, stop_).value().doubt);
  Remember(1);  // somebody accepted it
  EXPECT_FALSE(listings_.Get(Duration{60}, stop_).value().doubt);
}

TEST_F(ListingsTest, AreNotDoubtedForLosingOneOfVeryFew) {
  Remember(3);
  Hold(1);
  EXPECT_TRUE(Believed());
  Remember(4);
  EXPECT_FALSE(Believed());
}

TEST_F(ListingsTest, AreNotDoubtedForWhatWasRemovedOnPurpose) {
  Remember(10, 30);
  ASSERT_TRUE(listings_.AboutToRemove(8));
  EXPECT_EQ(Facts().all_listed, 22U);
  Hold(2);
  EXPECT_TRUE(Believed());
  Remember(3, 5);
  ASSERT_TRUE(listings_.AboutToRemove(9));
  EXPECT_EQ(Facts().snapshots_listed, 0U);
  EXPECT_EQ(Facts().all_listed, 0U);
}

TEST_F(ListingsTest, CorrectAPurposeThatWasNotCarriedOut) {
  Remember(10, 30);
  ASSERT_TRUE(listings_.AboutToRemove(8));
  Hold(10);
  EXPECT_TRUE(Believed());
  EXPECT_EQ(Facts().snapshots_listed, 10U);
  EXPECT_EQ(Facts().all_listed, 30U);
}

TEST_F(ListingsTest, AreDoubtedIfTheirNumberCannotBeRemembered) {
  Hold(3);
  files_.SetFull(true);
  EXPECT_FALSE(Believed());
  files_.SetFull(false);
  files_.AddFile("/state/repository/facts.json", "{");
  EXPECT_FALSE(Believed());
  EXPECT_FALSE(AllBelieved());
}

TEST_F(ListingsTest, OfEverybodyAreJudgedByTheirOwnNumber) {
  Hold(2, 8);
  EXPECT_TRUE(AllBelieved());
  EXPECT_EQ(Facts().all_listed, 10U);
  Hold(2, 2);
  EXPECT_FALSE(AllBelieved());
  EXPECT_EQ(Facts().all_listed, 10U);
  Hold(2, 3);
  EXPECT_TRUE(AllBelieved());
}

TEST_F(ListingsTest, OfEverybodyHoldAtLeastWhatThisInstanceHad) {
  Remember(10);
  Hold(0, 4);
  EXPECT_FALSE(AllBelieved());
}

TEST_F(ListingsTest, OfThisInstanceMoveTheNumberOfEverybodys) {
  Remember(10, 30);
  Hold(12);
  ASSERT_TRUE(Believed());
  EXPECT_EQ(Facts().all_listed, 32U);
  Hold(9);
  ASSERT_TRUE(Believed());
  EXPECT_EQ(Facts().all_listed, 29U);
}

TEST_F(ListingsTest, AreRightIfAPersonSaysSo) {
  Remember(10, 30);
  Hold(1, 2);
  const auto accepted = listings_.Accept(stop_);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->of_instance, 1U);
  EXPECT_EQ(accepted->of_all, 3U);
  EXPECT_TRUE(Believed());
  EXPECT_TRUE(AllBelieved());
}

TEST_F(ListingsTest, AreNotAcceptedIfTheyFail) {
  Remember(10, 30);
  Hold(1, 2);
  for (int i = 0; i < 2; ++i)
    fake_.Next("snapshots", Script().Prints("[]\n").Complains("could not load\n").Exits(0));
  EXPECT_FALSE(listings_.Accept(stop_));
  EXPECT_EQ(Facts().snapshots_listed, 10U);
}

}  // namespace
}  // namespace runner
