#include "runner/notify/verdicts.h"

#include <gtest/gtest.h>

#include "tests/runner/health/health_world.h"

namespace runner {
namespace {

using health_world::Duration;
using health_world::kBackup;
using health_world::kHour;
using health_world::Stage;
using health_world::World;

class VerdictsTest : public ::testing::Test, protected World {
 protected:
  std::map<std::string, Verdict> Look() {
    const HealthInput input = CollectHealth(config_, {}, files_, redactor_, clock_);
    std::map<std::string, Verdict> verdicts;
    for (Verdict& verdict : VerdictsOf(Evaluate(input), input))
      verdicts.emplace(verdict.subject, std::move(verdict));
    return verdicts;
  }
};

TEST_F(VerdictsTest, KnowTargetsAndRepositoryAndNotTheDaemon) {
  std::vector<std::string> subjects;
  for (const auto& [subject, verdict] : Look()) {
    subjects.push_back(subject);
    EXPECT_EQ(verdict.light, Light::kGreen) << subject;
  }
  EXPECT_EQ(subjects, (std::vector<std::string>{"database", "photos", "repository", "state"}));
}

TEST_F(VerdictsTest, AFailureIsRedWithItsReason) {
  Mark(kBackup, MarkerStatus::kFailed, kHour, "wrong password");
  const Verdict photos = Look().at("photos");
  EXPECT_EQ(photos.light, Light::kRed);
  EXPECT_NE(photos.reason.find("wrong password"), std::string::npos) << photos.reason;
}

TEST_F(VerdictsTest, AWarningIsNotRed) {
  Mark(kBackup, MarkerStatus::kWarning, kHour, "2 files could not be read");
  EXPECT_EQ(Look().at("photos").light, Light::kGreen);
}

TEST_F(VerdictsTest, ARunThatIsAtWorkSettlesNothing) {
  World::Run(kBackup, Duration{60});
  EXPECT_EQ(Look().at("photos").light, Light::kUnsettled);
  EXPECT_EQ(Look().at("database").light, Light::kGreen);
}

TEST_F(VerdictsTest, AFailureOfTheRepositoryIsToldToo) {
  Mark({{}, Stage::kCheck}, MarkerStatus::kFailed, kHour, "pack is damaged");
  EXPECT_EQ(Look().at("repository").light, Light::kRed);
}

TEST_F(VerdictsTest, NobodyLooksForADayIfNothingChangesByItself) {
  EXPECT_EQ(NextLook(CollectHealth(config_, {}, files_, redactor_, clock_)),
            clock_.Now() + kLongestRest);
}

TEST_F(VerdictsTest, TheNextLookIsWhenABackupBecomesOverdue) {
  Succeed(kBackup, 10 * kHour);  // overdue after 30 hours
  EXPECT_EQ(NextLook(CollectHealth(config_, {}, files_, redactor_, clock_)),
            clock_.Now() + 20 * kHour + kHour / 4);
}

TEST_F(VerdictsTest, TheNextLookIsWhenARunMayHaveStalled) {
  World::Run(kBackup, kHour);
  EXPECT_TRUE(markers_.Write(
      kBackup, Marker{.status = MarkerStatus::kRunning,
                      .time = clock_.Now() - kHour,
                      .details = {{marker_key::kProgress, std::to_string(1'800'000'000)}}}));
  EXPECT_EQ(Look().at("photos").light, Light::kUnsettled);
  EXPECT_EQ(NextLook(CollectHealth(config_, {}, files_, redactor_, clock_)),
            clock_.Now() + kHour / 2)
      << "it may be without progress for 15 minutes";
}

}  // namespace
}  // namespace runner
