#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "targets/b2/judge.h"
#include "tests/targets/b2/b2_world.h"

namespace targets {
namespace {

using b2_world::World;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

B2Finding Only(const World& world, const std::vector<B2Bucket>& listed) {
  const auto findings = JudgeB2Bucket(listed, world.account, world.demand);
  EXPECT_EQ(findings.size(), 1U);
  return findings.empty() ? B2Finding{} : findings.front();
}

TEST(B2BucketLook, IsContentWithAPrivateBucketThatCleansUp) {
  EXPECT_THAT(World().Bucket(), ElementsAre("ok"));
}

TEST(B2BucketLook, RefusesAPublicBucket) {
  World world;
  world.bucket.type = "allPublic";
  EXPECT_THAT(world.Bucket(), ElementsAre(StartsWith("ERROR the bucket vault is public")));
  EXPECT_THAT(Only(world, {world.bucket}).remedy, HasSubstr("b2 bucket update vault allPrivate"));
  world.bucket.type = "snapshot";
  EXPECT_THAT(world.Bucket(),
              ElementsAre("WARNING the bucket vault is of the type snapshot, not private"));
}

TEST(B2BucketLook, WantsOldVersionsDeleted) {
  World world;
  world.bucket.rules.clear();
  EXPECT_THAT(world.Bucket(), ElementsAre(AllOf(StartsWith("WARNING no lifecycle rule"),
                                                HasSubstr("a broken connection"))));
  EXPECT_THAT(Only(world, {world.bucket}).remedy,
              AllOf(HasSubstr("Keep only the last version of the file"),
                    HasSubstr("\"daysFromHidingToDeleting\": 1"), HasSubstr("vault")));
  world.UseS3();
  EXPECT_THAT(world.Bucket(), ElementsAre(HasSubstr("grow for ever")));
}

TEST(B2BucketLook, TakesARuleForAllNamesOfTheRepository) {
  World world;
  for (const char* prefix : {"", "h", "host/"}) {
    world.bucket.rules = {{prefix, std::nullopt, 30}};
    EXPECT_THAT(world.Bucket(), ElementsAre("ok")) << prefix;
  }
  for (const char* prefix : {"host/data", "other/"}) {
    world.bucket.rules = {{prefix, std::nullopt, 30}};
    EXPECT_THAT(world.Bucket(), ElementsAre(StartsWith("WARNING no lifecycle rule"))) << prefix;
  }
}

TEST(B2BucketLook, ShoutsAtARuleThatDestroysTheRepository) {
  World world;
  for (const char* prefix : {"", "host/", "host/data/"}) {
    world.bucket.rules = {{"", std::nullopt, 1}, {prefix, 30, 1}};
    EXPECT_THAT(world.Bucket(), ElementsAre("ERROR a lifecycle rule of the bucket vault hides "
                                            "files 30 days after their upload: it destroys the "
                                            "repository"))
        << prefix;
  }
  world.bucket.rules = {{"", std::nullopt, 1}, {"other/", 30, 1}};
  EXPECT_THAT(world.Bucket(), ElementsAre("ok")) << "that is somebody else's";
}

TEST(B2BucketLook, SaysWhoMakesABucketThatIsNotThere) {
  World world;
  EXPECT_EQ(Only(world, {}).message, "the bucket vault does not exist in the account of this key");
  EXPECT_EQ(Only(world, {{"attic", "allPrivate", {}}}).level, B2Level::kError);
  world.demand.may_create = true;
  EXPECT_EQ(Only(world, {}).message,
            "the bucket vault does not exist, and the key lacks the capability writeBuckets to "
            "make it");
  world.account.capabilities.insert("writeBuckets");
  EXPECT_EQ(Only(world, {}).level, B2Level::kNote);
  world.BindTo({"vault"});
  EXPECT_EQ(Only(world, {}).level, B2Level::kError) << "a bound key makes none";
  world.account.buckets.reset();
  world.demand.may_create = false;
  EXPECT_EQ(Only(world, {}).level, B2Level::kError) << "it was there before";
}

}  // namespace
}  // namespace targets
