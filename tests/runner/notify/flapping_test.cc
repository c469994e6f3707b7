#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "runner/notify/rules.h"

namespace runner {
namespace {

using targets::Duration;
using targets::NewsKind;
using targets::UnixTime;

const UnixTime kStart = targets::FromUnixSeconds(1'800'000'000);
constexpr Duration kMinute{60};
constexpr Duration kDay{24 * 3600};
constexpr Duration kWeek{7 * 24 * 3600};

struct Heard {
  UnixTime time;
  NewsKind kind;
};

/// Looks once a minute for as long; `light_at` says what there is to see.
template <typename LightAt>
std::vector<Heard> Listen(Duration length, const LightAt& light_at) {
  std::vector<Heard> heard;
  Told told;
  for (UnixTime now = kStart; now < kStart + length; now += kMinute) {
    Telling telling = Tell(told, {"photos", light_at(now), "broken"}, now);
    told = telling.told;
    if (telling.news) heard.push_back({now, *telling.news});
  }
  return heard;
}

std::map<NewsKind, int> Count(const std::vector<Heard>& heard) {
  std::map<NewsKind, int> counts;
  for (const Heard& one : heard) ++counts[one.kind];
  return counts;
}

TEST(Flapping, EveryMinuteForAWeekIsToldTwiceAndThenOnceADay) {
  const auto heard = Listen(kWeek, [](UnixTime now) {
    return (now - kStart) / kMinute % 2 == 0 ? Light::kRed : Light::kGreen;
  });
  const std::map<NewsKind, int> expected = {
      {NewsKind::kFailure, 2}, {NewsKind::kRecovery, 1}, {NewsKind::kReminder, 6}};
  EXPECT_EQ(Count(heard), expected);
}

TEST(Flapping, ABackupThatFailsEveryOtherHourIsNoEndlessStory) {
  const auto heard = Listen(kWeek, [](UnixTime now) {
    return (now - kStart) / Duration{3600} % 2 == 0 ? Light::kRed : Light::kGreen;
  });
  EXPECT_LE(heard.size(), 9U);
}

/// Phases of random length, from a minute to days, of all three lights.
class RandomWeather {
 public:
  explicit RandomWeather(unsigned seed) : random_(seed) {}

  Light At(UnixTime now) {
    while (now >= until_) {
      light_ = static_cast<Light>(std::uniform_int_distribution(0, 2)(random_));
      const double scale = std::uniform_real_distribution(0.0, 8.5)(random_);  // e^8.5 min: 3 days
      until_ = now + kMinute * std::max(1L, std::lround(std::exp(scale)));
    }
    return light_;
  }

 private:
  std::mt19937 random_;
  Light light_ = Light::kGreen;
  UnixTime until_{};
};

/// What the rules promise, whatever happens.
void CheckPromises(const std::vector<Heard>& heard) {
  std::optional<UnixTime> last_recovery;
  std::optional<UnixTime> last_of_red;
  bool red = false;
  for (std::size_t i = 0; i < heard.size(); ++i) {
    const auto& [time, kind] = heard[i];
    ASSERT_EQ(kind == NewsKind::kFailure, !red) << "failures and recoveries take turns";
    if (kind == NewsKind::kReminder) {
      ASSERT_GE(time - *last_of_red, kReminderEvery);
    }
    if (kind == NewsKind::kRecovery) {
      if (last_recovery) {
        ASSERT_GE(time - *last_recovery, kCalm);
      }
      last_recovery = time;
    }
    red = kind != NewsKind::kRecovery;
    if (red) last_of_red = time;
    std::size_t in_a_day = 0;
    for (std::size_t j = i; j < heard.size() && heard[j].time - time < kDay; ++j) ++in_a_day;
    ASSERT_LE(in_a_day, 11U);
  }
}

TEST(Flapping, NothingBreaksThePromises) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    RandomWeather weather(seed);
    const auto heard = Listen(4 * kWeek, [&](UnixTime now) { return weather.At(now); });
    ASSERT_FALSE(heard.empty());
    CheckPromises(heard);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace runner
