#include "runner/app/progress_text.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr unsigned long long kMiB = 1024ULL * 1024;
constexpr MonotonicTime kStart{seconds{1000}};

Progress Half() {
  Progress progress;
  progress.target = "photos";
  progress.stage = "backup";
  progress.fraction = 0.478;
  progress.bytes_done = 478 * kMiB;
  progress.bytes_total = 1000 * kMiB;
  return progress;
}

TEST(ProgressMeter, KnowsNoRateBeforeASecondHasPassed) {
  ProgressMeter meter;
  EXPECT_FALSE(meter.BytesPerSecond());
  meter.Add(kStart, 0);
  meter.Add(kStart + milliseconds(999), 5000);
  EXPECT_FALSE(meter.BytesPerSecond());
  meter.Add(kStart + seconds(1), 5000);
  EXPECT_DOUBLE_EQ(meter.BytesPerSecond().value_or(0), 5000);
}

TEST(ProgressMeter, ForgetsHowFastItWasLongAgo) {
  ProgressMeter meter;
  unsigned long long bytes = 0;
  for (int second = 0; second <= 90; ++second) {
    meter.Add(kStart + seconds(second), bytes);
    bytes += second < 60 ? 1000 : 10;
  }
  EXPECT_DOUBLE_EQ(meter.BytesPerSecond().value_or(0), 10);
}

TEST(ProgressMeter, BeginsAnewWithAnotherRunOfTheSameJob) {
  ProgressMeter meter;
  meter.Add(kStart, 0);
  meter.Add(kStart + seconds(5), 9000);
  meter.Add(kStart + seconds(6), 100);
  EXPECT_FALSE(meter.BytesPerSecond());
  meter.Add(kStart + seconds(7), 300);
  EXPECT_DOUBLE_EQ(meter.BytesPerSecond().value_or(0), 200);
}

TEST(ProgressText, TellsWhatIsKnown) {
  Progress progress = Half();
  EXPECT_EQ(ProgressText(progress, std::nullopt), "47 %, 478.0 MiB of 1000.0 MiB");
  EXPECT_EQ(ProgressText(progress, 2.0 * kMiB),
            "47 %, 478.0 MiB of 1000.0 MiB, 2.0 MiB/s, 4m21s left");
  progress.seconds_remaining = 90;
  EXPECT_EQ(ProgressText(progress, 2.0 * kMiB),
            "47 %, 478.0 MiB of 1000.0 MiB, 2.0 MiB/s, 1m30s left");
}

TEST(ProgressText, NamesNoPartOfAnUnknownWhole) {
  Progress progress = Half();
  progress.bytes_total = 0;
  EXPECT_EQ(ProgressText(progress, 2.0 * kMiB), "478.0 MiB, 2.0 MiB/s");
}

TEST(ProgressText, PromisesNothingWhenNothingMoves) {
  EXPECT_EQ(ProgressText(Half(), 0.0), "47 %, 478.0 MiB of 1000.0 MiB, 0 B/s");
}

TEST(ProgressText, SaysAHundredPercentOnlyAtTheEnd) {
  Progress progress = Half();
  progress.fraction = 0.9999;
  EXPECT_EQ(ProgressText(progress, std::nullopt).substr(0, 4), "99 %");
  progress.fraction = 1.0;
  EXPECT_EQ(ProgressText(progress, std::nullopt).substr(0, 5), "100 %");
}

TEST(ProgressBar, ShowsItsPartInTwentySteps) {
  EXPECT_EQ(ProgressBar("photos  backup", Half(), std::nullopt, 120),
            "photos  backup  [#########-----------]  47 %  478.0 MiB of 1000.0 MiB");
}

TEST(ProgressBar, FitsEveryTerminal) {
  for (std::size_t columns = 0; columns < 130; ++columns)
    EXPECT_LE(ProgressBar("photos  backup", Half(), 1e9, columns).size(), columns);
  EXPECT_EQ(ProgressBar("photos  backup", Half(), std::nullopt, 60),
            "photos  backup   47 %  478.0 MiB of 1000.0 MiB");
}

TEST(ProgressBar, StandsNowhereWhileTheWholeIsUnknown) {
  Progress progress = Half();
  progress.bytes_total = 0;
  EXPECT_EQ(ProgressBar("db  backup", progress, std::nullopt, 120), "db  backup  478.0 MiB");
}

}  // namespace
}  // namespace runner
