#include "runner/notify/rules.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using targets::Duration;
using targets::NewsKind;
using targets::UnixTime;

const UnixTime kNow = targets::FromUnixSeconds(1'800'000'000);
constexpr Duration kMinute{60};
constexpr Duration kHour{3600};
constexpr Duration kSecond{1};

Verdict Now(Light light) { return {"photos", light, "broken"}; }

/// What is told, one look after the other.
class Listener {
 public:
  std::optional<NewsKind> Look(Light light, UnixTime now) {
    Telling telling = Tell(told_, Now(light), now);
    told_ = telling.told;
    look_at_ = telling.look_at;
    return telling.news;
  }
  Told told_;
  std::optional<UnixTime> look_at_;
};

TEST(NotifyRules, SaysNothingWhileAllIsWell) {
  Listener listener;
  EXPECT_EQ(listener.Look(Light::kGreen, kNow), std::nullopt);
  EXPECT_EQ(listener.look_at_, std::nullopt);
}

TEST(NotifyRules, TellsAFailureAtOnceAndOnlyOnce) {
  Listener listener;
  EXPECT_EQ(listener.Look(Light::kRed, kNow), NewsKind::kFailure);
  for (int retry = 1; retry < 20; ++retry)
    EXPECT_EQ(listener.Look(Light::kRed, kNow + retry * kMinute), std::nullopt);
}

TEST(NotifyRules, RemindsOnceADayWhileRed) {
  Listener listener;
  listener.Look(Light::kRed, kNow);
  EXPECT_EQ(listener.look_at_, kNow + kReminderEvery);
  EXPECT_EQ(listener.Look(Light::kRed, kNow + kReminderEvery - kSecond), std::nullopt);
  EXPECT_EQ(listener.Look(Light::kRed, kNow + kReminderEvery), NewsKind::kReminder);
  EXPECT_EQ(listener.Look(Light::kRed, kNow + 2 * kReminderEvery - kSecond), std::nullopt);
  EXPECT_EQ(listener.Look(Light::kRed, kNow + 2 * kReminderEvery), NewsKind::kReminder);
}

TEST(NotifyRules, TellsARecoveryAtOnce) {
  Listener listener;
  listener.Look(Light::kRed, kNow);
  EXPECT_EQ(listener.Look(Light::kGreen, kNow + kMinute), NewsKind::kRecovery);
  EXPECT_EQ(listener.Look(Light::kGreen, kNow + 2 * kMinute), std::nullopt);
}

TEST(NotifyRules, ARunThatMayHealChangesNothing) {
  Listener listener;
  listener.Look(Light::kRed, kNow);
  EXPECT_EQ(listener.Look(Light::kUnsettled, kNow + kMinute), std::nullopt);
  EXPECT_EQ(listener.Look(Light::kRed, kNow + 2 * kMinute), std::nullopt);
  EXPECT_EQ(listener.Look(Light::kUnsettled, kNow + 2 * kReminderEvery), std::nullopt);
  EXPECT_EQ(listener.Look(Light::kRed, kNow + 2 * kReminderEvery), NewsKind::kReminder);
}

/// Red, green a minute later, red `pause` after that.
Listener AfterARecovery(Duration pause) {
  Listener listener;
  listener.Look(Light::kRed, kNow - kMinute);
  listener.Look(Light::kGreen, kNow);
  EXPECT_EQ(listener.Look(Light::kRed, kNow + pause), NewsKind::kFailure);
  return listener;
}

TEST(NotifyRules, TheRecoveryOfAFlappingSubjectWaitsForCalm) {
  Listener listener = AfterARecovery(kHour);
  const UnixTime green = kNow + 2 * kHour;
  EXPECT_EQ(listener.Look(Light::kGreen, green), std::nullopt);
  EXPECT_EQ(listener.look_at_, green + kCalm);
  EXPECT_EQ(listener.Look(Light::kGreen, green + kCalm - kSecond), std::nullopt);
  EXPECT_EQ(listener.Look(Light::kGreen, green + kCalm), NewsKind::kRecovery);
}

TEST(NotifyRules, CalmIsWithoutABreak) {
  Listener listener = AfterARecovery(kHour);
  const UnixTime green = kNow + 2 * kHour;
  listener.Look(Light::kGreen, green);
  EXPECT_EQ(listener.Look(Light::kRed, green + kHour), std::nullopt) << "it was told to be red";
  listener.Look(Light::kGreen, green + 2 * kHour);
  EXPECT_EQ(listener.Look(Light::kGreen, green + kCalm), std::nullopt);
  EXPECT_EQ(listener.Look(Light::kGreen, green + 2 * kHour + kCalm), NewsKind::kRecovery);
}

TEST(NotifyRules, WhoIsRedADayAfterTheRecoveryDoesNotFlap) {
  Listener early = AfterARecovery(kFlapWindow - kSecond);
  EXPECT_EQ(early.Look(Light::kGreen, kNow + kFlapWindow + kMinute), std::nullopt);
  Listener late = AfterARecovery(kFlapWindow);
  EXPECT_EQ(late.Look(Light::kGreen, kNow + kFlapWindow + kMinute), NewsKind::kRecovery);
}

TEST(NotifyRules, AClockThatWasSetBackDelaysNoReminderForYears) {
  Listener listener;
  listener.Look(Light::kRed, kNow + 1000 * kReminderEvery);
  EXPECT_EQ(listener.Look(Light::kRed, kNow), std::nullopt);
  EXPECT_EQ(listener.Look(Light::kRed, kNow + kReminderEvery), NewsKind::kReminder);
}

TEST(NotifyRules, AClockThatWasSetBackDelaysNoRecovery) {
  Listener listener = AfterARecovery(kHour);
  listener.Look(Light::kGreen, kNow + 1000 * kReminderEvery);
  EXPECT_EQ(listener.Look(Light::kGreen, kNow), std::nullopt);
  EXPECT_EQ(listener.Look(Light::kGreen, kNow + kCalm), NewsKind::kRecovery);
}

}  // namespace
}  // namespace runner
