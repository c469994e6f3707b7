#include "runner/notify/desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runner {
namespace {

using targets::NewsKind;
using targets::NotifyChannel;
using targets::TargetId;
using targets::UnixTime;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const UnixTime kNow = targets::FromUnixSeconds(1'800'000'000);
constexpr targets::Duration kMinute{60};
const std::set<NewsKind> kEverything(targets::kNewsKinds.begin(), targets::kNewsKinds.end());

targets::SecretSource Url(const std::string& url) {
  return targets::InlineSecret{targets::Secret(url)};
}

NotifyChannel Phone() {
  return {"phone",
          targets::NtfyWay{Url("https://ntfy.sh/x"), {}, {}, {}},
          {},
          {NewsKind::kFailure, NewsKind::kReminder, NewsKind::kRecovery}};
}
NotifyChannel Ping(const std::string& url) {
  return {"ping", targets::PingWay{Url(url)}, {}, kEverything};
}

class DeskTest : public ::testing::Test {
 protected:
  DeskTest() {
    config_.instance = targets::InstanceName("server1");
    for (const char* id : {"db", "photos", "www"}) {
      targets::Target target;
      target.id = TargetId(id);
      config_.targets.push_back(target);
    }
  }

  /// One line for each message: "failure of db, photos".
  std::vector<std::string> Round(const NotifyChannel& channel, const RoundInput& input) {
    Desk desk = Decide(config_, channel, input, told_, now_);
    told_ = desk.told;
    now_ += kMinute;
    std::vector<std::string> lines;
    for (const Message& message : desk.messages) {
      std::string line = std::string(message.Event()) + " of ";
      for (const std::string& subject : message.subjects)
        line += (line.ends_with("of ") ? "" : ", ") + subject;
      lines.push_back(line);
    }
    return lines;
  }

  static RoundInput Lights(Light db, Light photos, Light repository = Light::kGreen) {
    return {{{"db", db, "no"}, {"photos", photos, "no"}, {"repository", repository, "no"}}, {}};
  }
  static RoundInput Run(NewsKind kind, const char* target) {
    return {{}, {{kind, TargetId(target), kNow, ""}}};
  }

  targets::Config config_;
  std::map<std::string, Told> told_;
  UnixTime now_ = kNow;
};

constexpr Light kGreen = Light::kGreen;
constexpr Light kRed = Light::kRed;
constexpr Light kUnsettled = Light::kUnsettled;

TEST_F(DeskTest, WhatHappensAtOnceIsOneMessage) {
  EXPECT_THAT(Round(Phone(), Lights(kRed, kRed)), ElementsAre("failure of db, photos"));
  EXPECT_THAT(Round(Phone(), Lights(kRed, kGreen, kRed)),
              ElementsAre("failure of repository", "recovery of photos"));
}

TEST_F(DeskTest, AChannelHearsOfItsTargetsAlone) {
  NotifyChannel phone = Phone();
  phone.targets = {TargetId("photos")};
  EXPECT_THAT(Round(phone, Lights(kRed, kGreen, kRed)), IsEmpty());
  EXPECT_THAT(Round(phone, Lights(kRed, kRed, kRed)), ElementsAre("failure of photos"));
}

TEST_F(DeskTest, AChannelHearsOnlyWhatItWants) {
  NotifyChannel phone = Phone();
  phone.on = {NewsKind::kRecovery};
  EXPECT_THAT(Round(phone, Lights(kRed, kGreen)), IsEmpty());
  EXPECT_THAT(Round(phone, Lights(kGreen, kGreen)), ElementsAre("recovery of db"));
  EXPECT_THAT(Round(phone, Run(NewsKind::kStart, "db")), IsEmpty());
}

TEST_F(DeskTest, AnAddressForEachTargetIsALampForEach) {
  const NotifyChannel ping = Ping("https://hc-ping.com/key/{{target}}");
  EXPECT_THAT(Round(ping, Lights(kRed, kRed, kRed)),
              ElementsAre("failure of db", "failure of photos"));
  EXPECT_THAT(Round(ping, Run(NewsKind::kStart, "www")), ElementsAre("start of www"));
  EXPECT_THAT(Round(ping, Run(NewsKind::kSuccess, "www")), ElementsAre("success of www"));
}

TEST_F(DeskTest, OneAddressForAllIsRedWhileAnyIs) {
  const NotifyChannel ping = Ping("https://hc-ping.com/uuid");
  EXPECT_THAT(Round(ping, Lights(kRed, kGreen)), ElementsAre("failure of all"));
  EXPECT_THAT(Round(ping, Lights(kRed, kRed)), IsEmpty()) << "it is red already";
  EXPECT_THAT(Round(ping, Run(NewsKind::kSuccess, "photos")), IsEmpty())
      << "a success of one does not make the other healthy";
  EXPECT_THAT(Round(ping, Lights(kUnsettled, kGreen)), IsEmpty());
  EXPECT_THAT(Round(ping, Lights(kGreen, kGreen)), ElementsAre("recovery of all"));
  EXPECT_THAT(Round(ping, Run(NewsKind::kSuccess, "photos")), ElementsAre("success of photos"));
}

TEST_F(DeskTest, ARetryIsNotAnnounced) {
  const NotifyChannel ping = Ping("https://hc-ping.com/key/{{target}}");
  EXPECT_THAT(Round(ping, Run(NewsKind::kStart, "db")), ElementsAre("start of db"));
  EXPECT_THAT(Round(ping, Lights(kRed, kGreen)), ElementsAre("failure of db"));
  EXPECT_THAT(Round(ping, Run(NewsKind::kStart, "db")), IsEmpty());
  EXPECT_THAT(Round(ping, Lights(kRed, kGreen)), IsEmpty());
}

TEST_F(DeskTest, ASuccessThatIsARecoveryIsToldOnce) {
  const NotifyChannel ping = Ping("https://hc-ping.com/key/{{target}}");
  Round(ping, Lights(kRed, kGreen));
  RoundInput healed = Lights(kGreen, kGreen);
  healed.runs = Run(NewsKind::kSuccess, "db").runs;
  EXPECT_THAT(Round(ping, healed), ElementsAre("recovery of db"));
}

TEST_F(DeskTest, ASuccessOfWhatIsRedForAnotherReasonIsNotTold) {
  const NotifyChannel ping = Ping("https://hc-ping.com/key/{{target}}");
  RoundInput both = Lights(kRed, kGreen);
  both.runs = Run(NewsKind::kSuccess, "db").runs;
  EXPECT_THAT(Round(ping, both), ElementsAre("failure of db"));
}

TEST_F(DeskTest, ForgetsASubjectThatIsGone) {
  Round(Phone(), Lights(kRed, kGreen));
  ASSERT_TRUE(told_.contains("db"));
  Round(Phone(), {});
  EXPECT_TRUE(told_.contains("db")) << "nobody looked";
  Round(Phone(), {{{"photos", kGreen}}, {}});
  EXPECT_FALSE(told_.contains("db"));
}

}  // namespace
}  // namespace runner
