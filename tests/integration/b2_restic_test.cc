// The real restic, both releases, against the B2 test server.
#include <gmock/gmock.h>

#include <memory>

#include "tests/integration/b2_test.h"

namespace runner::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Kind = B2Server::Fault::Kind;

class B2ResticTest : public B2Test {
 protected:
  void WriteData() {
    ws().Write("data/a.txt", "alpha");
    ws().Write("data/sub/b.bin", std::string(300'000, 'b'));
  }
  Ran BackUp() { return Restic({"backup", ws().Path("data")}); }
  /// What differs between the folder and what the newest snapshot gives back.
  std::string RestoredDifference() {
    const Ran restore = Restic({"restore", "latest", "--target", ws().Path("back")});
    EXPECT_EQ(restore.code, 0) << restore.all();
    return ws().Run({"diff", "-r", ws().Path("data"), ws().Path("back") + ws().Path("data")}).all();
  }
  [[nodiscard]] bool Newest() const { return std::string(GetParam()) == "newest"; }
};

TEST_P(B2ResticTest, KeepsARepositoryFromInitToRestore) {
  WriteData();
  ASSERT_EQ(Restic({"init"}).code, 0);
  for (const char* content : {"alpha", "beta"}) {
    ws().Write("data/a.txt", content);
    const Ran backup = BackUp();
    EXPECT_EQ(backup.code, 0) << backup.all();
  }
  EXPECT_THAT(Restic({"snapshots"}).out, HasSubstr("2 snapshots"));
  const Ran forget = Restic({"forget", "--keep-last", "1", "--prune"});
  EXPECT_EQ(forget.code, 0) << forget.all();
  const Ran check = Restic({"check", "--read-data"});
  EXPECT_EQ(check.code, 0) << check.all();
  EXPECT_EQ(RestoredDifference(), "");
  EXPECT_THAT(server().Versions(kBucket, "r/locks/"), IsEmpty());
  EXPECT_EQ(server().Versions(kBucket, "r/snapshots/").size(), 1U);
}

TEST_P(B2ResticTest, StoresLargePacksInParts) {
  world().MakeCheapRepository();
  // Newer releases fill two packs at a time.
  const std::string size = Newest() ? "290000000" : "140000000";
  ws().MakeFolder("data");
  ASSERT_EQ(ws().Run({"sh", "-c", "head -c " + size + " /dev/urandom > data/noise"}).code, 0);
  const Ran backup = Restic({"backup", "--pack-size", "128", ws().Path("data")});
  EXPECT_EQ(backup.code, 0) << backup.all();
  EXPECT_GE(log().Count("b2_finish_large_file"), 1);
  EXPECT_GE(log().Count("b2_upload_part"), 2);
  EXPECT_EQ(RestoredDifference(), "");
}

TEST_P(B2ResticTest, GoesOnAfterTroubleThatPasses) {
  world().MakeCheapRepository();
  WriteData();
  server().Inject({.api = "b2_upload_file", .name = "/data/", .status = 503});
  server().Inject({.api = "b2_upload_file", .name = "/data/", .status = 401, .mid_body = true});
  server().Inject({.api = "b2_list_file_names", .status = 429, .retry_after = 1});
  server().Inject({.api = "b2_list_file_names", .name = "snapshots", .code = "expired_auth_token"});
  const Ran backup = BackUp();
  EXPECT_EQ(backup.code, 0) << backup.all();
  server().ExpireTokens();
  server().Inject(
      {.api = "b2_download_file_by_name", .name = "/data/", .kind = Kind::kTruncate, .count = 2});
  EXPECT_EQ(RestoredDifference(), "");
}

TEST_P(B2ResticTest, NoticesACorruptPack) {
  world().MakeCheapRepository();
  WriteData();
  ASSERT_EQ(BackUp().code, 0);
  server().Inject(
      {.api = "b2_download_file_by_name", .name = "/data/", .kind = Kind::kCorrupt, .count = -1});
  const Ran check = Restic({"check", "--read-data"});
  EXPECT_EQ(check.code, 1);
  EXPECT_THAT(check.err, HasSubstr("repository contains errors"));
}

TEST_P(B2ResticTest, ALostReplyLeavesTwoVersions) {
  world().MakeCheapRepository();
  WriteData();
  server().Inject({.api = "b2_upload_file", .name = "/snapshots/", .kind = Kind::kLostReply});
  const Ran backup = BackUp();
  ASSERT_EQ(backup.code, 0) << backup.all();
  const auto versions = server().Versions(kBucket, "r/snapshots/");
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_EQ(versions[0].name, versions[1].name);
  const std::string id = versions[0].name.substr(versions[0].name.rfind('/') + 1);
  ASSERT_EQ(Restic({"forget", id}).code, 0);
  // 0.14 deletes one version, and the other one shows again; later releases delete them all.
  EXPECT_EQ(server().Versions(kBucket, "r/snapshots/").size(), Newest() ? 0U : 1U);
}

TEST_P(B2ResticTest, AWrongKeyOrBucketIsNamed) {
  Use({"005wrong", "K005wrong"});
  const Ran wrong_key = Restic({"snapshots"});
  EXPECT_NE(wrong_key.code, 0);
  EXPECT_THAT(wrong_key.err, HasSubstr("b2_authorize_account: 401"));
  server().AddBucket("other-bucket");
  Use(server().AddKey({.buckets = {"other-bucket"}}));
  const Ran other_bucket = Restic({"snapshots"});
  EXPECT_NE(other_bucket.code, 0);
  EXPECT_THAT(other_bucket.err, HasSubstr(Newest() ? "b2_list_buckets: 401" : "bucket not found"));
}

TEST_P(B2ResticTest, AnAbsentRepositoryIsProvenByA404) {
  const Ran ran = Restic({"snapshots"});
  EXPECT_EQ(ran.code, Newest() ? 10 : 1) << ran.all();
  EXPECT_THAT(ran.err, HasSubstr("Is there a repository at the following location?"));
  EXPECT_EQ(server().log().CountIf([](const auto& request) { return request.status == 404; }), 1);
}

TEST_P(B2ResticTest, InitOverARepositoryThatCannotBeReadMakesASecondConfig) {
  world().MakeCheapRepository();
  server().Inject({.api = "b2_download_file_by_name|b2_get_file_info",
                   .status = 403,
                   .code = "download_cap_exceeded",
                   .message = "cap exceeded",
                   .count = -1});
  const std::unique_ptr<Background> init = ws().Start(ResticArgv({"init"}));
  const auto configs = [&] { return server().Versions(kBucket, "r/config").size(); };
  Eventually([&] { return configs() == 2 || !init->Alive(); });
  // Never run init because a repository "cannot be opened": 0.14 takes every error for absence.
  EXPECT_EQ(configs(), Newest() ? 1U : 2U) << init->OutputSoFar();
}

TEST_P(B2ResticTest, AnUploadThatIsRefusedForEverIsASilentHotLoop) {
  world().MakeCheapRepository();
  WriteData();
  server().Inject({.api = "b2_upload_file", .name = "/data/", .status = 503, .count = -1});
  const std::unique_ptr<Background> backup = ws().Start(ResticArgv({"backup", ws().Path("data")}));
  EXPECT_TRUE(Eventually([&] { return log().MostWithin(1000) > 100; }));
  EXPECT_TRUE(backup->Alive());
  EXPECT_THAT(backup->OutputSoFar(), Not(HasSubstr("503")));
}

RUNNER_FOR_EACH_RESTIC(B2ResticTest);

}  // namespace
}  // namespace runner::testing
