#include "targets/b2/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/targets/b2/b2_world.h"

namespace targets {
namespace {

using b2_world::kNow;
using b2_world::World;
using std::chrono::days;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string OnlyRemedy(const World& world) {
  const auto findings = JudgeB2Key(world.account, world.demand, kNow);
  EXPECT_EQ(findings.size(), 1U);
  return findings.empty() ? "" : findings.front().remedy;
}

TEST(B2Key, IsFitIfItMayDoWhatIsNeeded) {
  World world;
  EXPECT_EQ(JudgeB2Key(world.account, world.demand, kNow).front().message,
            "Backblaze takes the key, which may do what is needed, for ever");
  world.account.expires = kNow + days(15);
  EXPECT_EQ(JudgeB2Key(world.account, world.demand, kNow).front().message,
            "Backblaze takes the key, which may do what is needed, until 2027-01-30T08:00:00Z");
}

TEST(B2Key, IsWarnedOfTwoWeeksBeforeItExpires) {
  World world;
  world.account.expires = kNow + kB2ExpiryWarning + seconds(1);
  EXPECT_THAT(world.Key(), ElementsAre("ok"));
  world.account.expires = kNow + kB2ExpiryWarning;
  EXPECT_THAT(world.Key(),
              ElementsAre("WARNING the key expires in 14d, at 2027-01-29T08:00:00Z: then nothing "
                          "can be backed up or restored",
                          "ok"));
  world.account.expires = kNow + seconds(1);
  EXPECT_THAT(world.Key(), ElementsAre(StartsWith("WARNING the key expires in 1s"), "ok"));
  world.account.expires = kNow;
  EXPECT_THAT(world.Key(),
              ElementsAre("ERROR the key expired at 2027-01-15T08:00:00Z: nothing can be backed up "
                          "or restored"));
}

TEST(B2Key, LacksOneCapabilityAfterTheOther) {
  for (const char* name : {"listBuckets", "listFiles", "readFiles", "writeFiles", "deleteFiles"}) {
    World world;
    world.account.capabilities.erase(name);
    EXPECT_THAT(world.Key(), ElementsAre(StartsWith("ERROR the key lacks the capability " +
                                                    std::string(name) + ": ")));
    EXPECT_THAT(OnlyRemedy(world),
                AllOf(StartsWith("`b2 key create --bucket vault runner "
                                 "listBuckets,listFiles,readFiles,writeFiles,deleteFiles`"),
                      HasSubstr("https://secure.backblaze.com/app_keys.htm")));
  }
}

TEST(B2Key, OfAReaderNeedsOnlyToRead) {
  World world;
  world.demand.writes = false;
  world.account.capabilities = {"listBuckets", "listFiles", "readFiles"};
  EXPECT_THAT(world.Key(), ElementsAre("ok"));
  world.account.capabilities.erase("readFiles");
  EXPECT_THAT(OnlyRemedy(world), HasSubstr("runner listBuckets,listFiles,readFiles`"));
}

TEST(B2Key, OfTheS3InterfaceGetsAlongWithoutSome) {
  for (const char* name : {"listBuckets", "deleteFiles"}) {
    World world;
    world.UseS3();
    world.account.capabilities.erase(name);
    EXPECT_THAT(world.Key(), ElementsAre(StartsWith("WARNING the key lacks the capability " +
                                                    std::string(name))));
  }
  World world;
  world.UseS3();
  world.account.capabilities.erase("writeFiles");
  EXPECT_THAT(world.Key(), ElementsAre(StartsWith("ERROR the key lacks")));
}

TEST(B2Key, MustBeForTheBucket) {
  World world;
  world.BindTo({"vault"});
  EXPECT_THAT(world.Key(), ElementsAre("ok"));
  world.BindTo({"attic"});
  EXPECT_THAT(world.Key(), ElementsAre("ERROR the key is not for the bucket vault, but for attic"));
  world.BindTo({""});
  EXPECT_THAT(world.Key(), ElementsAre(HasSubstr("but for one that is gone")));
  world.BindTo({});
  EXPECT_THAT(world.Key(), ElementsAre(HasSubstr("but for none")));
}

TEST(B2Key, OfSeveralBucketsServesOnlyTheS3Interface) {
  World world;
  world.account.capabilities.insert("listAllBucketNames");
  world.BindTo({"attic", "vault"});
  EXPECT_THAT(world.Key(), ElementsAre(StartsWith("ERROR the key is bound to 2 buckets")));
  world.UseS3();
  EXPECT_THAT(world.Key(), ElementsAre("ok"));
}

TEST(B2Key, MustBeForTheNamesOfTheRepository) {
  World world;
  for (const char* prefix : {"", "h", "host", "host/"}) {
    world.account.name_prefix = prefix;
    EXPECT_THAT(world.Key(), ElementsAre("ok")) << prefix;
  }
  for (const char* prefix : {"host/data", "other/", "hosts"}) {
    world.account.name_prefix = prefix;
    EXPECT_THAT(world.Key(),
                ElementsAre("ERROR the key is only for files whose name starts with \"" +
                            std::string(prefix) + "\", but the repository lies below host/"))
        << prefix;
  }
  EXPECT_THAT(OnlyRemedy(world), HasSubstr("--bucket vault --name-prefix host/ runner"));
  world.demand.address.path = "";
  EXPECT_THAT(world.Key(), ElementsAre(HasSubstr("the repository lies in the whole bucket")));
}

TEST(B2Key, OfTheS3InterfaceIsNotTheMasterKey) {
  World world;
  world.demand.key_id = "acc0123";
  EXPECT_THAT(world.Key(), ElementsAre("ok")) << "the native interface takes it";
  world.UseS3();
  EXPECT_THAT(world.Key(), ElementsAre(StartsWith("ERROR this is the master key")));
}

TEST(B2Key, OfTheS3InterfaceAndOneBucketListsAllNames) {
  World world;
  world.UseS3();
  EXPECT_THAT(world.Key(), ElementsAre("ok"));
  world.BindTo({"vault"});
  EXPECT_THAT(world.Key(), ElementsAre(HasSubstr("lacks the capability listAllBucketNames")));
  EXPECT_THAT(OnlyRemedy(world), HasSubstr("deleteFiles,listAllBucketNames`"));
  world.account.capabilities.insert("listAllBucketNames");
  EXPECT_THAT(world.Key(), ElementsAre("ok"));
}

TEST(B2Key, BelongsToTheRegionOfTheUrl) {
  World world;
  world.UseS3("eu-central-003");
  EXPECT_THAT(world.Key(),
              ElementsAre("ERROR repository.url names https://s3.eu-central-003.backblazeb2.com, "
                          "but the account lies at https://s3.us-west-004.backblazeb2.com"));
  EXPECT_EQ(OnlyRemedy(world),
            "write repository.url: s3:https://s3.us-west-004.backblazeb2.com/vault/host");
  world.account.s3_api_url = "";
  EXPECT_THAT(world.Key(), ElementsAre("ok")) << "nobody knows";
}

TEST(B2Key, GetsAllItsFaultsAtOnceEachWithARemedy) {
  World world;
  world.account.capabilities = {"listBuckets"};
  world.account.expires = kNow;
  world.account.name_prefix = "x";
  world.BindTo({"attic"});
  const auto findings = JudgeB2Key(world.account, world.demand, kNow);
  EXPECT_EQ(findings.size(), 7U);
  for (const B2Finding& finding : findings) {
    EXPECT_EQ(finding.level, B2Level::kError) << finding.message;
    EXPECT_FALSE(finding.remedy.empty()) << finding.message;
  }
}

TEST(B2Demand, FollowsFromTheConfiguration) {
  Config config;
  const B2Address address{.bucket = "vault"};
  const auto demand = [&](RepositoryKnown known) {
    return DemandOf(config, address, "key", known);
  };
  EXPECT_FALSE(demand(RepositoryKnown::kNo).writes);
  config.maintenance.check = CheckJob{};
  EXPECT_TRUE(demand(RepositoryKnown::kNo).writes) << "a check leaves a lock behind";
  config.maintenance.check.reset();
  config.maintenance.prune = PruneJob{};
  EXPECT_TRUE(demand(RepositoryKnown::kNo).writes);
  config.maintenance.prune.reset();
  config.targets.emplace_back().enabled = false;
  EXPECT_FALSE(demand(RepositoryKnown::kNo).writes);
  config.targets.back().enabled = true;
  EXPECT_TRUE(demand(RepositoryKnown::kNo).writes);

  EXPECT_TRUE(demand(RepositoryKnown::kNo).may_create);
  EXPECT_FALSE(demand(RepositoryKnown::kYes).may_create);
  config.repository.id = std::string(64, 'a');
  EXPECT_FALSE(demand(RepositoryKnown::kNo).may_create);
  config.repository.id = "";
  config.repository.init = InitRule::kNever;
  EXPECT_FALSE(demand(RepositoryKnown::kNo).may_create);
}

TEST(B2Demand, AsksForTheBucketOnlyIfTheKeyMay) {
  World world;
  EXPECT_TRUE(MayListBucket(world.account, world.demand));
  world.BindTo({"attic", "vault"});
  EXPECT_TRUE(MayListBucket(world.account, world.demand));
  world.BindTo({"attic"});
  EXPECT_FALSE(MayListBucket(world.account, world.demand));
  world.account.buckets.reset();
  world.account.capabilities.erase("listBuckets");
  EXPECT_FALSE(MayListBucket(world.account, world.demand));
}

}  // namespace
}  // namespace targets
