#include <gtest/gtest.h>

#include "targets/model/config.h"
#include "targets/model/stage.h"

namespace targets {
namespace {

TEST(Backend, FollowsFromTheScheme) {
  EXPECT_EQ(BackendOf("/mnt/backup"), Backend::kLocal);
  EXPECT_EQ(BackendOf("local:/mnt/backup"), Backend::kLocal);
  EXPECT_EQ(BackendOf("b2:bucket:path"), Backend::kB2);
  EXPECT_EQ(BackendOf("s3:https://host/bucket"), Backend::kS3);
  EXPECT_EQ(BackendOf("rest:http://host/"), Backend::kRest);
  EXPECT_EQ(BackendOf("sftp:user@host:/path"), Backend::kSftp);
  EXPECT_EQ(BackendOf("rclone:remote:path"), Backend::kRclone);
  EXPECT_EQ(BackendOf("swift-temp:container:/x"), Backend::kOther);
  EXPECT_EQ(BackendOf("/b2:not-a-scheme"), Backend::kLocal);
}

TEST(Retention, IsEmptyOnlyWithoutAnyRule) {
  Retention retention;
  retention.min_keep = 5;
  EXPECT_TRUE(retention.Empty());
  retention.keep_tags = {"keep"};
  EXPECT_FALSE(retention.Empty());
  retention.keep_tags.clear();
  retention.yearly = Retention::kUnlimited;
  EXPECT_FALSE(retention.Empty());
}

TEST(Stage, NamesGoBothWays) {
  for (const Stage stage : kTargetStages) EXPECT_EQ(StageFromName(StageName(stage)), stage);
  for (const Stage stage : kRepositoryStages) EXPECT_EQ(StageFromName(StageName(stage)), stage);
  EXPECT_EQ(StageFromName("unknown"), std::nullopt);
}

TEST(Config, FindsATargetById) {
  Config config;
  config.targets.resize(2);
  config.targets[0].id = TargetId("a");
  config.targets[1].id = TargetId("b");
  EXPECT_EQ(FindTarget(config, TargetId("b")), &config.targets[1]);
  EXPECT_EQ(FindTarget(config, TargetId("c")), nullptr);
}

TEST(Target, IdentityTagNamesTheTarget) {
  EXPECT_EQ(IdentityTag(TargetId("photos")), "target:photos");
}

}  // namespace
}  // namespace targets
