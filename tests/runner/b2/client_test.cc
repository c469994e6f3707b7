#include "runner/b2/client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_b2.h"

namespace runner {
namespace {

using ::testing::ElementsAre;
using testing::FakeB2;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Kind = HttpError::Kind;

constexpr const char* kAuthorize = "b2_authorize_account";

class B2ClientTest : public ::testing::Test {
 protected:
  Outcome<targets::B2Account> Authorize() { return client_.Authorize(key_, stop_); }
  /// "cause: reason", or "(none)".
  std::string Refused() {
    const auto account = Authorize();
    if (account) return "(none)";
    EXPECT_THAT(account.error().reason + account.error().hint, Not(HasSubstr("secret")));
    return std::string(CauseName(account.error().cause)) + ": " + account.error().reason;
  }
  HttpResult Busy(int status, const std::string& retry_after) {
    HttpResult reply = FakeB2::Status(status, "too_busy");
    reply->headers["retry-after"] = retry_after;
    return reply;
  }
  std::chrono::milliseconds Took() { return clock_.Monotonic() - start_; }

  testing::FakeClock clock_;
  MonotonicTime start_ = clock_.Monotonic();
  FakeB2 b2_{clock_};
  StopHandle stop_;
  B2Key key_{"key-id", targets::Secret("secret")};
  B2Client client_{b2_, clock_, [this](std::chrono::milliseconds by) { clock_.Advance(by); },
                   "1.2.3"};
};

TEST_F(B2ClientTest, AuthorizesWithVersion4) {
  const auto account = Authorize();
  ASSERT_TRUE(account) << account.error().reason;
  EXPECT_EQ(account->version, 4);
  EXPECT_EQ(account->token, targets::Secret("token-1"));
  ASSERT_THAT(b2_.requests, SizeIs(1));
  const HttpRequest& request = b2_.requests.front();
  EXPECT_EQ(request.url, "https://api.backblazeb2.com/b2api/v4/b2_authorize_account");
  EXPECT_EQ(request.headers.at("User-Agent"), "runner/1.2.3");
  EXPECT_EQ(request.headers.at("Authorization"), "Basic a2V5LWlkOnNlY3JldA==");
}

TEST_F(B2ClientTest, FallsBackToVersion3) {
  b2_.knows_version_4 = false;
  const auto account = Authorize();
  ASSERT_TRUE(account) << account.error().reason;
  EXPECT_EQ(account->version, 3);
  ASSERT_TRUE(client_.FindBucket(*account, "vault", stop_));
  EXPECT_EQ(b2_.requests.back().url, "https://api004.backblazeb2.com/b2api/v3/b2_list_buckets");
}

TEST_F(B2ClientTest, FindsABucketWithTheToken) {
  const auto account = Authorize();
  const auto buckets = client_.FindBucket(*account, "vault \"x\"", stop_);
  ASSERT_TRUE(buckets) << buckets.error().reason;
  EXPECT_EQ(buckets->front().name, "vault");
  const HttpRequest& request = b2_.requests.back();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.headers.at("Authorization"), "token-1");
  EXPECT_EQ(request.body, R"({"accountId":"acc","bucketName":"vault \"x\""})");
}

TEST_F(B2ClientTest, NamesARefusedKeyAtOnce) {
  b2_.always = FakeB2::Status(401, "unauthorized");
  EXPECT_EQ(Refused(),
            "key_refused: Backblaze B2 refused the key (b2_authorize_account: 401 unauthorized)");
  b2_.always = FakeB2::Status(401, "expired_auth_token", "old");
  EXPECT_EQ(Refused(),
            "key_refused: Backblaze B2 says that the key or its token expired "
            "(b2_authorize_account: 401 expired_auth_token: old)");
  b2_.always = FakeB2::Status(403, "access_denied");
  EXPECT_THAT(Refused(), HasSubstr("key_refused: Backblaze B2 refused the key"));
  EXPECT_THAT(b2_.calls, SizeIs(3));
}

TEST_F(B2ClientTest, NamesTheCapThatIsExceeded) {
  for (const std::string cap : {"storage", "download", "transaction"}) {
    b2_.always = FakeB2::Status(403, cap + "_cap_exceeded");
    EXPECT_EQ(Refused(), fmt::format("cap_exceeded: the {0} cap of Backblaze B2 is exceeded "
                                     "(b2_authorize_account: 403 {0}_cap_exceeded)",
                                     cap));
  }
  b2_.always = FakeB2::Status(403, "", "Cannot list, transaction cap exceeded.");
  EXPECT_THAT(Refused(), HasSubstr("cap_exceeded: the usage cap"));
  EXPECT_THAT(b2_.calls, SizeIs(4)) << "none is asked again";
}

TEST_F(B2ClientTest, AsksAgainIfTheServerIsBusyOrTheConnectionBreaks) {
  b2_.first = {FakeB2::Status(503), FakeB2::Broken(Kind::kUnreachable), FakeB2::Status(429)};
  EXPECT_EQ(Refused(), "(none)");
  EXPECT_THAT(b2_.calls, SizeIs(4));
  EXPECT_EQ(Took(), std::chrono::seconds(1 + 2 + 4));
}

TEST_F(B2ClientTest, GivesUpAfterAFewTries) {
  b2_.always = FakeB2::Status(503, "service_unavailable", "no tomes available");
  EXPECT_EQ(Refused(),
            "network: Backblaze B2 could not serve the request (b2_authorize_account: 503 "
            "service_unavailable: no tomes available)");
  EXPECT_THAT(b2_.calls, SizeIs(B2Client::kTries));
  EXPECT_EQ(Took(), std::chrono::seconds(1 + 2 + 4));
}

TEST_F(B2ClientTest, GivesUpWhenItsPatienceIsOver) {
  b2_.takes = B2Client::kTimeout;
  b2_.always = FakeB2::Broken(Kind::kTimeout);
  EXPECT_THAT(Refused(), HasSubstr("network: Backblaze B2 could not be asked"));
  EXPECT_LE(Took(), B2Client::kPatience + B2Client::kTimeout);
  for (const HttpRequest& request : b2_.requests) EXPECT_LE(request.timeout, B2Client::kTimeout);
  EXPECT_LT(b2_.requests.back().timeout, B2Client::kTimeout) << "what is left of the patience";
}

TEST_F(B2ClientTest, ObeysRetryAfter) {
  b2_.first = {Busy(429, "7")};
  EXPECT_EQ(Refused(), "(none)");
  EXPECT_EQ(Took(), std::chrono::seconds(7));
}

TEST_F(B2ClientTest, TakesARetryAfterThatIsNoNumberForNone) {
  for (const char* text : {"Fri, 15 Jan 2027 08:00:00 GMT", "", "-1", "1.5", "99999999999"}) {
    const MonotonicTime before = clock_.Monotonic();
    b2_.first = {Busy(503, text)};
    EXPECT_EQ(Refused(), "(none)") << text;
    EXPECT_EQ(clock_.Monotonic() - before, std::chrono::seconds(1)) << text;
  }
}

TEST_F(B2ClientTest, DoesNotWaitLongerThanItsPatience) {
  b2_.always = Busy(429, "44");
  EXPECT_THAT(Refused(), HasSubstr("network: "));
  EXPECT_THAT(b2_.calls, SizeIs(2));
  EXPECT_EQ(Took(), std::chrono::seconds(44));
  b2_.calls.clear();
  b2_.always = Busy(429, "45");
  EXPECT_THAT(Refused(), HasSubstr("network: "));
  EXPECT_THAT(b2_.calls, SizeIs(1));
}

TEST_F(B2ClientTest, DoesNotAskAgainWhatCannotPass) {
  for (const Kind kind : {Kind::kUntrusted, Kind::kProxy, Kind::kReply}) {
    b2_.calls.clear();
    b2_.always = FakeB2::Broken(kind, "so it is");
    EXPECT_EQ(Refused(),
              "network: Backblaze B2 could not be asked (b2_authorize_account: so it is)");
    EXPECT_THAT(b2_.calls, SizeIs(1));
  }
  EXPECT_EQ(Took(), std::chrono::seconds(0));
}

TEST_F(B2ClientTest, StopsAtOnceIfAskedTo) {
  B2Client client(
      b2_, clock_,
      [this](std::chrono::milliseconds by) {
        clock_.Advance(by);
        stop_.Stop();
      },
      "1");
  b2_.always = FakeB2::Status(503);
  const auto account = client.Authorize(key_, stop_);
  ASSERT_FALSE(account);
  EXPECT_EQ(account.error().cause, Cause::kInterrupted);
  EXPECT_LE(Took(), std::chrono::milliseconds(200));
  EXPECT_THAT(b2_.calls, ElementsAre(kAuthorize));
}

TEST_F(B2ClientTest, DoesNotUnderstandWhatIsNoReplyOfB2) {
  b2_.always = HttpResponse{200, {}, "<html>Please log in</html>"};
  EXPECT_EQ(Refused(),
            "unknown: the answer of Backblaze B2 to b2_authorize_account is not understood: "
            "the reply is no object");
  b2_.always = HttpResponse{302, {}, ""};
  EXPECT_EQ(Refused(), "unknown: Backblaze B2 did not understand (b2_authorize_account: 302)");
}

TEST_F(B2ClientTest, TellsTheTokenNobodyWithoutTls) {
  for (const char* url : {"http://api004.backblazeb2.com", "api004", "ftp://x"}) {
    b2_.api_url = url;
    EXPECT_THAT(Refused(), HasSubstr("apiUrl is no https:// address")) << url;
  }
  b2_.api_url = "http://127.0.0.1:8080";
  EXPECT_EQ(Refused(), "(none)") << "that goes over no network";
}

}  // namespace
}  // namespace runner
