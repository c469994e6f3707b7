#include "runner/app/snapshot_facts.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using targets::Snapshot;
using targets::TargetId;
using targets::UnixTime;

const TargetId kPhotos("photos");

UnixTime At(const std::string& text) { return targets::ParseRfc3339(text).value(); }

class AddRetentionTest : public ::testing::Test {
 protected:
  AddRetentionTest() {
    targets::Target photos;
    photos.id = kPhotos;
    photos.retention.daily = 2;
    targets::Target notes;
    notes.id = TargetId("notes");
    config_.targets = {notes, photos};
    config_.instance = targets::InstanceName("server1");
    known_[kPhotos];
    known_[notes.id];
    input_.at = At("2026-11-23T12:00:00Z");
    input_.version = targets::ResticVersion{0, 14, 0};
  }

  Snapshot& Add(const std::string& time, const std::string& target = "photos") {
    Snapshot& snapshot = listing_.emplace_back();
    snapshot.id =
        targets::SnapshotId(std::string(64, static_cast<char>('a' + listing_.size() - 1)));
    snapshot.time = At(time);
    snapshot.hostname = "server1";
    snapshot.tags = {"target:" + target};
    if (listing_.size() == 1) Prove(snapshot.id);
    return snapshot;
  }
  void Prove(const targets::SnapshotId& id) { known_[kPhotos].facts.newest_proven = id; }
  const targets::TargetFacts& Photos() {
    AddRetention(config_, listing_, known_, input_);
    return input_.facts.at(kPhotos);
  }
  /// The first letters of the ids that are kept.
  std::string KeptOfPhotos() {
    std::string letters;
    for (const targets::Kept& kept : Photos().retention.value().keep) letters += kept.id.str()[0];
    return letters;
  }

  targets::Config config_;
  std::vector<Snapshot> listing_;
  std::map<TargetId, KnownSnapshots> known_;
  targets::PlanInput input_{.config = config_};
};

TEST_F(AddRetentionTest, DecidesAboutTheSnapshotsOfEachTargetAlone) {
  Add("2026-11-23T02:30:00Z");
  Add("2026-11-23T03:00:00Z", "notes");
  Add("2026-11-22T02:30:00Z");
  Add("2026-11-21T02:30:00Z");
  EXPECT_EQ(KeptOfPhotos(), "ac");
  EXPECT_EQ(Photos().retention->remove.size(), 1U);
  EXPECT_EQ(Photos().snapshots, 3U);
  EXPECT_EQ(Photos().taken.at(listing_[0].id), listing_[0].time);
  EXPECT_EQ(input_.facts.at(TargetId("notes")).snapshots, 1U);
}

TEST_F(AddRetentionTest, FollowsTheRulesOfTheResticAtHand) {
  config_.targets[1].retention.daily = 0;
  config_.targets[1].retention.yearly = 5;
  Add("2026-11-23T02:30:00Z");
  Add("2026-11-22T02:30:00Z");
  EXPECT_EQ(KeptOfPhotos(), "a");
  input_.version = targets::ResticVersion{0, 16, 0};
  EXPECT_EQ(KeptOfPhotos(), "ab") << "the oldest, while the rule has count left";
}

TEST_F(AddRetentionTest, ASnapshotFromTheFutureIsNotRestored) {
  Add("2026-11-24T02:30:00Z");
  Add("2026-11-23T02:30:00Z");
  EXPECT_EQ(Photos().newest,
            (targets::RepositoryAnswer{targets::SnapshotFound{listing_[1].id, listing_[1].time}}));
}

TEST_F(AddRetentionTest, AQuarantinedSnapshotIsKeptAndNeverRestored) {
  Add("2026-11-23T02:30:00Z").tags.emplace_back(targets::kQuarantineTag);
  Add("2026-11-22T02:30:00Z");
  EXPECT_EQ(KeptOfPhotos(), "ab");
  EXPECT_EQ(Photos().newest,
            (targets::RepositoryAnswer{targets::SnapshotFound{listing_[1].id, listing_[1].time}}));
}

TEST_F(AddRetentionTest, AnEmptyListingProvesNothing) {
  EXPECT_EQ(Photos().newest, targets::RepositoryAnswer{targets::NotAsked{}});
  EXPECT_TRUE(input_.diagnostics.empty());
}

TEST_F(AddRetentionTest, ASuspendedForgetKeepsEverythingAndIsAWarning) {
  for (const char* day : {"23", "22", "21"}) Add(std::string("2026-11-") + day + "T02:30:00Z");
  Prove(listing_[1].id);
  EXPECT_EQ(KeptOfPhotos(), "abc");
  EXPECT_EQ(Photos().retention->keep[2].reasons, std::vector<std::string>{"forget is suspended"});
  ASSERT_FALSE(input_.diagnostics.empty());
  EXPECT_EQ(input_.diagnostics[0].path, "targets.photos");
  EXPECT_EQ(input_.diagnostics[0].message,
            "forget is suspended: the newest snapshot aaaaaaaa (of 2026-11-23T02:30:00Z, by "
            "?@server1) was not proven by a backup of this runner (that was bbbbbbbb)");
}

TEST_F(AddRetentionTest, WouldRestoreNothingThatAGuardFound) {
  for (const char* day : {"23", "22"}) Add(std::string("2026-11-") + day + "T02:30:00Z");
  known_[kPhotos].facts.quarantined = {{{listing_[0].id}, listing_[0].id, "why"}};
  const auto* found = std::get_if<targets::SnapshotFound>(&Photos().newest);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->id, listing_[1].id);
  EXPECT_EQ(input_.diagnostics[0].message,
            "forget is suspended: 1 snapshot is quarantined, the newest is aaaaaaaa: why; `runner "
            "ack photos` answers");
}

TEST_F(AddRetentionTest, WarnsOfAProvenSnapshotThatIsGone) {
  Prove(targets::SnapshotId(std::string(64, 'f')));
  Photos();
  ASSERT_EQ(input_.diagnostics.size(), 1U);
  EXPECT_EQ(input_.diagnostics[0].message,
            "forget is suspended: the last proven snapshot ffffffff is not listed any more");
}

TEST_F(AddRetentionTest, TheNewestWholeSnapshotIsKeptBeyondTheRules) {
  for (const char* day : {"23", "22", "21"}) Add(std::string("2026-11-") + day + "T02:30:00Z");
  known_[kPhotos].facts.newest_good = GoodSnapshot{.id = listing_[2].id};
  EXPECT_EQ(KeptOfPhotos(), "abc");
  EXPECT_TRUE(Photos().retention->remove.empty());
}

TEST_F(AddRetentionTest, WithoutRulesNothingIsRemovedAndNothingSuspended) {
  config_.targets[1].retention = {};
  Add("2026-11-23T02:30:00Z");
  Prove(targets::SnapshotId(std::string(64, 'f')));
  EXPECT_EQ(KeptOfPhotos(), "a");
  EXPECT_TRUE(input_.diagnostics.empty());
}

TEST_F(AddRetentionTest, DoesNotDecideWhereTheFactsCannotBeRead) {
  Add("2026-11-23T02:30:00Z");
  known_.erase(kPhotos);
  AddRetention(config_, listing_, known_, input_);
  EXPECT_FALSE(input_.facts.contains(kPhotos));
}

}  // namespace
}  // namespace runner
