#include "runner/process/stop_sequence.h"

#include <gtest/gtest.h>

#include <csignal>

namespace runner {
namespace {

using std::chrono::milliseconds;

constexpr MonotonicTime At(int ms) { return MonotonicTime{milliseconds{ms}}; }

TEST(StopSequence, DoesNothingUntilItBegins) {
  StopSequence stop({milliseconds{10}, milliseconds{5}});
  EXPECT_EQ(stop.Due(At(1000)), std::nullopt);
  EXPECT_EQ(stop.Next(), std::nullopt);
  EXPECT_EQ(stop.Cause(), StopCause::kNone);
}

TEST(StopSequence, SendsEachSignalOnceAndWhenItsGraceIsOver) {
  StopSequence stop({milliseconds{10}, milliseconds{5}});
  EXPECT_TRUE(stop.Begin(StopCause::kStalled, At(100)));
  EXPECT_EQ(stop.Due(At(100)), SIGINT);
  EXPECT_EQ(stop.Due(At(109)), std::nullopt);
  EXPECT_EQ(stop.Next(), At(110));
  EXPECT_EQ(stop.Due(At(110)), SIGTERM);
  EXPECT_EQ(stop.Due(At(114)), std::nullopt);
  EXPECT_EQ(stop.Due(At(115)), SIGKILL);
  EXPECT_EQ(stop.Due(At(10'000)), std::nullopt);
  EXPECT_EQ(stop.Next(), std::nullopt);
}

TEST(StopSequence, TheFirstCauseStays) {
  StopSequence stop({});
  EXPECT_FALSE(stop.Begin(StopCause::kNone, At(0)));
  EXPECT_TRUE(stop.Begin(StopCause::kDeadline, At(1)));
  EXPECT_FALSE(stop.Begin(StopCause::kRequested, At(2)));
  EXPECT_EQ(stop.Cause(), StopCause::kDeadline);
}

TEST(StopSequence, InAHurryTheNextSignalFollowsAtOnceAndTheKillSoon) {
  StopSequence stop({milliseconds{60'000}, milliseconds{60'000}});
  stop.Hurry(At(0));
  EXPECT_EQ(stop.Next(), std::nullopt);
  stop.Begin(StopCause::kRequested, At(0));
  EXPECT_EQ(stop.Due(At(0)), SIGINT);
  stop.Hurry(At(100));
  EXPECT_EQ(stop.Due(At(100)), SIGTERM);
  EXPECT_EQ(stop.Due(At(3'099)), std::nullopt);
  EXPECT_EQ(stop.Due(At(3'100)), SIGKILL);
}

TEST(StopSequence, WhoHurriesTwiceGetsTheKill) {
  StopSequence stop({milliseconds{60'000}, milliseconds{60'000}});
  stop.Begin(StopCause::kRequested, At(0));
  EXPECT_EQ(stop.Due(At(0)), SIGINT);
  stop.Hurry(At(100));
  EXPECT_EQ(stop.Due(At(100)), SIGTERM);
  stop.Hurry(At(200));
  EXPECT_EQ(stop.Due(At(200)), SIGKILL);
}

TEST(StopSequence, ALateLookSkipsNoSignal) {
  StopSequence stop({milliseconds{10}, milliseconds{5}});
  stop.Begin(StopCause::kRequested, At(0));
  EXPECT_EQ(stop.Due(At(1000)), SIGINT);
  EXPECT_EQ(stop.Due(At(1000)), std::nullopt);
  EXPECT_EQ(stop.Due(At(1010)), SIGTERM);
}

}  // namespace
}  // namespace runner
