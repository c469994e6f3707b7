#include "runner/notify/http_ways.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using targets::NewsKind;
using targets::Secret;

Message Some(std::optional<NewsKind> kind) {
  return {kind,
          {"photos"},
          targets::FromUnixSeconds(1'800'000'000),
          "[server1] photos is \"bad\"",
          "no space\nleft\n"};
}

WaySecrets Url(const std::string& url, const std::string& token = "") {
  return {Secret(url), Secret(token), {}};
}

std::string PingUrl(const std::string& url, std::optional<NewsKind> kind) {
  return PingRequest(Url(url), "server1", Some(kind))->url;
}

TEST(PingRequest, SaysByItsPathHowThingsAre) {
  const std::string url = "https://hc-ping.com/uuid";
  EXPECT_EQ(PingUrl(url, NewsKind::kStart), url + "/start");
  EXPECT_EQ(PingUrl(url, NewsKind::kSuccess), url);
  EXPECT_EQ(PingUrl(url, NewsKind::kRecovery), url);
  EXPECT_EQ(PingUrl(url, NewsKind::kFailure), url + "/fail");
  EXPECT_EQ(PingUrl(url, NewsKind::kReminder), url + "/fail");
}

TEST(PingRequest, ATestClaimsNeitherSuccessNorFailure) {
  EXPECT_EQ(PingUrl("https://hc-ping.com/uuid", std::nullopt), "https://hc-ping.com/uuid/log");
}

TEST(PingRequest, KeepsAQueryBehindThePath) {
  EXPECT_EQ(PingUrl("https://hc.example/key/{{target}}/?create=1", NewsKind::kFailure),
            "https://hc.example/key/photos/fail?create=1");
}

TEST(PingRequest, CarriesTheReasonAsItsBody) {
  const auto request =
      PingRequest(Url("https://hc-ping.com/uuid"), "server1", Some(NewsKind::kFailure));
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->body, "[server1] photos is \"bad\"\n\nno space\nleft\n");
}

TEST(PingRequest, AnAddressThatIsNoneIsNotRepeated) {
  const auto request = PingRequest(Url("ftp://secret"), "server1", Some(NewsKind::kFailure));
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().message, "its url: it is no https:// address with a host");
}

TEST(NtfyRequest, HasTitlePriorityTagsAndToken) {
  const targets::NtfyWay way{{}, {}, 5, {"backup", "nas"}};
  const auto request =
      NtfyRequest(way, Url("https://ntfy.sh/topic", "tk_1"), Some(NewsKind::kFailure));
  EXPECT_EQ(request->url, "https://ntfy.sh/topic");
  EXPECT_EQ(request->headers.at("Title"), "[server1] photos is \"bad\"");
  EXPECT_EQ(request->headers.at("Priority"), "5");
  EXPECT_EQ(request->headers.at("Tags"), "rotating_light,backup,nas");
  EXPECT_EQ(request->headers.at("Authorization"), "Bearer tk_1");
  EXPECT_EQ(request->body, "no space\nleft\n");
}

TEST(NtfyRequest, GoodNewsIsNotUrgent) {
  const targets::NtfyWay way{{}, {}, 5, {}};
  const auto request = NtfyRequest(way, Url("https://ntfy.sh/topic"), Some(NewsKind::kRecovery));
  EXPECT_EQ(request->headers.at("Priority"), "3");
  EXPECT_EQ(request->headers.at("Tags"), "white_check_mark");
  EXPECT_FALSE(request->headers.contains("Authorization"));
}

TEST(NtfyRequest, ATitleThatIsNotAsciiIsEncoded) {
  Message message = Some(NewsKind::kFailure);
  message.title = "Büro";
  const auto request = NtfyRequest({}, Url("https://ntfy.sh/topic"), message);
  EXPECT_EQ(request->headers.at("Title"), "=?UTF-8?Q?B=C3=BCro?=");
}

TEST(GotifyRequest, PutsTheTokenIntoAHeader) {
  const auto request =
      GotifyRequest({}, Url("http://gotify.lan:8080/", "A1"), Some(NewsKind::kFailure));
  EXPECT_EQ(request->url, "http://gotify.lan:8080/message");
  EXPECT_EQ(request->headers.at("X-Gotify-Key"), "A1");
  EXPECT_EQ(request->body,
            R"({"title":"[server1] photos is \"bad\"","message":"no space\nleft\n","priority":8})");
}

TEST(WebhookRequest, WithoutATemplateSendsEverything) {
  const auto request =
      WebhookRequest({}, Url("https://example.com/hook"), "server1", Some(NewsKind::kReminder));
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->body,
            R"({"event":"reminder","instance":"server1","message":"no space\nleft\n",)"
            R"("target":"photos","time":"2027-01-15T08:00:00Z","title":"[server1] photos is )"
            R"(\"bad\""})");
}

TEST(WebhookRequest, EscapesWhatItPutsIntoATemplate) {
  targets::WebhookWay way;
  way.body = R"({"text": "*{{title}}*\n{{ message }}"})";
  const auto request =
      WebhookRequest(way, Url("https://example.com/hook"), "server1", Some(NewsKind::kFailure));
  EXPECT_EQ(request->body, R"({"text": "*[server1] photos is \"bad\"*\nno space\nleft\n"})");
}

TEST(WebhookRequest, RefusesATemplateThatMakesNoJson) {
  targets::WebhookWay way;
  way.body = R"({"text": {{title}}})";
  EXPECT_FALSE(
      WebhookRequest(way, Url("https://example.com/hook"), "server1", Some(NewsKind::kFailure)));
  way.headers = {{"content-type", "text/plain"}};
  const auto plain =
      WebhookRequest(way, Url("https://example.com/hook"), "server1", Some(NewsKind::kFailure));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->headers.at("Content-Type"), "text/plain");
}

TEST(WebhookRequest, HasTheHeadersAndTheMethodThatItIsGiven) {
  targets::WebhookWay way;
  way.method = "PUT";
  way.headers = {{"X-Key", "abc"}};
  const auto request =
      WebhookRequest(way, Url("https://example.com/hook"), "server1", Some(NewsKind::kFailure));
  EXPECT_EQ(request->method, "PUT");
  EXPECT_EQ(request->headers.at("X-Key"), "abc");
}

}  // namespace
}  // namespace runner
