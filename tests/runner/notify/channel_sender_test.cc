#include "runner/notify/channel_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_process_runner.h"

namespace runner {
namespace {

using targets::NewsKind;
using targets::NotifyChannel;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Script;

targets::SecretSource Inline(const std::string& value) {
  return targets::InlineSecret{targets::Secret(value)};
}

class FakeHttp final : public HttpTransport {
 public:
  HttpResult Send(const HttpRequest& request, const Stopped& /*stopped*/) override {
    requests.push_back(request);
    return answer;
  }
  HttpResult answer = HttpResponse{.status = 200, .headers = {}, .body = "OK\n"};
  std::vector<HttpRequest> requests;
};

class FakeMail final : public MailTransport {
 public:
  tl::expected<std::string, HttpError> Send(const SmtpRequest& request,
                                            const Stopped& /*stopped*/) override {
    requests.push_back(request);
    return answer;
  }
  tl::expected<std::string, HttpError> answer = "taken";
  std::vector<SmtpRequest> requests;
};

class ChannelSenderTest : public ::testing::Test {
 protected:
  ChannelSenderTest() {
    config_.instance = targets::InstanceName("server1");
    config_.repository.environment = {{"MY_TOKEN", "t"}};
  }

  targets::Result<std::string> Send(NotifyChannel::Way way) {
    const NotifyChannel channel{"phone", std::move(way), {}, {}, targets::Duration{7}};
    const Message message{NewsKind::kFailure, {"db", "photos"}, clock_.Now(), "title", "text\n"};
    return sender_.Send(channel, message, {});
  }

  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
  FakeHttp http_;
  FakeMail mail_;
  StopHandle stop_;
  targets::Config config_;
  ChannelSender sender_{{http_, mail_, processes_, stop_,
                         [](const targets::SecretSource& source,
                            const std::string& key) -> targets::Result<targets::Secret> {
                           if (const auto* value = std::get_if<targets::InlineSecret>(&source))
                             return value->value;
                           const auto* file = std::get_if<targets::FileSecret>(&source);
                           if (file != nullptr && file->path == "/ping")
                             return targets::Secret("https://hc-ping.com/key/{{target}}");
                           return targets::Fail(key + ": no such file");
                         }},
                        config_};
};

TEST_F(ChannelSenderTest, OnlyA2xxIsASuccess) {
  for (const auto& [status, good] : std::map<int, bool>{{199, false},
                                                        {200, true},
                                                        {204, true},
                                                        {299, true},
                                                        {300, false},
                                                        {302, false},
                                                        {404, false},
                                                        {500, false}}) {
    http_.answer = HttpResponse{.status = status, .headers = {}, .body = ""};
    EXPECT_EQ(Send(targets::PingWay{Inline("https://hc-ping.com/uuid")}).has_value(), good)
        << status;
  }
}

TEST_F(ChannelSenderTest, SaysWhatCameBack) {
  EXPECT_EQ(Send(targets::PingWay{Inline("https://hc-ping.com/uuid")}), "HTTP 200: OK");
}

TEST_F(ChannelSenderTest, BoundsTheTimeOfARequest) {
  ASSERT_TRUE(Send(targets::PingWay{Inline("https://hc-ping.com/uuid")}));
  EXPECT_EQ(http_.requests.front().timeout, std::chrono::seconds(7));
  EXPECT_LE(http_.requests.front().connect_timeout, std::chrono::seconds(7));
}

TEST_F(ChannelSenderTest, AnErrorRepeatsNoSecret) {
  http_.answer = HttpResponse{
      .status = 404, .headers = {}, .body = "no such check: /0a1b2c3d4e/fail for tk_secret"};
  targets::NtfyWay way{Inline("https://hc-ping.com/0a1b2c3d4e"), Inline("tk_secret"), {}, {}};
  const auto sent = Send(way);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message,
            "the message was not taken: HTTP 404: no such check: /***/fail for ***");
  EXPECT_EQ(sent.error().hint, "look at its url");
}

TEST_F(ChannelSenderTest, ASecretThatCannotBeHadIsAnError) {
  const auto sent = Send(targets::PingWay{targets::FileSecret{"/run/secrets/url"}});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message, "notify.phone.url: no such file");
}

TEST_F(ChannelSenderTest, MailsThroughTheUsualPort) {
  targets::EmailWay way{.host = "mail.example",
                        .user = "me",
                        .password = Inline("secret"),
                        .from = "a@example",
                        .to = {"b@example", "c@example"}};
  EXPECT_EQ(Send(way), "taken");
  const SmtpRequest& mail = mail_.requests.front();
  EXPECT_EQ(mail.port, 587);
  EXPECT_EQ(mail.security, SmtpRequest::Security::kStartTls);
  EXPECT_EQ(mail.password, "secret");
  EXPECT_EQ(mail.subject, "title");
  EXPECT_EQ(mail.timeout, std::chrono::seconds(7));
  way.security = targets::MailSecurity::kTls;
  ASSERT_TRUE(Send(way));
  EXPECT_EQ(mail_.requests.back().port, 465);
  way.port = 2525;
  ASSERT_TRUE(Send(way));
  EXPECT_EQ(mail_.requests.back().port, 2525);
}

TEST_F(ChannelSenderTest, ARefusedMailRepeatsNoPassword) {
  mail_.answer = tl::unexpected(HttpError{HttpError::Kind::kReply, "wrong: secret1"});
  targets::EmailWay way;
  way.host = "mail.example";
  way.password = Inline("secret1");
  const auto sent = Send(way);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message, "wrong: ***");
}

TEST_F(ChannelSenderTest, ACommandGetsTheMessageAndNoSecretOfTheRepository) {
  processes_.When(testing::HasWords({"tell"}), Script().Exits(0));
  ASSERT_TRUE(Send(targets::CommandWay{{"tell", "me"}}));
  const ProcessSpec spec = processes_.Launched().front();
  EXPECT_EQ(spec.environment.at("RUNNER_EVENT"), "failure");
  EXPECT_EQ(spec.environment.at("RUNNER_TARGET"), "db,photos");
  EXPECT_EQ(spec.environment.at("RUNNER_TITLE"), "title");
  EXPECT_EQ(spec.environment.at("RUNNER_MESSAGE"), "text\n");
  EXPECT_THAT(spec.unset, Contains("RESTIC_PASSWORD*"));
  EXPECT_THAT(spec.unset, Contains("MY_TOKEN"));
}

TEST_F(ChannelSenderTest, ACommandThatFailsSaysWhy) {
  processes_.When(testing::HasWords({"tell"}), Script().Complains("no modem\n").Exits(3));
  const auto sent = Send(targets::CommandWay{{"tell"}});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message, "the command tell failed: exit code 3: no modem");
}

TEST_F(ChannelSenderTest, ACommandThatHangsIsEnded) {
  processes_.When(testing::HasWords({"tell"}), Script().Works({}));
  const MonotonicTime before = clock_.Monotonic();
  const auto sent = Send(targets::CommandWay{{"tell"}});
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error().message, HasSubstr("did not end in time"));
  EXPECT_LE(clock_.Monotonic() - before, std::chrono::seconds(12));
}

TEST_F(ChannelSenderTest, AnAddressFromAFileIsOneForAllTargets) {
  const auto sent = Send(targets::PingWay{targets::FileSecret{"/ping"}});
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error().message,
              HasSubstr("{{target}} does not work in an address from a file"));
  EXPECT_TRUE(http_.requests.empty());
}

TEST_F(ChannelSenderTest, SaysWhatToLookAt) {
  const targets::PingWay ping{Inline("https://hc-ping.com/uuid")};
  http_.answer = HttpResponse{.status = 404, .headers = {}, .body = ""};
  EXPECT_THAT(Send(ping).error().hint, HasSubstr("not every service knows /log"));
  http_.answer = tl::unexpected(HttpError{HttpError::Kind::kUnreachable, "refused"});
  EXPECT_THAT(Send(ping).error().hint, HasSubstr("firewall"));
  http_.answer = tl::unexpected(HttpError{HttpError::Kind::kUntrusted, "not trusted"});
  EXPECT_THAT(Send(ping).error().hint, HasSubstr("SSL_CERT_FILE"));
}

}  // namespace
}  // namespace runner
