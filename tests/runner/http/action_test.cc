#include <gmock/gmock.h>

#include "tests/runner/http/site_world.h"

namespace runner::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

TEST_F(SiteWorld, WithoutATokenThereIsNoActionAtAll) {
  door_.SetToken(std::nullopt);
  SignIn();
  EXPECT_THAT(Body("/"), HasSubstr("This page only shows"));
  EXPECT_EQ(Get("/login").status, 404);
  EXPECT_EQ(Post("/login", "token=").status, 403);
  EXPECT_EQ(Post("/actions/run", "target=photos&key=" + key).status, 403);
  EXPECT_EQ(Post("/api/v1/actions/run", "target=photos").status, 403);
  EXPECT_THAT(actions_.asked, IsEmpty());
}

TEST_F(SiteWorld, TheTokenOpensASessionInACookieThatScriptsDoNotSee) {
  EXPECT_THAT(Body("/login"), HasSubstr("type=\"password\""));
  EXPECT_EQ(Post("/login", "token=wrong").status, 403);
  const Response right = Post("/login", std::string("token=") + kToken);
  EXPECT_EQ(right.status, 303);
  EXPECT_THAT(right.headers, Contains(Pair("Set-Cookie",
                                           "runner_session=random1; Path=/; "
                                           "HttpOnly; SameSite=Strict")));
  session = "random1";
  EXPECT_THAT(Body("/targets/photos"), HasSubstr("Back up now"));
  session = "random2";
  EXPECT_THAT(Body("/targets/photos"), Not(HasSubstr("Back up now")));
}

TEST_F(SiteWorld, AnActionNeedsTheSessionAndTheKeyOfItsForm) {
  EXPECT_EQ(Post("/actions/run", "target=photos&key=").status, 403);
  SignIn();
  EXPECT_EQ(Post("/actions/run", "target=photos").status, 403);
  EXPECT_EQ(Post("/actions/run", "target=photos&key=guess").status, 403);
  EXPECT_THAT(actions_.asked, IsEmpty());
  EXPECT_EQ(Post("/actions/run", "target=photos&key=" + key).status, 202);
  EXPECT_THAT(actions_.asked, ElementsAre("backup photos"));
}

TEST_F(SiteWorld, AFormOfAForeignPageIsRefused) {
  SignIn();
  const std::string form = "target=photos&key=" + key;
  for (const char* foreign : {"http://evil.example", "null", "http://127.0.0.1:9999"}) {
    origin = foreign;
    EXPECT_EQ(Post("/actions/run", form).status, 403) << foreign;
  }
  origin = "http://127.0.0.1:8787";
  EXPECT_EQ(Post("/actions/run", form).status, 202);
  origin = "https://backup.example.org";
  EXPECT_EQ(Post("/actions/run", form).status, 403);
  config_.server.hosts = {"backup.example.org"};
  Install();
  EXPECT_EQ(Post("/actions/run", form).status, 202) << "a proxy may change the Host header";
  Request plain = To("/actions/run");
  plain.method = Method::kPost;
  plain.content_type = "text/plain";
  plain.body = form;
  EXPECT_EQ(site_.Answer(plain).status, 403);
}

TEST_F(SiteWorld, ASessionEndsBySigningOutAndByTime) {
  SignIn();
  EXPECT_EQ(Post("/logout", "key=" + key).status, 303);
  EXPECT_EQ(door_.ViewerOf(session).rights, Viewer::Rights::kSignedOut);
  SignIn();
  clock_.Advance(Doorkeeper::kSessionLife - std::chrono::seconds(1));
  EXPECT_EQ(door_.ViewerOf(session).rights, Viewer::Rights::kMayAct);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(door_.ViewerOf(session).rights, Viewer::Rights::kSignedOut);
  SignIn();
  door_.SetToken(targets::Secret("another token"));
  EXPECT_EQ(door_.ViewerOf(session).rights, Viewer::Rights::kSignedOut);
}

TEST_F(SiteWorld, ManySessionsEndTheOldest) {
  SignIn();
  for (std::size_t i = 1; i < Doorkeeper::kMostSessions; ++i) {
    clock_.Advance(std::chrono::seconds(1));
    door_.Open();
  }
  EXPECT_EQ(door_.ViewerOf(session).rights, Viewer::Rights::kMayAct);
  clock_.Advance(std::chrono::seconds(1));
  door_.Open();
  EXPECT_EQ(door_.ViewerOf(session).rights, Viewer::Rights::kSignedOut);
}

TEST_F(SiteWorld, WhoGuessesTokensHasToWait) {
  for (std::size_t i = 0; i < Doorkeeper::kWrongPerMinute; ++i)
    EXPECT_EQ(Post("/login", "token=guess").status, 403);
  EXPECT_EQ(Post("/login", std::string("token=") + kToken).status, 429);
  bearer = kToken;
  EXPECT_EQ(Post("/api/v1/actions/run", "target=photos").status, 429);
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_EQ(Post("/login", std::string("token=") + kToken).status, 303);
}

TEST_F(SiteWorld, AProgramActsWithTheTokenItself) {
  EXPECT_EQ(Post("/api/v1/actions/run", "target=photos").status, 401);
  bearer = "wrong";
  EXPECT_EQ(Post("/api/v1/actions/run", "target=photos").status, 401);
  bearer = kToken;
  EXPECT_EQ(Post("/api/v1/actions/run", "target=photos").status, 202);
  EXPECT_EQ(Post("/api/v1/actions/ack", "target=photos&verdict=discard").status, 202);
  EXPECT_THAT(actions_.asked, ElementsAre("backup photos", "discard photos"));
}

TEST_F(SiteWorld, OnlyWhatCanBeDoneIsTaken) {
  bearer = kToken;
  config_.maintenance.check = targets::CheckJob{health_world::Daily(), 30};
  config_.targets[0].enabled = false;  // database
  Install();
  for (const char* refused : {"run target=nothing", "run target=database", "run x=y",
                              "drill target=photos", "ack target=photos&verdict=maybe",
                              "prune x=", "restore target=photos", "forget target=photos"}) {
    const std::string text = refused;
    const std::size_t space = text.find(' ');
    EXPECT_EQ(Post("/api/v1/actions/" + text.substr(0, space), text.substr(space + 1)).status, 400)
        << refused;
  }
  EXPECT_THAT(actions_.asked, IsEmpty());
  EXPECT_EQ(Post("/api/v1/actions/check", "").status, 202);
  EXPECT_THAT(actions_.asked, ElementsAre("check "));
}

TEST_F(SiteWorld, AQuarantineIsAnsweredOnThePage) {
  SignIn();
  EXPECT_THAT(Body("/targets/photos"), Not(HasSubstr("/actions/ack")));
  TargetFacts facts;
  facts.quarantined = {{{targets::SnapshotId("a"), kNow, 1, 1}, {}, "it shrank"}};
  SetFacts(facts);
  clock_.Advance(Lookout::kFresh);
  EXPECT_THAT(Body("/targets/photos"), HasSubstr("/actions/ack"));
  EXPECT_EQ(Post("/actions/ack", "target=photos&verdict=accept&key=" + key).status, 202);
  EXPECT_THAT(actions_.asked, ElementsAre("accept photos"));
}

TEST_F(SiteWorld, RandomTextsAreLongAndDiffer) {
  EXPECT_EQ(RandomText().size(), 64U);
  EXPECT_NE(RandomText(), RandomText());
}

}  // namespace
}  // namespace runner::testing
