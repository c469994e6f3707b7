#include "targets/restore/adopt.h"

#include <gtest/gtest.h>

#include "targets/model/target.h"

namespace targets {
namespace {

const TargetId kPhotos("photos");
const InstanceName kServer("server1");

Snapshot Make(const std::string& id, const std::string& host, std::vector<std::string> paths,
              std::vector<std::string> tags = {}) {
  Snapshot snapshot;
  snapshot.id = SnapshotId(id);
  snapshot.time = FromUnixSeconds(1'800'000'000);
  snapshot.hostname = host;
  snapshot.paths = std::move(paths);
  snapshot.tags = std::move(tags);
  return snapshot;
}

AdoptQuestion From(const std::string& host, const std::string& path = "") {
  return {kPhotos, kServer, host, path};
}

std::string Ids(const Adoptable& found) {
  std::string ids;
  for (const Snapshot& snapshot : found.snapshots) ids += snapshot.id.str() + " ";
  return ids;
}

TEST(Adopt, TagsForTheTargetAndForTheInstanceAtOnce) {
  EXPECT_EQ(AdoptionTags(kPhotos, kServer), "target:photos,adopted:server1");
}

TEST(Adopt, ARestoreMayTakeItsOwnAndWhatWasAdoptedByThisInstance) {
  const auto may = [](const std::string& host, std::vector<std::string> tags) {
    return MayRestore(Make("a", host, {"/backup"}, std::move(tags)), kPhotos, kServer);
  };
  EXPECT_TRUE(may("server1", {"target:photos"}));
  EXPECT_TRUE(may("c0ffee", {"target:photos", "adopted:server1"}));
  EXPECT_FALSE(may("c0ffee", {"target:photos"}));
  EXPECT_FALSE(may("c0ffee", {"target:photos", "adopted:server2"}));
  EXPECT_FALSE(may("c0ffee", {"target:music", "adopted:server1"}));
  EXPECT_FALSE(may("c0ffee", {"adopted:server1"}));
  EXPECT_FALSE(may("server1", {}));
}

TEST(Adopt, FindsThoseOfTheHostOldestFirst) {
  std::vector<Snapshot> listing = {Make("a", "c0ffee", {"/backup"}),
                                   Make("b", "c0ffee", {"/backup"}),
                                   Make("c", "other", {"/backup"})};
  listing[0].time += Duration{1};
  EXPECT_EQ(Ids(FindAdoptable(listing, From("c0ffee"))), "b a ");
  EXPECT_EQ(Ids(FindAdoptable(listing, From("nobody"))), "");
}

TEST(Adopt, NarrowsToOneWholePath) {
  const std::vector<Snapshot> listing = {
      Make("a", "c0ffee", {"/backup"}), Make("b", "c0ffee", {"/backup/sub"}),
      Make("c", "c0ffee", {"/backup", "/etc"}), Make("d", "c0ffee", {"/backu"})};
  EXPECT_EQ(Ids(FindAdoptable(listing, From("c0ffee", "/backup"))), "a ");
  EXPECT_EQ(Ids(FindAdoptable(listing, From("c0ffee", "/backup/"))), "a ");
  EXPECT_EQ(Ids(FindAdoptable(listing, From("c0ffee", "/"))), "");
}

TEST(Adopt, SaysWhichThingsTheSnapshotsAreOf) {
  const std::vector<Snapshot> listing = {Make("a", "c0ffee", {"/etc"}),
                                         Make("b", "c0ffee", {"/backup"}),
                                         Make("c", "c0ffee", {"/backup"})};
  EXPECT_EQ(FindAdoptable(listing, From("c0ffee")).paths,
            (std::vector<std::string>{"/backup", "/etc"}));
}

TEST(Adopt, LeavesOutWhatIsAdoptedAlreadyAndWhatIsAnotherTargets) {
  const Adoptable found =
      FindAdoptable({Make("a", "c0ffee", {"/backup"}, {"target:photos", "adopted:server1"}),
                     Make("b", "c0ffee", {"/music"}, {"target:music"}),
                     Make("c", "c0ffee", {"/backup"}, {"target:photos"}),
                     Make("d", "c0ffee", {"/backup"}, {"nightly"})},
                    From("c0ffee"));
  EXPECT_EQ(Ids(found), "c d ");
  EXPECT_EQ(found.already, 1U);
  EXPECT_EQ(found.of_other_targets, 1U);
  EXPECT_EQ(found.paths, std::vector<std::string>{"/backup"});
}

TEST(Adopt, OfTheInstanceItselfTakesWhatBearsNoTag) {
  const Adoptable found = FindAdoptable(
      {Make("a", "server1", {"/backup"}), Make("b", "server1", {"/backup"}, {"target:photos"})},
      From("server1"));
  EXPECT_EQ(Ids(found), "a ");
  EXPECT_EQ(found.already, 1U);
}

}  // namespace
}  // namespace targets
