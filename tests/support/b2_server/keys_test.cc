#include "tests/support/b2_server/keys.h"

#include <gtest/gtest.h>

namespace runner::testing::b2 {
namespace {

constexpr std::int64_t kNow = 1'000'000;
constexpr std::int64_t kDay = 24LL * 60 * 60 * 1000;

std::string TokenOf(Keys& keys, const Key& key, std::int64_t now = kNow) {
  return keys.Authorize(key.id, key.secret, now)->token;
}

TEST(Keys, AuthorizeOnlyTheRightPair) {
  Keys keys;
  const Key key = keys.Add({});
  EXPECT_TRUE(keys.Authorize(key.id, key.secret, kNow));
  EXPECT_EQ(keys.Authorize(key.id, "wrong", kNow).error().code, "unauthorized");
  EXPECT_EQ(keys.Authorize("nobody", key.secret, kNow).error().code, "unauthorized");
  ASSERT_TRUE(keys.Remove(key.id));
  EXPECT_FALSE(keys.Authorize(key.id, key.secret, kNow));
  EXPECT_FALSE(keys.Remove(key.id));
}

TEST(Keys, KeepWhatAKeyMayDo) {
  Keys keys;
  const Key key = keys.Add({.capabilities = {"readFiles"}, .bucket_ids = {"b1"}, .prefix = "r/"});
  EXPECT_TRUE(key.May("readFiles"));
  EXPECT_FALSE(key.May("writeFiles"));
  EXPECT_TRUE(key.MayEnter("b1"));
  EXPECT_FALSE(key.MayEnter("b2"));
  EXPECT_TRUE(key.MayName("r/x"));
  EXPECT_FALSE(key.MayName("r"));
  EXPECT_TRUE(keys.master().May("writeBuckets"));
  EXPECT_TRUE(keys.master().MayEnter("b2"));
}

TEST(Keys, ATokenLastsADay) {
  Keys keys;
  const std::string token = TokenOf(keys, keys.master());
  EXPECT_EQ(keys.Check(token, kNow + kDay - 1)->id, keys.master().id);
  EXPECT_EQ(keys.Check(token, kNow + kDay).error().code, "expired_auth_token");
  EXPECT_EQ(keys.Check("made up", kNow).error().code, "bad_auth_token");
}

TEST(Keys, ATokenEndsWithItsKey) {
  Keys keys;
  const Key key = keys.Add({.expires_ms = kNow + 10});
  const std::string token = TokenOf(keys, key);
  EXPECT_TRUE(keys.Check(token, kNow + 9));
  EXPECT_EQ(keys.Check(token, kNow + 10).error().code, "expired_auth_token");
  EXPECT_FALSE(keys.Authorize(key.id, key.secret, kNow + 10));
}

TEST(Keys, TokensExpireOnDemandAndNewOnesWork) {
  Keys keys;
  const std::string old = TokenOf(keys, keys.master());
  keys.ExpireTokens();
  EXPECT_EQ(keys.Check(old, kNow).error().code, "expired_auth_token");
  EXPECT_TRUE(keys.Check(TokenOf(keys, keys.master()), kNow));
}

TEST(Keys, AnUploadTokenIsGoodForItsTargetOnly) {
  Keys keys;
  const std::string token = keys.AddUploadToken(keys.master(), "bucket", kNow);
  EXPECT_TRUE(keys.CheckUpload(token, "bucket", kNow));
  EXPECT_EQ(keys.CheckUpload(token, "other", kNow).error().code, "bad_auth_token");
  EXPECT_EQ(keys.Check(token, kNow).error().code, "bad_auth_token");
  EXPECT_EQ(keys.CheckUpload(TokenOf(keys, keys.master()), "bucket", kNow).error().code,
            "bad_auth_token");
}

TEST(Keys, AnUploadTokenServesOneRequestAtATime) {
  Keys keys;
  EXPECT_TRUE(keys.EnterUpload("token"));
  EXPECT_FALSE(keys.EnterUpload("token"));
  EXPECT_TRUE(keys.EnterUpload("another"));
  keys.LeaveUpload("token");
  EXPECT_TRUE(keys.EnterUpload("token"));
}

TEST(Keys, ADownloadTokenReadsBelowItsPrefixOnly) {
  Keys keys;
  const std::string token = keys.AddDownloadToken(keys.master(), "b1", "p/", kNow + 5);
  const Key narrow = *keys.Check(token, kNow);
  EXPECT_TRUE(narrow.May("readFiles"));
  EXPECT_FALSE(narrow.May("listFiles"));
  EXPECT_FALSE(narrow.MayEnter("b2"));
  EXPECT_FALSE(narrow.MayName("q"));
  EXPECT_FALSE(keys.Check(token, kNow + 5));
}

}  // namespace
}  // namespace runner::testing::b2
