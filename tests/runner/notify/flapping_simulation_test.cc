// A week of an installation whose targets flap every few minutes: the rules, the queue and the
// files together, over restarts and while a channel is out of reach.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "runner/notify/notifier.h"
#include "tests/runner/notify/fake_sender.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::NewsKind;
using targets::TargetId;
using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

constexpr int kStep = 5;               // minutes
constexpr int kDay = 24 * 60 / kStep;  // in steps
constexpr int kWeek = 7 * kDay;

/// Counts what arrives, by channel, subject and kind.
class CountingSender final : public Sender {
 public:
  targets::Result<std::string> Send(const targets::NotifyChannel& channel, const Message& message,
                                    const Stopped& /*stopped*/) override {
    ++tries;
    if (down) return targets::Fail("no route to host");
    for (const std::string& subject : message.subjects) {
      const std::string what = channel.name + " " + subject + " " + std::string(message.Event());
      ++counts[what];
      EXPECT_TRUE(seen_.emplace(what, message.time).second) << "twice: " << message.title;
    }
    return "ok";
  }

  std::map<std::string, int> counts;
  int tries = 0;
  bool down = false;

 private:
  std::set<std::pair<std::string, targets::UnixTime>> seen_;
};

class FlappingSimulation : public ::testing::Test {
 protected:
  FlappingSimulation() {
    EXPECT_TRUE(folder_.Prepare(clock_.Now()));
    config_.instance = targets::InstanceName("server1");
    for (const char* id : {"bad", "calm", "flaps"})
      config_.targets.emplace_back().id = TargetId(id);
    config_.notify.push_back({"phone",
                              targets::CommandWay{{"tell"}},
                              {},
                              {NewsKind::kFailure, NewsKind::kReminder, NewsKind::kRecovery}});
    config_.notify.push_back({"lamp",
                              targets::PingWay{targets::InlineSecret{
                                  targets::Secret("https://hc-ping.com/key/{{target}}")}},
                              {},
                              {targets::kNewsKinds.begin(), targets::kNewsKinds.end()}});
    lock_ = store_.TryLock().value();
  }

  /// One step: `flaps` fails and heals in turns, each time after a run; `bad` never heals.
  void Live(int step) {
    if (step % 97 == 0) notifier_.emplace(Notifier::Tools{store_, sender_, clock_, listener_});
    const bool red = step % 2 == 0;
    RoundInput input{{{"bad", Light::kRed, "no space"},
                      {"calm", Light::kGreen},
                      {"flaps", red ? Light::kRed : Light::kGreen, "the mount is gone"}},
                     {{NewsKind::kStart, TargetId("flaps"), clock_.Now()}}};
    if (!red) input.runs.push_back({NewsKind::kSuccess, TargetId("flaps"), clock_.Now()});
    notifier_->Round(config_, input, {});
    clock_.Advance(std::chrono::minutes(kStep));
  }

  testing::FakeClock clock_;
  testing::MemoryFileSystem files_;
  StateFolder folder_{files_, "/state"};
  ChannelStore store_{files_, folder_};
  CountingSender sender_;
  Listener listener_;
  targets::Config config_;
  std::unique_ptr<FileLock> lock_;
  std::optional<Notifier> notifier_;
};

TEST_F(FlappingSimulation, AWeekOfItIsToldAsOftenAsTheRulesSay) {
  for (int step = 0; step < kWeek; ++step) Live(step);
  const std::map<std::string, int> expected = {
      {"lamp bad failure", 1},     {"lamp bad reminder", 6},
      {"lamp flaps failure", 2},   {"lamp flaps recovery", 1},
      {"lamp flaps reminder", 6},  {"lamp flaps start", 2},  // while it is not red
      {"phone bad failure", 1},    {"phone bad reminder", 6},
      {"phone flaps failure", 2},  {"phone flaps recovery", 1},
      {"phone flaps reminder", 6},
  };
  EXPECT_EQ(sender_.counts, expected);
}

TEST_F(FlappingSimulation, WhoIsOutOfReachIsTriedByTheHourAndToldNothingTwice) {
  for (int step = 0; step < kDay; ++step) Live(step);
  sender_.down = true;
  const int before = sender_.tries;
  for (int step = kDay; step < 3 * kDay; ++step) Live(step);
  EXPECT_THAT(sender_.tries - before, AllOf(Ge(2 * 44), Le(2 * 52))) << "of two channels";
  sender_.down = false;
  for (int step = 3 * kDay; step < kWeek; ++step) Live(step);
  EXPECT_LE(sender_.counts["phone flaps failure"], 2);
  EXPECT_LE(sender_.counts["phone flaps recovery"], 1);
  EXPECT_LE(sender_.counts["phone flaps reminder"], 6);
  EXPECT_GE(sender_.counts["phone bad reminder"], 3) << "the last days are told";
}

}  // namespace
}  // namespace runner
