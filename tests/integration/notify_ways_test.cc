// `runner notify --test`: each way over HTTP, and a command, against what it talks to.
#include "tests/integration/notify_fixture.h"

namespace runner::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class NotifyWaysTest : public NotifyTest {
 protected:
  void Ping(const std::string& url, const std::string& timeout = "20s") {
    Configure("  ping: {kind: ping, url: \"" + url + "\", timeout: " + timeout + "}\n");
  }
  RecordingServer server_;
};

TEST_F(NotifyWaysTest, APingOfATestChangesNoLamp) {
  Ping(server_.url() + "/key-0a1b2c/{{target}}?create=1");
  const Ran ran = Test();
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_EQ(ran.out, "ping: sent (HTTP 200: OK)\n");
  EXPECT_THAT(server_.lines(), ElementsAre("POST /key-0a1b2c/photos/log?create=1"));
  EXPECT_THAT(server_.requests().front().body, HasSubstr("[test] test message"));
}

TEST_F(NotifyWaysTest, NtfyGetsTitleAndToken) {
  ws_.Write("token", "tk_geheim88\n", 0600);
  Configure("  phone: {kind: ntfy, url: \"" + server_.url() +
            "/my-topic\", token_file: " + ws_.Path("token") + "}\n");
  const Ran ran = Test();
  EXPECT_EQ(ran.code, 0) << ran.all();
  ASSERT_THAT(server_.lines(), ElementsAre("POST /my-topic"));
  const auto request = server_.requests().front();
  EXPECT_EQ(request.headers.at("title"), "[test] test message");
  EXPECT_EQ(request.headers.at("authorization"), "Bearer tk_geheim88");
  EXPECT_THAT(ran.all(), Not(HasSubstr("geheim")));
}

TEST_F(NotifyWaysTest, GotifyGetsItsToken) {
  Configure("  desk: {kind: gotify, url: \"" + server_.url() +
            "\", token_command: [printf, Ageheim99]}\n");
  EXPECT_EQ(Test().code, 0);
  ASSERT_THAT(server_.lines(), ElementsAre("POST /message"));
  EXPECT_EQ(server_.requests().front().headers.at("x-gotify-key"), "Ageheim99");
}

TEST_F(NotifyWaysTest, AWebhookGetsItsTemplateFilled) {
  Configure("  team:\n    kind: webhook\n    url: " + server_.url() + "/hook\n" +
            "    headers: {X-Key: geheim77}\n" +
            "    body: '{\"text\": \"*{{title}}* {{event}} {{target}}\"}'\n");
  EXPECT_EQ(Test().code, 0);
  const auto request = server_.requests().front();
  EXPECT_EQ(request.headers.at("content-type"), "application/json");
  EXPECT_EQ(request.headers.at("x-key"), "geheim77");
  EXPECT_EQ(request.body, R"({"text": "*[test] test message* test photos"})");
}

TEST_F(NotifyWaysTest, ACommandGetsTheMessageInItsEnvironment) {
  Configure("  pager: {kind: command, command: [sh, -c, 'env > \"" + ws_.Path("seen") + "\"']}\n");
  ws_.Set("RESTIC_PASSWORD", "correct horse");
  const Ran ran = Test();
  EXPECT_EQ(ran.code, 0) << ran.all();
  const std::string seen = ws_.Read("seen");
  EXPECT_THAT(seen, HasSubstr("RUNNER_EVENT=test\n"));
  EXPECT_THAT(seen, HasSubstr("RUNNER_TITLE=[test] test message\n"));
  EXPECT_THAT(seen, Not(HasSubstr("correct horse")));
}

TEST_F(NotifyWaysTest, OnlyA2xxCounts) {
  Ping(server_.url() + "/0a1b2c3d");
  server_.Answer(500, "oops at /0a1b2c3d/log");
  const Ran error = Test();
  EXPECT_EQ(error.code, 1);
  EXPECT_EQ(error.out, "ping: FAILED: the message was not taken: HTTP 500: oops at /***/log\n");
  server_.Answer(302);
  const Ran redirected = Test();
  EXPECT_EQ(redirected.code, 1);
  EXPECT_THAT(redirected.out, HasSubstr("HTTP 302"));
  EXPECT_THAT(redirected.out, HasSubstr("hint: give the address to which it redirects"));
  EXPECT_EQ(server_.lines().size(), 2U) << "nobody went /elsewhere";
}

TEST_F(NotifyWaysTest, AServerThatHangsCostsTheTimeoutAndNoMore) {
  Ping(server_.url() + "/0a1b2c3d", "1s");
  server_.Hang();
  const auto start = std::chrono::steady_clock::now();
  const Ran ran = Test();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("no whole answer within 1 seconds"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(NotifyWaysTest, SaysThatNobodyListens) {
  Ping("http://127.0.0.1:9/0a1b2c3d");
  const Ran ran = Test();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("ping: FAILED: cannot talk to 127.0.0.1:9"));
  EXPECT_THAT(ran.all(), Not(HasSubstr("0a1b2c3d")));
}

TEST_F(NotifyWaysTest, GivesNothingToAServerThatNobodyVouchesFor) {
  const auto ca = b2::MakeTestCa(ws_.Path("ca")).value();
  RecordingServer secure({ca.leaf_file, ca.leaf_key_file});
  Ping("https://localhost:" + std::to_string(secure.port()) + "/0a1b2c3d");
  const Ran refused = Test();
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.out, HasSubstr("the certificate of localhost is not trusted"));
  EXPECT_THAT(secure.lines(), IsEmpty());
  ws_.Set("SSL_CERT_FILE", ca.ca_file);
  EXPECT_EQ(Test().code, 0);
  EXPECT_THAT(secure.lines(), ElementsAre("POST /0a1b2c3d/log"));
}

TEST_F(NotifyWaysTest, TriesEachChannelOrTheOneThatIsNamed) {
  Configure("  bad: {kind: ping, url: \"http://127.0.0.1:9/\"}\n  good: {kind: ping, url: \"" +
            server_.url() + "\"}\n");
  const Ran both = Test();
  EXPECT_EQ(both.code, 1);
  EXPECT_THAT(both.out, HasSubstr("bad: FAILED"));
  EXPECT_THAT(both.out, HasSubstr("good: sent"));
  EXPECT_EQ(ws_.Runner({"notify", "--test", "good"}).code, 0);
  const Ran unknown = ws_.Runner({"notify", "--test", "god"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean \"good\"?"));
  EXPECT_EQ(ws_.Runner({"notify"}).code, 2);
  Configure("");
  EXPECT_EQ(Test().code, 2);
}

}  // namespace
}  // namespace runner::testing
