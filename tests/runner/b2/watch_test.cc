#include "runner/b2/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_b2.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using targets::B2Level;
using targets::RepositoryKnown;
using ::testing::ElementsAre;
using testing::FakeB2;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kAuthorize = "b2_authorize_account";
constexpr const char* kList = "b2_list_buckets";
constexpr const char* kPath = "/state/b2_account.json";

class B2WatchTest : public ::testing::Test {
 protected:
  B2WatchTest() {
    files_.AddFolder("/state");
    config_.repository.url = "b2:vault:host";
    config_.targets.emplace_back();
    Restart();
  }

  /// As a new process does: the token is gone, the file stays.
  void Restart(const std::string& key_id = "key-id") {
    watch_ = std::make_unique<B2Watch>(client_, B2AnswerStore(files_, kPath), config_,
                                       targets::B2AddressOf(config_.repository.url).value(),
                                       B2Key{key_id, targets::Secret("secret")}, clock_);
  }
  /// The calls that one look costs.
  std::vector<std::string> Look() {
    b2_.calls.clear();
    look_ = watch_->Look(RepositoryKnown::kYes, trouble_, stop_);
    EXPECT_EQ(look_.asked, !b2_.calls.empty());
    return b2_.calls;
  }
  std::vector<std::string> Greet() {
    b2_.calls.clear();
    look_ = watch_->Greet(stop_);
    EXPECT_EQ(look_.asked, !b2_.calls.empty());
    return b2_.calls;
  }
  [[nodiscard]] std::vector<std::string> Bad() const {
    std::vector<std::string> messages;
    for (const targets::B2Finding& finding : look_.findings) {
      if (finding.level != B2Level::kOk) messages.push_back(finding.message);
    }
    return messages;
  }

  testing::FakeClock clock_;
  FakeB2 b2_{clock_};
  testing::MemoryFileSystem files_;
  targets::Config config_;
  StopHandle stop_;
  B2Client client_{b2_, clock_, [this](std::chrono::milliseconds by) { clock_.Advance(by); }, "1"};
  std::unique_ptr<B2Watch> watch_;
  B2Watch::Trouble trouble_ = B2Watch::Trouble::kNone;
  B2Look look_;
};

TEST_F(B2WatchTest, AsksOneThingEachTimeAndThenNothingForADay) {
  EXPECT_THAT(Look(), ElementsAre(kAuthorize));
  clock_.Advance(hours(1));
  EXPECT_THAT(Look(), ElementsAre(kList));
  for (int hour = 2; hour < 24; ++hour) {
    clock_.Advance(hours(1));
    EXPECT_THAT(Look(), IsEmpty()) << hour;
    EXPECT_EQ(look_.findings.size(), 2U) << "both are well";
  }
  clock_.Advance(hours(1));
  EXPECT_THAT(Look(), ElementsAre(kAuthorize));
  clock_.Advance(hours(1));
  EXPECT_THAT(Look(), ElementsAre(kList));
}

TEST_F(B2WatchTest, IsFreshUntilTheLastSecond) {
  Look();
  Look();
  clock_.Advance(hours(24) - seconds(1));
  EXPECT_THAT(Look(), IsEmpty());
  clock_.Advance(seconds(1));
  EXPECT_THAT(Look(), ElementsAre(kAuthorize, kList));
}

TEST_F(B2WatchTest, AsksBothIfItLooksOnlyOnceADay) {
  EXPECT_THAT(Look(), ElementsAre(kAuthorize));
  for (int day = 1; day < 4; ++day) {
    clock_.Advance(hours(24));
    EXPECT_THAT(Look(), ElementsAre(kAuthorize, kList)) << day;
    EXPECT_EQ(look_.findings.size(), 2U);
  }
}

TEST_F(B2WatchTest, DoesNotBelieveAnAnswerOfTheFuture) {
  Look();
  Look();
  clock_.JumpTo(clock_.Now() - hours(1));
  EXPECT_THAT(Look(), ElementsAre(kAuthorize, kList));
}

TEST_F(B2WatchTest, RemembersAcrossRestartsWithoutTheToken) {
  Look();
  Look();
  Restart();
  EXPECT_THAT(Look(), IsEmpty());
  EXPECT_EQ(look_.findings.size(), 2U);
  const auto text = files_.Read(kPath, 1 << 20).value().value();
  EXPECT_THAT(text, Not(HasSubstr("token-")));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  EXPECT_THAT(text, Not(HasSubstr("key-id")));
}

TEST_F(B2WatchTest, NeedsANewTokenAfterARestart) {
  Look();
  Restart();
  EXPECT_THAT(Look(), ElementsAre(kAuthorize, kList));
  EXPECT_THAT(Look(), IsEmpty());
}

TEST_F(B2WatchTest, ForgetsTheAnswerAboutAnotherKeyOrUrl) {
  Look();
  Look();
  Restart("another");
  EXPECT_THAT(Look(), ElementsAre(kAuthorize));
  Look();
  config_.repository.url = "b2:vault:elsewhere";
  Restart("another");
  EXPECT_THAT(Look(), ElementsAre(kAuthorize));
}

TEST_F(B2WatchTest, SeesTheExpiryComeWithoutAsking) {
  const auto expires = clock_.Now() + targets::kB2ExpiryWarning + hours(2);
  b2_.expires = std::to_string(targets::ToUnixSeconds(expires) * 1000);
  Look();
  Look();
  EXPECT_THAT(Bad(), IsEmpty());
  clock_.Advance(hours(2));
  EXPECT_THAT(Look(), IsEmpty());
  EXPECT_THAT(Bad(), ElementsAre(HasSubstr("the key expires in 14d")));
}

TEST_F(B2WatchTest, SeesARepairSoon) {
  b2_.bucket_type = "allPublic";
  Look();
  Look();
  EXPECT_THAT(Bad(), ElementsAre(HasSubstr("is public")));
  b2_.bucket_type = "allPrivate";
  Look();
  Look();
  EXPECT_THAT(Bad(), IsEmpty());
  EXPECT_THAT(Look(), IsEmpty());
  b2_.capabilities = R"("listBuckets")";
  clock_.Advance(hours(24));
  Look();
  EXPECT_EQ(Bad().size(), 4U);
  EXPECT_THAT(Look(), ElementsAre(kAuthorize));
}

TEST_F(B2WatchTest, AsksNotForABucketThatTheKeyMayNotList) {
  b2_.capabilities = R"("listFiles")";
  config_.targets.clear();
  EXPECT_THAT(Look(), ElementsAre(kAuthorize));
  EXPECT_THAT(Look(), ElementsAre(kAuthorize));
}

TEST_F(B2WatchTest, GoesOnWithWhatItKnewIfB2CannotBeAsked) {
  Look();
  Look();
  clock_.Advance(hours(24));
  b2_.always = FakeB2::Broken(HttpError::Kind::kUntrusted);
  Look();
  EXPECT_EQ(look_.failure->cause, Cause::kNetwork);
  EXPECT_EQ(look_.findings.size(), 2U);
  b2_.always = FakeB2::Status(401, "unauthorized");
  Look();
  EXPECT_EQ(look_.failure->cause, Cause::kKeyRefused);
  b2_.always.reset();
  EXPECT_THAT(Look(), ElementsAre(kAuthorize, kList));
  EXPECT_EQ(look_.failure, std::nullopt);
}

TEST_F(B2WatchTest, GreetsOnceAQuarterOfAnHour) {
  EXPECT_THAT(Greet(), ElementsAre(kAuthorize));
  EXPECT_THAT(Greet(), IsEmpty());
  clock_.Advance(B2Watch::kGreeted);
  b2_.always = FakeB2::Status(401, "unauthorized");
  EXPECT_THAT(Greet(), ElementsAre(kAuthorize));
  EXPECT_EQ(look_.failure->cause, Cause::kKeyRefused);
  EXPECT_THAT(Greet(), ElementsAre(kAuthorize)) << "until it goes well";
}

TEST_F(B2WatchTest, ALookNeedNotAskWhatAGreetingWasAnswered) {
  Greet();
  EXPECT_THAT(Look(), ElementsAre(kList));
  EXPECT_THAT(Look(), IsEmpty());
  Restart("another-key");
  EXPECT_THAT(Greet(), ElementsAre(kAuthorize));
  EXPECT_THAT(Look(), ElementsAre(kList)) << "what the other key was shown does not count";
}

TEST_F(B2WatchTest, AsksForTheKeyAnewIfResticFails) {
  Look();
  Look();
  trouble_ = B2Watch::Trouble::kRestic;
  b2_.always = FakeB2::Status(401, "unauthorized");
  EXPECT_THAT(Look(), ElementsAre(kAuthorize));
  EXPECT_EQ(look_.failure->cause, Cause::kKeyRefused);
  b2_.always.reset();
  EXPECT_THAT(Look(), ElementsAre(kAuthorize));
  trouble_ = B2Watch::Trouble::kNone;
  EXPECT_THAT(Look(), IsEmpty());
}

TEST_F(B2WatchTest, DoesNotBlameTheKeyForAnOldToken) {
  Look();
  b2_.always = FakeB2::Status(401, "expired_auth_token");
  EXPECT_THAT(Look(), ElementsAre(kList));
  EXPECT_NE(look_.failure->cause, Cause::kKeyRefused);
  b2_.always.reset();
  EXPECT_THAT(Look(), ElementsAre(kAuthorize, kList));
  EXPECT_THAT(Bad(), IsEmpty());
}

TEST_F(B2WatchTest, WorksWithoutAPlaceToRemember) {
  files_.SetFull(true);
  EXPECT_THAT(Look(), ElementsAre(kAuthorize));
  EXPECT_EQ(look_.findings.size(), 1U);
  EXPECT_THAT(Look(), ElementsAre(kAuthorize));
}

TEST_F(B2WatchTest, LooksAtBothAtOnceForAPerson) {
  const auto demand = DemandOf(config_, targets::B2AddressOf(config_.repository.url).value(),
                               "key-id", RepositoryKnown::kYes);
  const B2Key key{"key-id", targets::Secret("secret")};
  B2Look look = AskB2(client_, key, demand, clock_, stop_);
  EXPECT_THAT(b2_.calls, ElementsAre(kAuthorize, kList));
  EXPECT_EQ(look.findings.size(), 2U);
  EXPECT_EQ(look.failure, std::nullopt);
  b2_.calls.clear();
  b2_.capabilities = R"("listFiles")";
  look = AskB2(client_, key, demand, clock_, stop_);
  EXPECT_THAT(b2_.calls, ElementsAre(kAuthorize));
  b2_.always = FakeB2::Status(401, "unauthorized");
  look = AskB2(client_, key, demand, clock_, stop_);
  EXPECT_THAT(look.findings, IsEmpty());
  EXPECT_EQ(look.failure->cause, Cause::kKeyRefused);
}

}  // namespace
}  // namespace runner
