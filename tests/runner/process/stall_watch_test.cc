#include "runner/process/stall_watch.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using std::chrono::milliseconds;

constexpr MonotonicTime At(int ms) { return MonotonicTime{milliseconds{ms}}; }

WatchPolicy TenMinutes() {
  WatchPolicy policy;
  policy.stall_timeout = milliseconds{600'000};
  return policy;
}

/// Looks every 10 s for an hour at a process that does `per_look` between two looks; the second of
/// the verdict, or -1.
int StalledAt(const ProcessActivity& per_look, targets::Bytes received_per_look) {
  StallWatch watch(TenMinutes(), At(0));
  ProcessActivity done;
  targets::Bytes received = 0;
  for (int second = 10; second <= 3600; second += 10) {
    done.io += per_look.io;
    done.cpu += per_look.cpu;
    done.io_hidden = per_look.io_hidden;
    received += received_per_look;
    if (watch.Look({{7, done}}, received, At(second * 1000))) return second;
  }
  return -1;
}

TEST(StallWatch, NeverLooksWithoutATimeout) {
  StallWatch watch({}, At(0));
  EXPECT_EQ(watch.NextLook(), std::nullopt);
  EXPECT_FALSE(watch.Look({}, 0, At(1'000'000)));
}

TEST(StallWatch, LooksTenTimesPerTimeoutWithinLimits) {
  for (const auto& [timeout, interval] :
       {std::pair{300, 100}, {1'000, 100}, {5'000, 500}, {100'000, 10'000}, {600'000, 10'000}}) {
    WatchPolicy policy;
    policy.stall_timeout = milliseconds{timeout};
    StallWatch watch(policy, At(50));
    EXPECT_EQ(watch.NextLook(), At(50 + interval));
    watch.Look({}, 0, At(1000));
    EXPECT_EQ(watch.NextLook(), At(1000 + interval));
  }
}

TEST(StallWatch, AnIdleGroupStallsExactlyAtTheTimeout) { EXPECT_EQ(StalledAt({}, 0), 600); }

TEST(StallWatch, StatusLinesAndTheirProcessorTimeAreNoProgress) {
  // Measured on restic 0.14 that waits for input which never comes: 147 bytes and 1 ms of CPU time
  // a second.
  EXPECT_EQ(StalledAt({1'470, milliseconds{10}, false}, 1'470), 600);
}

TEST(StallWatch, BytesThatTheRunnerDidNotReceiveAreProgress) {
  EXPECT_EQ(StalledAt({1'470, milliseconds{0}, false}, 0), -1);
}

TEST(StallWatch, ProcessorTimeAloneIsProgress) {
  EXPECT_EQ(StalledAt({0, milliseconds{200}, false}, 0), -1);
}

TEST(StallWatch, WhoeverOnlyPreparesStallsAfterSixTimesTheTimeoutHoweverBusy) {
  for (const bool begins : {false, true}) {
    StallWatch watch(TenMinutes(), At(0));
    targets::Bytes io = 0;
    int stalled = -1;
    for (int second = 10; second <= 7200 && stalled < 0; second += 10) {
      io += 1'000'000;
      const bool prepares = !begins || second < 3590;
      if (watch.Look({{7, {io, milliseconds{0}, false}}}, 0, At(second * 1000), prepares))
        stalled = second;
    }
    EXPECT_EQ(stalled, begins ? -1 : 3600);
  }
  StallWatch idle(TenMinutes(), At(0));
  EXPECT_TRUE(idle.Look({}, 0, At(600'000), true)) << "idle as ever";
}

TEST(StallWatch, ExactlyTheLimitIsNotEnough) {
  WatchPolicy policy = TenMinutes();
  for (const auto& [io, stalled] :
       {std::pair{policy.stall_bytes, true}, {policy.stall_bytes + 1, false}}) {
    StallWatch watch(policy, At(0));
    EXPECT_FALSE(watch.Look({{7, {io, milliseconds{0}, false}}}, 0, At(300'000)));
    EXPECT_EQ(watch.Look({{7, {io, milliseconds{0}, false}}}, 0, At(600'000)), stalled);
  }
  for (const auto& [cpu, stalled] : {std::pair{6'000, true}, {6'001, false}}) {
    StallWatch watch(policy, At(0));
    EXPECT_FALSE(watch.Look({{7, {0, milliseconds{cpu}, false}}}, 0, At(300'000)));
    EXPECT_EQ(watch.Look({{7, {0, milliseconds{cpu}, false}}}, 0, At(600'000)), stalled);
  }
}

TEST(StallWatch, ASmallTimeoutAsksForATenthOfASecond) {
  WatchPolicy policy;
  policy.stall_timeout = milliseconds{1'000};
  for (const auto& [cpu, stalled] : {std::pair{100, true}, {101, false}}) {
    StallWatch watch(policy, At(0));
    watch.Look({{7, {0, milliseconds{cpu}, false}}}, 0, At(500));
    EXPECT_EQ(watch.Look({{7, {0, milliseconds{cpu}, false}}}, 0, At(1'000)), stalled);
  }
}

TEST(StallWatch, WhereIoIsHiddenLittleProcessorTimeIsEnough) {
  EXPECT_EQ(StalledAt({0, milliseconds{10}, true}, 0), -1);
  EXPECT_EQ(StalledAt({0, milliseconds{0}, true}, 0), 600);
}

TEST(StallWatch, AMemberThatEndedIsNoStepBack) {
  StallWatch watch(TenMinutes(), At(0));
  const ProcessActivity big{10'000'000, milliseconds{0}, false};
  EXPECT_FALSE(watch.Look({{7, {}}, {8, big}}, 0, At(10'000)));
  EXPECT_FALSE(watch.Look({{7, {}}}, 0, At(20'000)));
  EXPECT_FALSE(watch.Look({{7, {100'000, milliseconds{0}, false}}}, 0, At(590'000)));
  EXPECT_FALSE(watch.Look({{7, {100'000, milliseconds{0}, false}}}, 0, At(1'189'000)));
  EXPECT_TRUE(watch.Look({{7, {100'000, milliseconds{0}, false}}}, 0, At(1'190'000)));
}

}  // namespace
}  // namespace runner
