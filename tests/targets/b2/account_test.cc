#include "targets/b2/account.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace targets {
namespace {

constexpr const char* kVersion4 = R"({
  "accountId": "acc0123", "authorizationToken": "4_token",
  "applicationKeyExpirationTimestamp": 1800000000999,
  "apiInfo": {"groupsApi": {}, "storageApi": {
    "apiUrl": "https://api004.backblazeb2.com", "downloadUrl": "https://f004.backblazeb2.com",
    "s3ApiUrl": "https://s3.us-west-004.backblazeb2.com", "recommendedPartSize": 100000000,
    "allowed": {"buckets": [{"id": "b1", "name": "vault"}, {"id": "b2", "name": null}],
                "capabilities": ["listFiles", "readFiles"], "namePrefix": "host/"}}}})";

constexpr const char* kVersion3 = R"({
  "accountId": "acc0123", "authorizationToken": "3_token",
  "applicationKeyExpirationTimestamp": null,
  "apiInfo": {"storageApi": {
    "apiUrl": "https://api004.backblazeb2.com", "s3ApiUrl": "https://s3.eu.backblazeb2.com",
    "capabilities": ["listFiles"], "bucketId": "b1", "bucketName": "vault",
    "namePrefix": null, "infoType": "storageApi"}}})";

TEST(B2Account, IsDecodedFromVersion4) {
  const auto account = DecodeB2Account(kVersion4);
  ASSERT_TRUE(account) << account.error().message;
  const B2Account expected{.account_id = "acc0123",
                           .api_url = "https://api004.backblazeb2.com",
                           .s3_api_url = "https://s3.us-west-004.backblazeb2.com",
                           .capabilities = {"listFiles", "readFiles"},
                           .buckets = {{{"b1", "vault"}, {"b2", ""}}},
                           .name_prefix = "host/",
                           .expires = FromUnixSeconds(1'800'000'000),
                           .token = Secret("4_token")};
  EXPECT_EQ(*account, expected);
}

TEST(B2Account, IsDecodedFromVersion3) {
  const auto account = DecodeB2Account(kVersion3);
  ASSERT_TRUE(account) << account.error().message;
  const B2Account expected{.version = 3,
                           .account_id = "acc0123",
                           .api_url = "https://api004.backblazeb2.com",
                           .s3_api_url = "https://s3.eu.backblazeb2.com",
                           .capabilities = {"listFiles"},
                           .buckets = {{{"b1", "vault"}}},
                           .token = Secret("3_token")};
  EXPECT_EQ(*account, expected);
}

/// A whole reply but for what `storage` says.
std::string Reply(const std::string& storage, const std::string& more = "") {
  return fmt::format(
      R"({{"accountId":"a","authorizationToken":"t"{},"apiInfo":{{"storageApi":{}}}}})", more,
      storage);
}

TEST(B2Account, IsForEveryBucketIfNoneIsNamed) {
  for (const char* storage :
       {R"({"apiUrl":"u","capabilities":[],"bucketId":null})",
        R"({"apiUrl":"u","capabilities":[]})",
        R"({"apiUrl":"u","allowed":{"buckets":null,"capabilities":[],"namePrefix":null}})"}) {
    const auto account = DecodeB2Account(Reply(storage));
    ASSERT_TRUE(account) << storage << account.error().message;
    EXPECT_EQ(account->buckets, std::nullopt) << storage;
  }
  const auto none =
      DecodeB2Account(Reply(R"({"apiUrl":"u","allowed":{"buckets":[],"capabilities":[]}})"));
  ASSERT_TRUE(none && none->buckets);
  EXPECT_TRUE(none->buckets->empty()) << "an empty list is not the same as null";
}

std::string ErrorOf(const std::string& json) {
  const auto account = DecodeB2Account(json);
  return account ? "(none)" : account.error().message;
}

TEST(B2Account, SaysWhatIsMissingOrWrong) {
  EXPECT_EQ(ErrorOf(""), "the reply is no object");
  EXPECT_EQ(ErrorOf("<html>"), "the reply is no object");
  EXPECT_EQ(ErrorOf("[]"), "the reply is no object");
  EXPECT_EQ(ErrorOf("{}"), "apiInfo is no object");
  EXPECT_EQ(ErrorOf(Reply("{}")), "apiInfo.storageApi.apiUrl is missing or wrong");
  EXPECT_EQ(ErrorOf(Reply(R"({"apiUrl":"u"})")),
            "apiInfo.storageApi.capabilities is missing or wrong");
  EXPECT_EQ(ErrorOf(Reply(R"({"apiUrl":"u","capabilities":[1]})")),
            "apiInfo.storageApi.capabilities is missing or wrong");
  EXPECT_EQ(ErrorOf(Reply(R"({"apiUrl":"u","allowed":{"capabilities":[],"buckets":[{}]}})")),
            "apiInfo.storageApi.allowed.buckets.id is missing or wrong");
  for (const char* time : {"-1", "\"soon\"", "1.5", "99999999999999999999"}) {
    EXPECT_EQ(ErrorOf(Reply(R"({"apiUrl":"u","capabilities":[]})",
                            fmt::format(R"(,"applicationKeyExpirationTimestamp":{})", time))),
              "applicationKeyExpirationTimestamp is missing or wrong")
        << time;
  }
  EXPECT_EQ(
      ErrorOf(R"({"accountId":"a","apiInfo":{"storageApi":{"apiUrl":"u","capabilities":[]}}})"),
      "authorizationToken is missing or wrong");
}

TEST(B2Account, TakesNoExpiryBeyondWhatCanBeWritten) {
  const auto account =
      DecodeB2Account(Reply(R"({"apiUrl":"u","capabilities":[]})",
                            R"(,"applicationKeyExpirationTimestamp":9223372036854775807)"));
  ASSERT_TRUE(account);
  EXPECT_EQ(FormatRfc3339(account->expires.value()), "9999-12-31T23:59:59Z");
}

TEST(B2Account, SurvivesDeepNesting) { EXPECT_NE(ErrorOf(std::string(1'000'000, '[')), "(none)"); }

TEST(B2Buckets, AreDecodedWithTheirRules) {
  const auto buckets = DecodeB2Buckets(R"({"buckets":[
    {"bucketId":"1","bucketName":"vault","bucketType":"allPrivate","revision":3,"lifecycleRules":[
      {"daysFromHidingToDeleting":1,"daysFromUploadingToHiding":null,"fileNamePrefix":""},
      {"daysFromHidingToDeleting":null,"daysFromUploadingToHiding":7,"fileNamePrefix":"tmp/"}]},
    {"bucketName":"open","bucketType":"allPublic"}]})");
  ASSERT_TRUE(buckets) << buckets.error().message;
  const std::vector<B2Bucket> expected = {
      {"vault", "allPrivate", {{"", std::nullopt, 1}, {"tmp/", 7, std::nullopt}}, "1"},
      {"open", "allPublic", {}}};
  EXPECT_EQ(*buckets, expected);
  EXPECT_EQ(DecodeB2Buckets(R"({"buckets":[]})")->size(), 0U);
}

TEST(B2FileNames, AreReadAPageAtATime) {
  const auto page =
      DecodeB2FileNames(R"({"files":[{"fileName":"a","size":1}],"nextFileName":"b"})");
  EXPECT_EQ(page, (B2FileNames{{"a"}, "b"}));
  EXPECT_EQ(DecodeB2FileNames(R"({"files":[],"nextFileName":null})"), B2FileNames{});
  for (const char* json : {"", "{}", R"({"files":[{}]})", R"({"files":[],"nextFileName":7})"})
    EXPECT_FALSE(DecodeB2FileNames(json)) << json;
}

TEST(B2Buckets, SayWhatIsMissingOrWrong) {
  const auto error = [](const char* json) {
    const auto buckets = DecodeB2Buckets(json);
    return buckets ? "(none)" : buckets.error().message;
  };
  EXPECT_EQ(error("{}"), "buckets is missing or wrong");
  EXPECT_EQ(error(R"({"buckets":7})"), "buckets is missing or wrong");
  EXPECT_EQ(error(R"({"buckets":[{"bucketName":"vault"}]})"),
            "buckets.bucketType is missing or wrong");
  EXPECT_EQ(error(R"({"buckets":[{"bucketName":"v","bucketType":"t",
                      "lifecycleRules":[{"daysFromHidingToDeleting":-1}]}]})"),
            "buckets.lifecycleRules.daysFromHidingToDeleting is missing or wrong");
}

TEST(B2Error, IsWhatCanBeReadOfIt) {
  EXPECT_EQ(DecodeB2Error(R"({"status":401,"code":"unauthorized","message":"no\nway"})"),
            (B2ErrorReply{"unauthorized", "no way"}));
  EXPECT_EQ(DecodeB2Error(R"({"status":401,"code":null})"), B2ErrorReply{});
  EXPECT_EQ(DecodeB2Error("<html>502 Bad Gateway</html>"), B2ErrorReply{});
  EXPECT_LE(DecodeB2Error(R"({"message":")" + std::string(5000, 'x') + "\"}").message.size(), 200U);
}

}  // namespace
}  // namespace targets
