// Compares CronClock with a slow second opinion: it walks over real time minute by minute, looks at
// the civil time that cctz gives for each, and applies the rules as the manual words them. The
// expressions are random, and so are the zones and the clock changes around which the walks are
// made; seeds are fixed.

#include <cctz/time_zone.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "targets/schedule/cron_clock.h"

namespace targets {
namespace {

using Random = std::mt19937;

/// RUNNER_TEST_LONG=1 makes every comparison thirty times as long.
int Rounds() { return std::getenv("RUNNER_TEST_LONG") == nullptr ? 1 : 30; }

int Pick(Random& random, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(random);
}

/// Some of the numbers 0 to 63.
class Values {
 public:
  void insert(int value) { bits_ |= std::uint64_t{1} << value; }
  [[nodiscard]] bool contains(int value) const { return ((bits_ >> value) & 1U) != 0; }

 private:
  std::uint64_t bits_ = 0;
};

/// A field as text, and the values that the text means.
struct RandomField {
  std::string text;
  Values values;
};

void AddEntry(Random& random, int low, int high, RandomField& field) {
  const int kind = Pick(random, 0, 9);
  const int a = Pick(random, low, high);
  const int b = Pick(random, a, high);
  const int step = Pick(random, 1, std::min(7, high - low));
  if (kind <= 4) {
    field.text += std::to_string(a);
    field.values.insert(a);
  } else if (kind <= 6) {
    field.text += std::to_string(a) + "-" + std::to_string(b);
    for (int value = a; value <= b; ++value) field.values.insert(value);
  } else if (kind <= 8) {
    field.text += std::to_string(a) + "-" + std::to_string(b) + "/" + std::to_string(step);
    for (int value = a; value <= b; ++value) {
      if ((value - a) % step == 0) field.values.insert(value);
    }
  } else {
    field.text += "*/" + std::to_string(step);
    for (int value = low; value <= high; ++value) {
      if ((value - low) % step == 0) field.values.insert(value);
    }
  }
}

RandomField MakeField(Random& random, int low, int high, int percent_star) {
  RandomField field;
  if (Pick(random, 1, 100) <= percent_star) {
    field.text = "*";
    for (int value = low; value <= high; ++value) field.values.insert(value);
    return field;
  }
  const int entries = Pick(random, 1, 3);
  for (int i = 0; i < entries; ++i) {
    if (i > 0) field.text += ",";
    AddEntry(random, low, high, field);
  }
  return field;
}

RandomField Single(int value) {
  RandomField field{.text = std::to_string(value), .values = {}};
  field.values.insert(value);
  return field;
}

/// One row per minute of real time: what the clock shows.
struct Shown {
  UnixTime time;
  cctz::civil_minute civil;
  std::int64_t number;  // of that civil minute, since 1970
};

UnixTime Utc(const cctz::civil_minute& civil) {
  return UnixTime{std::chrono::minutes{civil - cctz::civil_minute(1970)}};
}

class RandomExpression {
 public:
  explicit RandomExpression(Random& random)
      : minute_(MakeField(random, 0, 59, 10)),
        hour_(MakeField(random, 0, 23, 30)),
        day_(MakeField(random, 1, 31, 60)),
        month_(MakeField(random, 1, 12, 80)),
        weekday_(MakeField(random, 0, 7, 60)) {
    if (weekday_.values.contains(7)) weekday_.values.insert(0);
  }

  /// At 12:00 on dates that are rare more often than not.
  static RandomExpression AtNoon(Random& random) {
    RandomExpression expression(random);
    expression.minute_ = Single(0);
    expression.hour_ = Single(12);
    expression.month_ = Single(Pick(random, 1, 3));
    expression.day_ = Single(Pick(random, 27, 31));
    const bool starred = Pick(random, 0, 1) == 0;
    const int step = Pick(random, 2, 7);
    if (starred) expression.weekday_ = {.text = "*/" + std::to_string(step), .values = {}};
    for (int value = 0; starred && value <= 7; value += step)
      expression.weekday_.values.insert(value % 7);
    return expression;
  }

  [[nodiscard]] std::string Text() const {
    return minute_.text + " " + hour_.text + " " + day_.text + " " + month_.text + " " +
           weekday_.text;
  }

  [[nodiscard]] bool Matches(const cctz::civil_minute& at) const {
    if (!minute_.values.contains(at.minute()) || !hour_.values.contains(at.hour())) return false;
    if (!month_.values.contains(at.month())) return false;
    const bool day = day_.values.contains(at.day());
    const bool weekday = weekday_.values.contains(Weekday(cctz::civil_day(at)));
    const bool restricted = day_.text.front() != '*' && weekday_.text.front() != '*';
    return restricted ? day || weekday : day && weekday;
  }

  /// "An expression whose hour field starts with * follows the real clock", else "a fixed time runs
  /// exactly once".
  [[nodiscard]] std::vector<UnixTime> Occurrences(const std::vector<Shown>& walk) const {
    return hour_.text.front() == '*' ? OnTheRealClock(walk) : ExactlyOnce(walk);
  }

 private:
  static int Weekday(const cctz::civil_day& day) {
    const auto since_thursday = day - cctz::civil_day(1970, 1, 1);
    return static_cast<int>((((since_thursday + 4) % 7) + 7) % 7);
  }

  [[nodiscard]] std::vector<UnixTime> OnTheRealClock(const std::vector<Shown>& walk) const {
    std::vector<UnixTime> times;
    for (const Shown& row : walk) {
      if (Matches(row.civil)) times.push_back(row.time);
    }
    return times;
  }

  [[nodiscard]] std::vector<UnixTime> ExactlyOnce(const std::vector<Shown>& walk) const {
    std::vector<UnixTime> times;
    std::int64_t had = walk.front().number - 1;  // the latest civil minute that has had its turn
    for (const Shown& row : walk) {
      if (row.number <= had) continue;
      bool due = Matches(row.civil);
      for (++had; had < row.number; ++had) due = due || Matches(cctz::civil_minute(1970) + had);
      if (due) times.push_back(row.time);
    }
    return times;
  }

  RandomField minute_;
  RandomField hour_;
  RandomField day_;
  RandomField month_;
  RandomField weekday_;
};

constexpr const char* kZones[] = {
    "Africa/Cairo",        "Africa/Casablanca", "Africa/El_Aaiun",
    "Africa/Windhoek",     "America/Asuncion",  "America/Bogota",
    "America/Caracas",     "America/Havana",    "America/New_York",
    "America/Nuuk",        "America/Sao_Paulo", "America/Scoresbysund",
    "America/St_Johns",    "America/Toronto",   "Antarctica/Casey",
    "Antarctica/Troll",    "Asia/Amman",        "Asia/Beirut",
    "Asia/Gaza",           "Asia/Kathmandu",    "Asia/Pyongyang",
    "Asia/Tehran",         "Asia/Tokyo",        "Atlantic/Azores",
    "Australia/Lord_Howe", "Australia/Sydney",  "Europe/Berlin",
    "Europe/Dublin",       "Europe/Istanbul",   "Europe/London",
    "Europe/Moscow",       "Europe/Volgograd",  "Pacific/Apia",
    "Pacific/Chatham",     "Pacific/Enderbury", "Pacific/Kwajalein",
    "Pacific/Norfolk",     "Pacific/Tongatapu", "UTC"};

/// An instant near a random clock change of the years 1975 to 2070, or any instant if the zone has
/// none.
UnixTime NearAChange(Random& random, const cctz::time_zone& zone) {
  using Instant = cctz::time_point<cctz::seconds>;
  const Instant start =
      cctz::convert(cctz::civil_day(Pick(random, 1975, 2070), 1, 1), cctz::utc_time_zone());
  cctz::time_zone::civil_transition change;
  if (!zone.next_transition(start, &change)) return UnixTime{start.time_since_epoch()};
  return UnixTime{cctz::convert(change.to, zone).time_since_epoch()};
}

std::vector<Shown> Walk(const cctz::time_zone& zone, UnixTime begin, int days) {
  std::vector<Shown> walk;
  walk.reserve(static_cast<std::size_t>(days) * 1440);
  for (int i = 0; i < days * 1440; ++i) {
    const UnixTime time = begin + std::chrono::minutes{i};
    const cctz::time_point<cctz::seconds> instant{cctz::seconds{ToUnixSeconds(time)}};
    const cctz::civil_minute civil(cctz::convert(instant, zone));
    walk.push_back({time, civil, civil - cctz::civil_minute(1970)});
  }
  return walk;
}

/// The occurrences within the walk, but for its first day: the walk cannot know what was before it.
std::vector<UnixTime> AfterTheFirstDay(std::vector<UnixTime> times, UnixTime begin) {
  std::erase_if(times, [&](UnixTime time) { return time < begin + std::chrono::hours{26}; });
  return times;
}

std::vector<UnixTime> Forwards(const CronClock& clock, UnixTime begin, UnixTime end) {
  std::vector<UnixTime> times;
  for (auto at = clock.Next(begin - Duration{1}); at && *at < end; at = clock.Next(*at)) {
    times.push_back(*at);
  }
  return times;
}

std::vector<UnixTime> Backwards(const CronClock& clock, UnixTime begin, UnixTime end) {
  std::vector<UnixTime> times;
  for (auto at = clock.Previous(end - Duration{1}); at && *at >= begin;
       at = clock.Previous(*at - Duration{1})) {
    times.push_back(*at);
  }
  std::reverse(times.begin(), times.end());
  return times;
}

/// Next and Previous from instants between the occurrences, not only from one occurrence to the
/// next.
void ExpectProbes(Random& random, const CronClock& clock, const std::vector<UnixTime>& times,
                  UnixTime begin, UnixTime end) {
  for (int i = 0; i < 10; ++i) {
    const int span = static_cast<int>((end - begin).count());
    const UnixTime at = begin + Duration{Pick(random, 0, span - 1)};
    const auto next = std::upper_bound(times.begin(), times.end(), at);
    if (next != times.end()) {
      EXPECT_EQ(clock.Next(at), *next) << FormatRfc3339(at);
    }
    if (next != times.begin()) {
      EXPECT_EQ(clock.Previous(at), *std::prev(next)) << FormatRfc3339(at);
    }
  }
}

/// Returns the number of occurrences compared.
std::size_t CompareAroundOneChange(Random& random, const std::string& name, int days,
                                   int expressions) {
  cctz::time_zone cctz_zone;
  EXPECT_TRUE(cctz::load_time_zone(name, &cctz_zone)) << name;
  const Zone zone = *Zone::Load(name);
  const UnixTime walk_begin =
      NearAChange(random, cctz_zone) - std::chrono::hours{Pick(random, 30, 24 * days - 12)};
  const std::vector<Shown> walk = Walk(cctz_zone, walk_begin, days);
  const UnixTime begin = walk_begin + std::chrono::hours{26};
  const UnixTime end = walk_begin + std::chrono::days{days};
  std::size_t compared = 0;
  for (int i = 0; i < expressions; ++i) {
    const RandomExpression expression(random);
    SCOPED_TRACE(name + " " + FormatRfc3339(begin) + " " + expression.Text());
    const CronClock clock(*CronExpression::Parse(expression.Text()), zone);
    const std::vector<UnixTime> expected =
        AfterTheFirstDay(expression.Occurrences(walk), walk_begin);
    EXPECT_EQ(Forwards(clock, begin, end), expected);
    EXPECT_EQ(Backwards(clock, begin, end), expected);
    ExpectProbes(random, clock, expected, begin, end);
    compared += expected.size();
  }
  return compared;
}

TEST(CronOracle, AgreesOnTheDaysAroundClockChanges) {
  Random random(20260329);
  std::size_t compared = 0;
  for (int round = 0; round < 8 * Rounds() && !HasFailure(); ++round) {
    for (const char* name : kZones) compared += CompareAroundOneChange(random, name, 5, 8);
  }
  EXPECT_GT(compared, 10'000U);
}

TEST(CronOracle, AgreesOverWeeks) {
  Random random(20261025);
  std::size_t compared = 0;
  for (int round = 0; round < Rounds() && !HasFailure(); ++round) {
    for (const char* name : kZones) compared += CompareAroundOneChange(random, name, 40, 4);
  }
  EXPECT_GT(compared, 10'000U);
}

TEST(CronOracle, AgreesAroundChangesOfWholeDays) {
  Random random(20111230);
  for (int round = 0; round < 20 * Rounds() && !HasFailure(); ++round) {
    for (const char* name : {"Pacific/Apia", "Pacific/Kwajalein", "Pacific/Enderbury"}) {
      CompareAroundOneChange(random, name, 6, 3);
    }
  }
}

/// Day by day over decades, for dates that the walks by minutes are too short for.
TEST(CronOracle, AgreesOnRareDates) {
  Random random(20000229);
  std::size_t found = 0;
  for (int i = 0; i < 400 * Rounds() && !HasFailure(); ++i) {
    const RandomExpression expression = RandomExpression::AtNoon(random);
    SCOPED_TRACE(expression.Text());
    const CronClock clock(*CronExpression::Parse(expression.Text()), Zone());
    const cctz::civil_minute start(Pick(random, 1980, 2100), Pick(random, 1, 12), 1, 12, 0);
    const cctz::civil_minute end(start.year() + 41, start.month(), 1, 12, 0);
    cctz::civil_minute expected = start;
    do {
      expected += 1440;
    } while (expected < end && !expression.Matches(expected));
    const std::optional<UnixTime> next = clock.Next(Utc(start));
    if (expected == end) {
      EXPECT_EQ(next, std::nullopt);
      continue;
    }
    EXPECT_EQ(next, Utc(expected));
    EXPECT_LE(*clock.Previous(*next - Duration{1}), Utc(start));
    ++found;
  }
  EXPECT_GT(found, 200U);
}

}  // namespace
}  // namespace targets
