#include <gmock/gmock.h>

#include "tests/support/b2_server/api_fixture.h"

namespace runner::testing::b2 {
namespace {

/// What a key without the right to it gets.
class RightsTest : public ApiFixture {
 protected:
  std::string InBucket(const std::string& prefix = "") {
    return JsonObject().Text("bucketId", bucket_).Text("prefix", prefix).str();
  }
};

TEST_F(RightsTest, ACallNeedsItsCapability) {
  Upload("a", "x");
  Be({.capabilities = {"listFiles"}});
  EXPECT_EQ(Call("b2_list_file_names", InBucket()).status, 200);
  EXPECT_EQ(Download("a").status, 401);
  EXPECT_EQ(Upload("b", "x").status, 401);
  EXPECT_EQ(CodeOf(Call("b2_list_buckets")), "unauthorized");
  EXPECT_EQ(CodeOf(Call("b2_delete_file_version", R"({"fileName":"a","fileId":"b"})")),
            "unauthorized");
}

TEST_F(RightsTest, ABoundKeyStaysInItsBucket) {
  const std::string other =
      api_.With([](Store& store, Keys&) { return store.AddBucket("other-bucket", {})->id; });
  Be({.capabilities = AllCapabilities(), .bucket_ids = {other}});
  EXPECT_EQ(Call("b2_list_file_names", InBucket()).status, 401);
  EXPECT_EQ(Upload("a", "x").status, 401);
  EXPECT_EQ(Call("b2_create_bucket", R"({"bucketName":"third-bucket"})").status, 401);
  EXPECT_EQ(Call("b2_list_buckets").status, 401) << "it must name its bucket";
  EXPECT_EQ(Call("b2_list_buckets", R"({"bucketName":"bucket"})").status, 401);
  EXPECT_EQ(Call("b2_list_buckets", JsonObject().Text("bucketId", other).str()).status, 200);
  EXPECT_EQ(Call("b2_list_buckets", R"({"bucketName":"other-bucket"})").status, 200);
}

TEST_F(RightsTest, APrefixLimitsEveryName) {
  Upload("s/a", "x");
  Be({.capabilities = AllCapabilities(), .prefix = "r/"});
  EXPECT_EQ(Upload("r/a", "x").status, 200);
  EXPECT_EQ(Upload("s/b", "x").status, 401);
  EXPECT_EQ(Download("s/a").status, 401);
  EXPECT_EQ(Call("b2_list_file_names", InBucket("r/")).status, 200);
  EXPECT_EQ(Call("b2_list_file_names", InBucket("r")).status, 401);
  EXPECT_EQ(Call("b2_list_file_names", InBucket()).status, 401);
}

TEST_F(RightsTest, AnExpiredTokenIsNamedAsSuch) {
  api_.With([](Store&, Keys& keys) { keys.ExpireTokens(); });
  EXPECT_EQ(CodeOf(Call("b2_list_buckets")), "expired_auth_token");
  EXPECT_EQ(CodeOf(Download("a")), "expired_auth_token");
  token_ = "made up";
  EXPECT_EQ(CodeOf(Call("b2_list_buckets")), "bad_auth_token");
}

TEST_F(RightsTest, AnUploadTokenOfOneBucketIsNoneOfAnother) {
  const Reply url = Call("b2_get_upload_url", InBucket());
  const Reply reply =
      Send({.path = "/b2api/v1/b2_upload_file/elsewhere",
            .headers = {{"Authorization", Fields(url.Text()).Text("authorizationToken")}},
            .body = std::make_shared<const std::string>("x")});
  EXPECT_EQ(CodeOf(reply), "bad_auth_token");
}

TEST_F(RightsTest, NonsenseIsRefused) {
  EXPECT_EQ(Call("b2_make_coffee").status, 404);
  EXPECT_EQ(Call("b2_list_buckets", "no JSON").status, 400);
  EXPECT_EQ(Call("b2_list_file_names", "{}").status, 400);
  EXPECT_EQ(Send({.path = "/"}).status, 404);
}

TEST_F(RightsTest, ADownloadAuthorizationWorksInTheUrl) {
  Upload("p/a", "x");
  Upload("q/a", "y");
  const Fields reply(Call("b2_get_download_authorization", JsonObject()
                                                               .Text("bucketId", bucket_)
                                                               .Text("fileNamePrefix", "p/")
                                                               .Number("validDurationInSeconds", 60)
                                                               .str())
                         .Text());
  const auto download = [&](const std::string& path) {
    return Send({.method = "GET",
                 .path = path,
                 .query = "Authorization=" + PercentEncode(reply.Text("authorizationToken"))})
        .status;
  };
  EXPECT_EQ(download("/file/bucket/p/a"), 200);
  EXPECT_EQ(download("/file/bucket/q/a"), 401);
  now_ += 60'000;
  EXPECT_EQ(download("/file/bucket/p/a"), 401);
}

}  // namespace
}  // namespace runner::testing::b2
