#include "runner/app/progress_log.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/fake_clock.h"

namespace runner {
namespace {

using std::chrono::seconds;

class Heard final : public Observer {
 public:
  explicit Heard(std::vector<std::string>& lines) : lines_(lines) {}
  void OnEvent(const Event& event) override {
    lines_.push_back(event.subject + ": " + event.stage + ": " + event.message);
  }

 private:
  std::vector<std::string>& lines_;
};

class ProgressLogTest : public ::testing::Test {
 protected:
  void After(seconds time, const std::string& target, unsigned long long bytes) {
    clock_.Advance(time);
    Progress progress;
    progress.target = target;
    progress.stage = "backup";
    progress.fraction = static_cast<double>(bytes) / 10240;
    progress.bytes_done = bytes;
    progress.bytes_total = 10240;
    log_.OnProgress(progress);
  }

  testing::FakeClock clock_;
  std::vector<std::string> lines_;
  ProgressLog log_{std::make_unique<Heard>(lines_), clock_, seconds(60)};
};

TEST_F(ProgressLogTest, HandsEveryEventOn) {
  log_.OnEvent({Severity::kInfo, "photos", "backup", "done"});
  EXPECT_EQ(lines_, std::vector<std::string>{"photos: backup: done"});
}

TEST_F(ProgressLogTest, SaysNothingOfAQuickJob) {
  for (int i = 0; i < 59; ++i) After(seconds(1), "photos", 100);
  EXPECT_TRUE(lines_.empty());
}

TEST_F(ProgressLogTest, SaysALineInEachInterval) {
  for (int second = 0; second <= 125; ++second)
    After(seconds(1), "photos", static_cast<unsigned long long>(second) * 64);
  EXPECT_EQ(lines_, (std::vector<std::string>{
                        "photos: backup: 37 %, 3.8 KiB of 10.0 KiB, 64 B/s, 1m40s left",
                        "photos: backup: 75 %, 7.5 KiB of 10.0 KiB, 64 B/s, 40s left"}));
}

TEST_F(ProgressLogTest, CountsForEachJobAlone) {
  After(seconds(0), "photos", 0);
  After(seconds(30), "music", 0);
  After(seconds(30), "photos", 0);
  After(seconds(29), "music", 0);
  ASSERT_EQ(lines_.size(), 1U);
  After(seconds(1), "music", 0);
  EXPECT_EQ(lines_.size(), 2U);
}

TEST_F(ProgressLogTest, BeginsAnewWithTheNextRun) {
  After(seconds(0), "photos", 0);
  log_.OnProgressEnd("photos", "backup");
  After(seconds(60), "photos", 0);
  EXPECT_TRUE(lines_.empty());
}

}  // namespace
}  // namespace runner
