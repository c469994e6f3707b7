#include <gmock/gmock.h>

#include "tests/runner/doctor/doctor_world.h"

namespace runner {
namespace {

using doctor_world::DoctorWorld;
using doctor_world::kGiB;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// Its newest good snapshot is so large.
void HasSnapshotOf(DoctorWorld& world, targets::Bytes bytes) {
  TargetFacts facts;
  facts.newest_good =
      GoodSnapshot{targets::SnapshotId("a"), world.clock_.Now() - targets::Duration{60}, 1, bytes};
  world.Remember(facts);
}

TEST(DoctorSource, MissingAndUnreadableAreErrors) {
  DoctorWorld world;
  world.SourceIs("missing");
  EXPECT_THAT(world.Bad(), HasSubstr("ERROR    source: photos: missing: so it is\n"));
  world.SourceIs("unreadable");
  EXPECT_THAT(world.Bad(), AllOf(HasSubstr("ERROR    source: photos: unreadable: so it is\n"),
                                 HasSubstr("let user 0 read it")));
  world.config_.run_as = targets::RunAs{1000, 1000};
  EXPECT_THAT(world.Bad(), HasSubstr("let user 1000 read it"));
}

TEST(DoctorSource, EmptyDependsOnWhatIsWanted) {
  DoctorWorld world;
  world.SourceIs("empty");
  EXPECT_THAT(world.Bad(), HasSubstr("WARNING  source: photos: /data/photos is empty, and so it "
                                     "is not backed up\n"));
  world.photos().restore.if_empty = true;
  EXPECT_THAT(world.Bad(), HasSubstr("note     source: photos: /data/photos is empty: the next"));
  world.photos().guard.allow_empty = true;
  EXPECT_THAT(world.Bad(), Not(HasSubstr("source")));
}

TEST(DoctorSource, AHalfRestoredOneIsAWarning) {
  DoctorWorld world;
  world.SourceIs("half_restored");
  EXPECT_THAT(world.Bad(), AllOf(HasSubstr("WARNING  source: photos: a restore was cut off"),
                                 HasSubstr("`runner run photos --stage restore`")));
}

TEST(DoctorSource, MustBeWritableToBeRestored) {
  DoctorWorld world;
  world.files_.SetReadOnly("/data", true);
  EXPECT_THAT(world.Bad(), Not(HasSubstr("source")));
  world.photos().restore.if_empty = true;
  EXPECT_THAT(world.Bad(), HasSubstr("WARNING  source: photos: /data/photos is read-only"));
}

TEST(DoctorSource, AnEmptyOneNeedsRoomForItsNewestSnapshot) {
  DoctorWorld world;
  world.SourceIs("empty");
  world.photos().restore.if_empty = true;
  HasSnapshotOf(world, 50 * kGiB);
  EXPECT_THAT(world.Bad(), Not(HasSubstr("ERROR")));
  HasSnapshotOf(world, 50 * kGiB + 1);
  EXPECT_THAT(world.Bad(), HasSubstr("ERROR    source: photos: its newest snapshot has 50.0 GiB, "
                                     "but what is free is 50.0 GiB\n"));
}

TEST(DoctorSource, OneWithDataNeedsADiskThatIsLargeEnough) {
  DoctorWorld world;
  HasSnapshotOf(world, 100 * kGiB);
  EXPECT_THAT(world.Bad(), Not(HasSubstr("source")));
  HasSnapshotOf(world, 101 * kGiB);
  EXPECT_THAT(world.Bad(), HasSubstr("WARNING  source: photos: its newest snapshot has 101.0 GiB, "
                                     "but the whole disk is 100.0 GiB\n"));
}

TEST(DoctorSource, ADeadMountIsOnlyLookedAtByTheChild) {
  DoctorWorld world;
  world.SourceIs("unreadable");
  world.photos().restore.if_empty = true;
  world.files_.SetReadOnly("/data", true);
  EXPECT_THAT(world.Bad(), Not(HasSubstr("read-only")));
}

}  // namespace
}  // namespace runner
