#include "targets/restore/decide.h"

#include <gmock/gmock.h>

namespace targets {
namespace {

using ::testing::HasSubstr;
using Kind = EmptySourceDecision::Kind;

const UnixTime kNow = FromUnixSeconds(1'800'000'000);

class DecideTest : public ::testing::Test {
 protected:
  DecideTest() {
    target_.id = TargetId("photos");
    target_.restore.if_empty = true;
  }
  void Add(const std::string& id, Duration age, std::vector<std::string> tags = {}) {
    Snapshot snapshot;
    snapshot.id = SnapshotId(id);
    snapshot.time = kNow - age;
    snapshot.tags = std::move(tags);
    snapshots_.push_back(snapshot);
  }
  EmptySourceDecision Decide() { return DecideEmptySource(source_); }

  Target target_;
  std::vector<Snapshot> snapshots_;
  EmptySource source_{target_, snapshots_, 0, false, false, kNow};
};

TEST_F(DecideTest, RestoresWhatThisInstallationNeverHad) {
  Add("aaaaaaaaaa", Duration{100});
  Add("bbbbbbbbbb", Duration{50});
  EXPECT_EQ(Decide().kind, Kind::kRestore);
  EXPECT_EQ(Decide().snapshot, &snapshots_[1]);
}

TEST_F(DecideTest, ATargetWithoutSnapshotsIsNewUnlessOneIsDemanded) {
  EXPECT_EQ(Decide().kind, Kind::kNewTarget);
  target_.restore.on_missing = OnMissing::kFail;
  EXPECT_EQ(Decide().kind, Kind::kFailed);
}

TEST_F(DecideTest, SnapshotsThatVanishedAreNoNewTarget) {
  source_.snapshots_seen = 3;
  EXPECT_EQ(Decide().kind, Kind::kBlocked);
  EXPECT_THAT(Decide().reason, HasSubstr("of its 3 snapshots the repository lists none"));
}

TEST_F(DecideTest, AfterABackupAPersonDecides) {
  Add("aaaaaaaaaa", Duration{100});
  source_.snapshots_seen = 1;
  EXPECT_EQ(Decide().kind, Kind::kBlocked);
  EXPECT_THAT(Decide().reason, HasSubstr("has backed it up before"));
  EXPECT_THAT(Decide().hint, HasSubstr("runner restore photos"));
}

TEST_F(DecideTest, AfterARestoreAPersonDecides) {
  Add("aaaaaaaaaa", Duration{100});
  source_.restored_before = true;
  EXPECT_EQ(Decide().kind, Kind::kBlocked);
}

TEST_F(DecideTest, ATargetThatWasNewStaysNew) {
  Add("aaaaaaaaaa", Duration{100});
  source_.known_new = true;
  EXPECT_EQ(Decide().kind, Kind::kBlocked);
}

TEST_F(DecideTest, WithoutTheRuleNothingIsRestored) {
  Add("aaaaaaaaaa", Duration{100});
  target_.restore.if_empty = false;
  EXPECT_EQ(Decide().kind, Kind::kBlocked);
  EXPECT_THAT(Decide().reason, HasSubstr("restore_if_empty is off"));
}

TEST_F(DecideTest, AnOldSnapshotIsAPersonsDecision) {
  target_.restore.max_age = Duration{100};
  Add("aaaaaaaaaa", Duration{100});
  EXPECT_EQ(Decide().kind, Kind::kRestore);
  snapshots_.front().time -= Duration{1};
  EXPECT_EQ(Decide().kind, Kind::kBlocked);
  EXPECT_THAT(Decide().reason, HasSubstr("older than restore_if_empty.max_age"));
}

TEST_F(DecideTest, OnlySuspiciousSnapshotsAreNeitherRestoredNorNone) {
  Add("aaaaaaaaaa", Duration{100}, {kQuarantineTag});
  Add("bbbbbbbbbb", Duration{-10'000});
  EXPECT_EQ(Decide().kind, Kind::kBlocked);
  EXPECT_THAT(Decide().reason, HasSubstr("quarantined or dated in the future"));
}

}  // namespace
}  // namespace targets
