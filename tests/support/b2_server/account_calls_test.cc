#include <Poco/Base64Encoder.h>
#include <gmock/gmock.h>

#include <sstream>

#include "tests/support/b2_server/api_fixture.h"

namespace runner::testing::b2 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Base64(const std::string& text) {
  std::ostringstream encoded;
  Poco::Base64Encoder encoder(encoded);
  encoder.rdbuf()->setLineLength(0);
  encoder << text;
  encoder.close();
  return encoded.str();
}

class AccountCallsTest : public ApiFixture {
 protected:
  Reply AuthorizeBy(const std::string& header, int version) {
    return Send({.method = "GET",
                 .path = "/b2api/v" + std::to_string(version) + "/b2_authorize_account",
                 .headers = {{"Authorization", header}}});
  }
  static constexpr const char* kUnknown = "Basic aWQ6c2VjcmV0";  // id:secret

  Reply ReplyTo(const NewKey& rights, int version) {
    const Key key = AddKey(rights);
    return AuthorizeBy("Basic " + Base64(key.id + ":" + key.secret), version);
  }
};

TEST_F(AccountCallsTest, RefusesAKeyThatItDoesNotKnow) {
  for (const char* header : {kUnknown, "Basic ?", "Bearer x", ""}) {
    const Reply reply = AuthorizeBy(header, 1);
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(CodeOf(reply), "unauthorized");
  }
}

TEST_F(AccountCallsTest, Version1HasAllAtTheTop) {
  const Reply reply = ReplyTo({.capabilities = {"readFiles"}, .bucket_ids = {bucket_}}, 1);
  const Fields top(reply.Text());
  EXPECT_EQ(top.Text("apiUrl"), "http://api");
  EXPECT_EQ(top.Text("downloadUrl"), "http://download");
  EXPECT_EQ(top.Number("absoluteMinimumPartSize"), 3);
  EXPECT_EQ(top.Number("recommendedPartSize"), 5);
  EXPECT_EQ(top.Number("minimumPartSize"), 5);
  const Fields allowed(*top.Json("allowed"));
  EXPECT_EQ(allowed.Text("bucketId"), bucket_);
  EXPECT_EQ(allowed.Texts("capabilities"), std::vector<std::string>{"readFiles"});
  EXPECT_EQ(allowed.Text("bucketName"), "bucket");
}

TEST_F(AccountCallsTest, Version2LeavesOutTheLeastPart) {
  const Reply reply = ReplyTo({.bucket_ids = {bucket_}, .prefix = "r/"}, 2);
  const Fields top(reply.Text());
  const Fields allowed(*top.Json("allowed"));
  EXPECT_EQ(allowed.Text("bucketName"), "bucket");
  EXPECT_EQ(allowed.Text("namePrefix"), "r/");
  EXPECT_FALSE(top.Has("minimumPartSize"));
}

TEST_F(AccountCallsTest, Version3NestsTheStorageApi) {
  const Reply reply = ReplyTo({.bucket_ids = {bucket_}, .expires_ms = now_ + 7}, 3);
  const Fields top(reply.Text());
  EXPECT_FALSE(top.Has("apiUrl"));
  EXPECT_EQ(top.Number("applicationKeyExpirationTimestamp"), now_ + 7);
  const Fields storage(*Fields(*top.Json("apiInfo")).Json("storageApi"));
  EXPECT_EQ(storage.Text("apiUrl"), "http://api");
  EXPECT_EQ(storage.Text("bucketId"), bucket_);
  EXPECT_EQ(storage.Text("bucketName"), "bucket");
}

TEST_F(AccountCallsTest, Version4ListsTheBuckets) {
  const Reply bound = ReplyTo({.bucket_ids = {bucket_}}, 4);
  EXPECT_THAT(std::string(bound.Text()),
              HasSubstr(R"("buckets":[{"id":")" + bucket_ + R"(","name":"bucket"}])"));
  EXPECT_THAT(std::string(ReplyTo({}, 4).Text()), HasSubstr(R"("buckets":null)"));
}

TEST_F(AccountCallsTest, AKeyForSeveralBucketsWorksWithVersion4Only) {
  const std::string other =
      api_.With([](Store& store, Keys&) { return store.AddBucket("other-bucket", {})->id; });
  EXPECT_EQ(ReplyTo({.bucket_ids = {bucket_, other}}, 3).status, 400);
  EXPECT_EQ(ReplyTo({.bucket_ids = {bucket_, other}}, 4).status, 200);
}

TEST_F(AccountCallsTest, CreatesListsAndDeletesKeys) {
  const Reply made = Call("b2_create_key", JsonObject()
                                               .Text("keyName", "mine")
                                               .Texts("capabilities", {"listFiles"})
                                               .Text("bucketId", bucket_)
                                               .Number("validDurationInSeconds", 60)
                                               .str());
  const Fields key(made.Text());
  EXPECT_EQ(key.Number("expirationTimestamp"), now_ + 60'000);
  EXPECT_NE(key.Text("applicationKey"), "");
  const std::string listed(Call("b2_list_keys").Text());
  EXPECT_THAT(listed, HasSubstr("mine"));
  EXPECT_THAT(listed, Not(HasSubstr(key.Text("applicationKey"))));
  const std::string id = JsonObject().Text("applicationKeyId", key.Text("applicationKeyId")).str();
  EXPECT_EQ(Call("b2_delete_key", id).status, 200);
  EXPECT_EQ(Call("b2_delete_key", id).status, 400);
  EXPECT_EQ(Call("b2_create_key", R"({"keyName":"x"})").status, 400);
}

}  // namespace
}  // namespace runner::testing::b2
