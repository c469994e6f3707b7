#include "runner/notify/notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runner/notify/fake_sender.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::NewsKind;
using targets::NotifyChannel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::chrono::minutes kMinute{1};
constexpr std::chrono::hours kHour{1};

class NotifierTest : public ::testing::Test {
 protected:
  NotifierTest() {
    EXPECT_TRUE(folder_.Prepare(clock_.Now()));
    config_.instance = targets::InstanceName("server1");
    config_.targets.emplace_back().id = targets::TargetId("photos");
    AddChannel("phone");
    lock_ = store_.TryLock().value();
  }

  void AddChannel(const std::string& name) {
    config_.notify.push_back({name,
                              targets::CommandWay{{"tell"}},
                              {},
                              {targets::kNewsKinds.begin(), targets::kNewsKinds.end()}});
  }

  std::optional<targets::UnixTime> Look(Light light) {
    return notifier_->Round(config_, {{{"photos", light, "no space"}}, {}}, {});
  }
  std::optional<targets::UnixTime> Quietly() { return notifier_->Round(config_, {}, {}); }

  /// As after a restart of the program.
  void Restart() { notifier_.emplace(Tools()); }
  Notifier::Tools Tools() { return {store_, sender_, clock_, listener_}; }

  testing::FakeClock clock_;
  testing::MemoryFileSystem files_;
  StateFolder folder_{files_, "/state"};
  ChannelStore store_{files_, folder_};
  FakeSender sender_;
  Listener listener_;
  targets::Config config_;
  std::unique_ptr<FileLock> lock_;
  std::optional<Notifier> notifier_{Tools()};
};

constexpr const char* kFailed = "phone: failure [server1] photos is UNHEALTHY";

TEST_F(NotifierTest, TellsOfAChangeOnceAlsoAfterARestart) {
  Look(Light::kRed);
  Restart();
  Look(Light::kRed);
  EXPECT_THAT(sender_.sent, ElementsAre(kFailed));
  clock_.Advance(kMinute);
  Look(Light::kGreen);
  EXPECT_THAT(sender_.sent,
              ElementsAre(kFailed, "phone: recovery [server1] photos is HEALTHY again"));
}

TEST_F(NotifierTest, WhatCouldNotBeSentIsTriedAgainLaterAndLater) {
  sender_.down = "no route";
  std::optional<targets::UnixTime> next = Look(Light::kRed);
  for (const targets::Duration wait :
       {targets::Duration{60}, targets::Duration{300}, targets::Duration{900},
        targets::Duration{3600}, targets::Duration{3600}}) {
    ASSERT_EQ(next, clock_.Now() + wait);
    const int before = sender_.tries;
    clock_.Advance(wait - std::chrono::seconds(1));
    Quietly();
    ASSERT_EQ(sender_.tries, before) << "a second too early";
    clock_.Advance(std::chrono::seconds(1));
    next = Quietly();
    ASSERT_EQ(sender_.tries, before + 1);
  }
  EXPECT_THAT(listener_.said, ElementsAre("phone: no route; it is tried again"))
      << "a log that says it with each try would be noise";
}

TEST_F(NotifierTest, TheQueueSurvivesARestartAndKeepsItsOrder) {
  sender_.down = "no route";
  Look(Light::kRed);
  clock_.Advance(kMinute / 2);
  Look(Light::kGreen);
  EXPECT_THAT(sender_.sent, IsEmpty());
  Restart();
  sender_.down.clear();
  clock_.Advance(kMinute);
  Quietly();
  EXPECT_THAT(sender_.sent,
              ElementsAre(kFailed, "phone: recovery [server1] photos is HEALTHY again"));
}

TEST_F(NotifierTest, APowerCutWhileSendingRepeatsTheMessageInsteadOfLosingIt) {
  sender_.during = [&] { files_.StopBeforeStep(1); };
  Look(Light::kRed);
  sender_.during = {};
  files_.CrashAndLoseUnsynced();
  lock_ = store_.TryLock().value();
  Restart();
  Quietly();
  EXPECT_THAT(sender_.sent, ElementsAre(kFailed, kFailed));
}

TEST_F(NotifierTest, AChannelThatIsDownDoesNotHinderAnother) {
  AddChannel("mail");
  sender_.during = [&] { sender_.down = sender_.tries == 1 ? "no route" : ""; };
  Look(Light::kRed);
  EXPECT_THAT(sender_.sent, ElementsAre(HasSubstr("mail: failure")));
}

TEST_F(NotifierTest, GivesUpAfterADayAndSaysSo) {
  sender_.down = "no route";
  Look(Light::kRed);
  clock_.Advance(24 * kHour - std::chrono::seconds(1));
  Quietly();
  EXPECT_EQ(store_.Read("phone")->queue.size(), 1U);
  clock_.Advance(kHour);
  Quietly();
  const ChannelState state = store_.Read("phone").value();
  EXPECT_TRUE(state.queue.empty());
  EXPECT_EQ(state.lost, 1U);
  EXPECT_EQ(state.last_lost, clock_.Now());
  EXPECT_THAT(listener_.said.back(), HasSubstr("given up after a day: no route"));
}

TEST_F(NotifierTest, DropsTheOldestOfTooMany) {
  sender_.down = "no route";
  RoundInput input;
  for (std::size_t i = 0; i < ChannelState::kMostMessages; ++i)
    input.runs.push_back({NewsKind::kStart, targets::TargetId("photos"), clock_.Now(), ""});
  notifier_->Round(config_, input, {});
  EXPECT_EQ(store_.Read("phone")->lost, 0U);
  input.runs = {{NewsKind::kSuccess, targets::TargetId("photos"), clock_.Now(), ""}};
  notifier_->Round(config_, input, {});
  const ChannelState state = store_.Read("phone").value();
  EXPECT_EQ(state.queue.size(), ChannelState::kMostMessages);
  EXPECT_EQ(state.queue.back().kind, NewsKind::kSuccess);
  EXPECT_EQ(state.lost, 1U);
}

TEST_F(NotifierTest, AFullDiskMakesNobodyHearItAgainAndAgain) {
  files_.SetFull(true);
  Look(Light::kRed);
  Look(Light::kRed);
  EXPECT_THAT(sender_.sent, ElementsAre(kFailed));
  files_.SetFull(false);
  Look(Light::kRed);
  Restart();
  Look(Light::kRed);
  EXPECT_THAT(sender_.sent, ElementsAre(kFailed)) << "it was stored as soon as that was possible";
}

TEST_F(NotifierTest, ADamagedFileIsSetAside) {
  files_.AddFile("/state/notify/phone.json", "{\"version\": 1, \"told\"");
  Look(Light::kRed);
  EXPECT_THAT(sender_.sent, ElementsAre(kFailed));
  EXPECT_THAT(listener_.said, ElementsAre(HasSubstr("phone.json")));
  EXPECT_TRUE(files_.Read("/state/notify/phone.json.damaged", 1000)->has_value());
}

TEST_F(NotifierTest, AStopLeavesTheRestForLater) {
  bool stopped = false;
  sender_.during = [&] {
    stopped = true;
    sender_.down = "stopped";
  };
  notifier_->Round(config_, {{{"photos", Light::kRed, "no"}}, {}}, [&] { return stopped; });
  const ChannelState state = store_.Read("phone").value();
  EXPECT_EQ(state.queue.size(), 1U);
  EXPECT_EQ(state.attempts, 0) << "that was no failure of the channel";
}

TEST_F(NotifierTest, ForgetsAChannelThatIsNotConfiguredAnyMore) {
  Look(Light::kRed);
  ASSERT_TRUE(files_.Read("/state/notify/phone.json", 10'000)->has_value());
  config_.notify.clear();
  Quietly();
  EXPECT_FALSE(files_.Read("/state/notify/phone.json", 10'000)->has_value());
}

TEST_F(NotifierTest, AClockThatWasSetBackDelaysNoTryForLong) {
  sender_.down = "no route";
  Look(Light::kRed);
  clock_.JumpTo(clock_.Now() - kHour * 24 * 365);
  sender_.down.clear();
  Quietly();
  EXPECT_THAT(sender_.sent, ElementsAre(kFailed));
}

TEST_F(NotifierTest, WhatWaitsIsSentAtOnceWhenTheChannelIsKnownToWork) {
  sender_.down = "HTTP 500";
  Look(Light::kRed);
  sender_.down.clear();
  Quietly();
  EXPECT_THAT(sender_.sent, IsEmpty()) << "not before the next try";
  EXPECT_EQ(notifier_->SendWaiting(config_.notify.front(), {}), 1U);
  EXPECT_THAT(sender_.sent, ElementsAre("phone: failure [server1] photos is UNHEALTHY"));
  EXPECT_EQ(notifier_->SendWaiting(config_.notify.front(), {}), 0U);
  EXPECT_EQ(store_.Read("phone")->failing_since, std::nullopt);
}

}  // namespace
}  // namespace runner
