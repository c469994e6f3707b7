// `runner doctor` against the B2 test server: what B2 says about key and bucket, and what happens
// when it says nothing.
#include <gmock/gmock.h>

#include <chrono>

#include "tests/integration/b2_test.h"

namespace runner::testing {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kLastVersionOnly =
    R"([{"daysFromHidingToDeleting":1,"daysFromUploadingToHiding":null,"fileNamePrefix":""}])";

class B2DoctorTest : public B2Test {
 protected:
  static constexpr const char* kBucket = B2World::kBucket;
  static constexpr const char* kUrl = B2World::kUrl;

  void SetUp() override {
    B2Test::SetUp();
    if (IsSkipped()) return;
    ws().Write("photos/a.jpg", "a");
    Configure(kUrl);
  }

  void Configure(const std::string& url) {
    ws().Write("backup.yaml",
               "version: 1\ninstance: test\nstate_dir: " + ws().Path("state") +
                   "\nrepository:\n  url: " + url +
                   "\n  password: correct horse\n  b2:\n    account_id: ${B2_ACCOUNT_ID}\n"
                   "    account_key: ${B2_ACCOUNT_KEY}\ntargets:\n  photos:\n    source: " +
                   ws().Path("photos") + "\n");
  }
  void UseKey(const B2Server::NewKey& key) {
    key_ = server().AddKey(key);
    world().Use(key_);
  }
  /// Looks, within bounded time, and never shows the key.
  Ran Doctor(std::vector<std::string> more = {}) {
    more.insert(more.begin(), "doctor");
    const auto start = std::chrono::steady_clock::now();
    Ran ran = ws().Runner(more);
    took_ = std::chrono::steady_clock::now() - start;
    EXPECT_LT(took_, seconds(90));
    if (!key_.secret.empty()) {
      EXPECT_THAT(ran.all(), Not(HasSubstr(key_.secret)));
    }
    EXPECT_THAT(ran.all(), Not(HasSubstr("correct horse")));
    return ran;
  }

  B2Server::Credentials key_;
  std::chrono::steady_clock::duration took_{};
};

TEST_P(B2DoctorTest, IsContentWithAGoodKeyForTwoCallsOfClassC) {
  server().AddBucket("tidy-bucket", {.lifecycle = kLastVersionOnly});
  Configure("b2:tidy-bucket:r");
  UseKey({.buckets = {"tidy-bucket"}, .prefix = "r/"});
  const Ran ran = Doctor();
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_THAT(ran.out, AllOf(HasSubstr("ok       storage: Backblaze takes the key, which may do "
                                       "what is needed, for ever\n"),
                             HasSubstr("ok       storage: the bucket tidy-bucket is private")));
  EXPECT_EQ(server().log().Count("b2_authorize_account"), 1);
  EXPECT_EQ(server().log().Count("b2_list_buckets"), 1);
  EXPECT_EQ(server().log().ClassC(), 2);
  EXPECT_FALSE(ws().Exists("state")) << "it writes nothing";
}

TEST_P(B2DoctorTest, AsksNobodyIfItShallNot) {
  constexpr const char* kAnswered = " storage: [^m]";  // not about the machine key, that is
  const Ran ran = Doctor({"--offline"});
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_THAT(ran.out, Not(ContainsRegex(kAnswered)));
  Configure(ws().Path("repo"));
  EXPECT_THAT(Doctor().out, Not(ContainsRegex(kAnswered))) << "there is nobody to ask";
  EXPECT_EQ(server().log().Total(), 0);
}

TEST_P(B2DoctorTest, NamesEachCapabilityThatIsMissing) {
  const std::vector<std::string> all = {"listBuckets", "listFiles", "readFiles", "writeFiles",
                                        "deleteFiles"};
  for (const std::string& missing : all) {
    std::vector<std::string> others = all;
    std::erase(others, missing);
    UseKey({.capabilities = others, .buckets = {kBucket}});
    const Ran ran = Doctor();
    EXPECT_EQ(ran.code, 1) << ran.all();
    EXPECT_THAT(ran.out,
                AllOf(HasSubstr("ERROR    storage: the key lacks the capability " + missing + ": "),
                      HasSubstr("do: `b2 key create --bucket test-bucket runner ")));
  }
}

TEST_P(B2DoctorTest, NamesAKeyOfAnotherBucketOrOfOtherNames) {
  server().AddBucket("other-bucket");
  UseKey({.buckets = {"other-bucket"}});
  EXPECT_THAT(Doctor().out, HasSubstr("ERROR    storage: the key is not for the bucket "
                                      "test-bucket, but for other-bucket\n"));
  UseKey({.buckets = {kBucket}, .prefix = "elsewhere/"});
  EXPECT_THAT(Doctor().out, HasSubstr("ERROR    storage: the key is only for files whose name "
                                      "starts with \"elsewhere/\", but the repository lies below "
                                      "r/\n"));
  UseKey({.buckets = {kBucket, "other-bucket"}});
  EXPECT_THAT(Doctor().out, HasSubstr("ERROR    storage: the key is bound to 2 buckets"));
}

TEST_P(B2DoctorTest, NamesABucketThatIsNotThere) {
  Configure("b2:no-such-bucket:r");
  UseKey({});
  EXPECT_THAT(Doctor().out, HasSubstr("ERROR    storage: the bucket no-such-bucket does not exist, "
                                      "and the key lacks the capability writeBuckets"));
  world().Use(server().master_key());
  const Ran ran = Doctor();
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_THAT(ran.out, HasSubstr("note     storage: the bucket no-such-bucket does not exist yet"));
}

TEST_P(B2DoctorTest, WarnsOfAKeyThatExpires) {
  UseKey({.buckets = {kBucket}, .expires_in = std::chrono::minutes((24 * 13 + 5) * 60 + 30)});
  const Ran ran = Doctor();
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_THAT(ran.out, HasSubstr("WARNING  storage: the key expires in 13d5h"));
  UseKey({.buckets = {kBucket}, .expires_in = -std::chrono::hours(1)});
  const Ran expired = Doctor();
  EXPECT_EQ(expired.code, 1);
  EXPECT_THAT(expired.out, AllOf(HasSubstr("ERROR    storage: Backblaze B2 refused the key "
                                           "(b2_authorize_account: 401 unauthorized"),
                                 HasSubstr("a key that expired or was deleted")));
}

TEST_P(B2DoctorTest, LooksAtTheBucket) {
  server().AddBucket("open-bucket", {.type = "allPublic", .lifecycle = kLastVersionOnly});
  Configure("b2:open-bucket:r");
  UseKey({.buckets = {"open-bucket"}});
  EXPECT_THAT(Doctor().out, HasSubstr("ERROR    storage: the bucket open-bucket is public"));
  Configure(kUrl);
  UseKey({.buckets = {kBucket}});
  const Ran ran = Doctor();
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_THAT(ran.out, AllOf(HasSubstr("WARNING  storage: no lifecycle rule of the bucket "
                                       "test-bucket deletes old versions"),
                             HasSubstr("a broken connection")));
}

TEST_P(B2DoctorTest, JudgesTheS3InterfaceToo) {
  Configure("s3:https://s3.us-west-000.backblazeb2.com/test-bucket/r");
  UseKey({.buckets = {kBucket}});
  EXPECT_THAT(Doctor().out, AllOf(HasSubstr("WARNING  storage: the key is bound to a bucket and "
                                            "lacks the capability listAllBucketNames"),
                                  HasSubstr("grow for ever")));
  Configure("s3:https://s3.eu-central-003.backblazeb2.com/test-bucket/r");
  EXPECT_THAT(Doctor().out, HasSubstr("ERROR    storage: repository.url names "
                                      "https://s3.eu-central-003.backblazeb2.com, but the account "
                                      "lies at https://s3.us-west-000.backblazeb2.com\n"));
}

TEST_P(B2DoctorTest, FallsBackToAnOlderInterface) {
  server().Inject({.api = "b2_authorize_account", .status = 404, .count = 1});
  EXPECT_THAT(Doctor().out, HasSubstr("ok       storage: Backblaze takes the key"));
  EXPECT_EQ(server().log().Count("b2_authorize_account"), 2);
}

TEST_P(B2DoctorTest, SaysThatTheKeyIsWrong) {
  ws().Set("B2_ACCOUNT_KEY", "a-wrong-secret");
  const Ran ran = Doctor();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("ERROR    storage: Backblaze B2 refused the key"),
                             HasSubstr("https://secure.backblaze.com/app_keys.htm")));
  EXPECT_THAT(ran.all(), Not(HasSubstr("a-wrong-secret")));
  EXPECT_EQ(server().log().Count("b2_authorize_account"), 1);
}

TEST_P(B2DoctorTest, NamesTheCap) {
  server().Inject({.api = "b2_authorize_account",
                   .status = 403,
                   .code = "transaction_cap_exceeded",
                   .count = -1});
  EXPECT_THAT(Doctor().out,
              AllOf(HasSubstr("ERROR    storage: the transaction cap of Backblaze B2 is exceeded"),
                    HasSubstr("raise the cap on https://secure.backblaze.com/")));
  EXPECT_EQ(server().log().Count("b2_authorize_account"), 1);
}

TEST_P(B2DoctorTest, WaitsAsLongAsItIsToldTo) {
  server().Inject({.api = "b2_list_buckets", .status = 429, .retry_after = 2, .count = 1});
  const Ran ran = Doctor();
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_GE(took_, seconds(2));
  EXPECT_EQ(server().log().Count("b2_list_buckets"), 2);
}

TEST_P(B2DoctorTest, DoesNotWaitForAnHour) {
  server().Inject({.api = "b2_authorize_account", .status = 429, .retry_after = 3600, .count = -1});
  EXPECT_THAT(Doctor().out,
              HasSubstr("ERROR    storage: Backblaze B2 could not serve the request"));
  EXPECT_EQ(server().log().Count("b2_authorize_account"), 1);
  EXPECT_LT(took_, seconds(20));
}

TEST_P(B2DoctorTest, GivesUpOnAServerThatIsAlwaysBusy) {
  server().Inject({.api = "b2_authorize_account", .status = 503, .count = -1});
  const Ran ran = Doctor();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("ERROR    storage: Backblaze B2 could not serve the request "
                                 "(b2_authorize_account: 503"));
  EXPECT_EQ(server().log().Count("b2_authorize_account"), 4);
}

TEST_P(B2DoctorTest, GoesOnAfterABrokenConnection) {
  server().Inject({.api = "b2_authorize_account", .kind = B2Server::Fault::Kind::kReset});
  server().Inject({.api = "b2_list_buckets", .kind = B2Server::Fault::Kind::kTruncate});
  const Ran ran = Doctor();
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_THAT(ran.out, HasSubstr("ok       storage: Backblaze takes the key"));
}

TEST_P(B2DoctorTest, EndsAtOnceIfItIsInterruptedWhileB2Hangs) {
  server().Inject({.kind = B2Server::Fault::Kind::kHang, .count = -1});
  const auto doctor = ws().StartRunner({"doctor"});
  ASSERT_TRUE(Eventually([&] { return server().log().Total() > 0 || !doctor->Alive(); }));
  const auto start = std::chrono::steady_clock::now();
  doctor->Signal(SIGINT);
  EXPECT_EQ(doctor->Wait().code, 130);
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(5));
}

TEST_P(B2DoctorTest, SaysThatThereIsNoNetwork) {
  ws().Set("HTTPS_PROXY", "http://127.0.0.1:9");
  const Ran ran = Doctor({"--json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("\"area\":\"storage\",\"message\":\"Backblaze B2 could not "
                                       "be asked (b2_authorize_account: cannot talk to "
                                       "127.0.0.1:9, the proxy"),
                             HasSubstr("--offline")));
}

TEST_P(B2DoctorTest, SaysThatTheProxyRefuses) {
  server().AddBucket("irrelevant");
  ws().Set("HTTPS_PROXY", "socks5://user:very-secret@127.0.0.1:1");
  EXPECT_THAT(Doctor().all(), AllOf(HasSubstr("the proxy of HTTPS_PROXY is no http:// address"),
                                    Not(HasSubstr("very-secret"))));
}

TEST_P(B2DoctorTest, TrustsNoCertificateThatNobodyVouchesFor) {
  ws().Set("SSL_CERT_FILE", "");
  const Ran ran = Doctor();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("the certificate of api.backblazeb2.com is not trusted"),
                             HasSubstr("SSL_CERT_FILE")));
  EXPECT_EQ(server().log().Count("b2_authorize_account"), 0) << "the key was not told";
  EXPECT_LT(took_, seconds(20)) << "it is not tried again";
}

INSTANTIATE_TEST_SUITE_P(Restic, B2DoctorTest, ::testing::Values("system"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace runner::testing
