#include "targets/restic/key_place.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

TEST(KeyPlace, IsKnownForFoldersRestServersAndBackblaze) {
  EXPECT_EQ(KeyPlaceOf("/srv/repo"), KeyPlaceKind::kFolder);
  EXPECT_EQ(KeyPlaceOf("local:/srv/repo"), KeyPlaceKind::kFolder);
  EXPECT_EQ(KeyPlaceOf("rest:https://user:password@host/path"), KeyPlaceKind::kRest);
  EXPECT_EQ(KeyPlaceOf("b2:bucket:path"), KeyPlaceKind::kBackblaze);
  EXPECT_EQ(KeyPlaceOf("s3:https://s3.us-west-004.backblazeb2.com/bucket"),
            KeyPlaceKind::kBackblaze);
}

TEST(KeyPlace, IsNoneElsewhere) {
  for (const char* url : {"s3:https://s3.example.com/bucket", "sftp:host:/srv", "rclone:x:y",
                          "rest:http+unix:///run/socket:/", "relative", "local:relative", ""})
    EXPECT_EQ(KeyPlaceOf(url), KeyPlaceKind::kNone) << url;
}

TEST(KeyPlace, KnowsTheFolder) {
  EXPECT_EQ(RepositoryFolderOf("/srv/repo"), "/srv/repo");
  EXPECT_EQ(RepositoryFolderOf("local:/srv/repo"), "/srv/repo");
  EXPECT_EQ(RepositoryFolderOf("local:repo"), "");
  EXPECT_EQ(RepositoryFolderOf("b2:bucket:/path"), "");
}

}  // namespace
}  // namespace targets
