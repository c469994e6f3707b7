#include "runner/notify/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "targets/base/utf8.h"

namespace runner {
namespace {

using targets::NewsKind;
using ::testing::HasSubstr;
using ::testing::Not;

const targets::UnixTime kNow = targets::FromUnixSeconds(1'800'000'000);
constexpr targets::Duration kDay{24 * 3600};

News Red(const std::string& subject) {
  return {{subject, Light::kRed, "disk is full", "hint: make room\n"}, {}};
}

TEST(NotifyMessage, SaysWhereWhatAndWhatToDo) {
  const Message message = MakeMessage(NewsKind::kFailure, "server1", {Red("photos")}, kNow);
  EXPECT_EQ(message.title, "[server1] photos is UNHEALTHY");
  EXPECT_EQ(message.text, "photos: disk is full\nhint: make room\n");
  EXPECT_EQ(message.Event(), "failure");
}

TEST(NotifyMessage, SeveralSubjectsShareOne) {
  const Message message =
      MakeMessage(NewsKind::kFailure, "server1", {Red("db"), Red("photos")}, kNow);
  EXPECT_EQ(message.title, "[server1] 2 are UNHEALTHY: db, photos");
  EXPECT_EQ(message.text,
            "db: disk is full\nhint: make room\n\nphotos: disk is full\nhint: make room\n");
}

TEST(NotifyMessage, AReminderSaysHowLong) {
  News news = Red("photos");
  news.before.since = kNow - 2 * kDay;
  const Message message = MakeMessage(NewsKind::kReminder, "server1", {news}, kNow);
  EXPECT_EQ(message.title, "[server1] photos is still UNHEALTHY");
  EXPECT_THAT(message.text, HasSubstr("told 2d ago"));
  EXPECT_THAT(message.text, Not(HasSubstr("comes and goes")));
}

TEST(NotifyMessage, AReminderOfWhatFlapsSaysThat) {
  News news = Red("photos");
  news.before.green_since = kNow;
  EXPECT_THAT(MakeMessage(NewsKind::kReminder, "server1", {news}, kNow).text,
              HasSubstr("it comes and goes"));
}

TEST(NotifyMessage, ARecoverySaysHowLongItLasted) {
  const News news{{"photos", Light::kGreen}, {.red = true, .since = kNow - kDay}};
  const Message message = MakeMessage(NewsKind::kRecovery, "server1", {news}, kNow);
  EXPECT_EQ(message.title, "[server1] photos is HEALTHY again");
  EXPECT_EQ(message.text, "photos: healthy again after 1d\n");
}

TEST(NotifyMessage, ARunSaysWhenIfThereIsNothingElseToSay) {
  const auto text = [](NewsKind kind, const std::string& more) {
    return MakeRunMessage(kind, "server1", "photos", more, kNow).text;
  };
  EXPECT_EQ(text(NewsKind::kStart, ""), "Begun at 2027-01-15T08:00:00Z\n");
  EXPECT_EQ(text(NewsKind::kSuccess, "snapshot 12345678\n"), "snapshot 12345678\n");
}

TEST(NotifyMessage, IsBounded) {
  News news = Red(std::string(500, 'x'));
  news.verdict.details = std::string(100'000, 'y');
  const Message message = MakeMessage(NewsKind::kFailure, "server1", {news}, kNow);
  EXPECT_LE(message.title.size(), 203U);  // the ellipsis
  EXPECT_EQ(message.text.size(), Message::kTextLimit);
  news.verdict.details = std::string(100'000, '\xff');  // three bytes each as U+FFFD
  const std::string bad = MakeMessage(NewsKind::kFailure, "server1", {news}, kNow).text;
  EXPECT_LE(bad.size(), Message::kTextLimit);
  EXPECT_EQ(targets::Utf8(bad), bad) << "no half character";
}

}  // namespace
}  // namespace runner
