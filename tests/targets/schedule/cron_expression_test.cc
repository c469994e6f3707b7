#include "targets/schedule/cron_expression.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "targets/base/time.h"

namespace targets {
namespace {

/// "2026-03-29 02:30" as a civil minute.
CivilMinute Civil(const std::string& text) {
  const UnixTime utc = *ParseRfc3339(text + ":00Z");
  return CivilMinute{std::chrono::duration_cast<std::chrono::minutes>(utc.time_since_epoch())};
}

std::string Text(CivilMinute civil) {
  std::string text = FormatRfc3339(UnixTime{civil.time_since_epoch()}).substr(0, 16);
  text[10] = ' ';
  return text;
}

CronExpression Parsed(const std::string& text) {
  const Result<CronExpression> expression = CronExpression::Parse(text);
  EXPECT_TRUE(expression.has_value()) << (expression ? "" : expression.error().message);
  return expression ? *expression : *CronExpression::Parse("* * * * *");
}

/// All matches of a stretch of time, found forwards; the same must be found backwards.
std::vector<std::string> Matches(const std::string& text, const std::string& from,
                                 const std::string& to) {
  const CronExpression expression = Parsed(text);
  std::vector<std::string> found;
  for (auto at = expression.First(Civil(from), Civil(to)); at;
       at = expression.First(*at + std::chrono::minutes{1}, Civil(to))) {
    found.push_back(Text(*at));
  }
  std::vector<std::string> backwards;
  for (auto at = expression.Last(Civil(from), Civil(to)); at;
       at = expression.Last(Civil(from), *at - std::chrono::minutes{1})) {
    backwards.insert(backwards.begin(), Text(*at));
  }
  EXPECT_EQ(found, backwards) << text;
  return found;
}

std::vector<std::string> MinutesOfAnHour(const std::string& field) {
  std::vector<std::string> minutes;
  for (const std::string& at :
       Matches(field + " 7 * * *", "2026-05-04 07:00", "2026-05-04 07:59")) {
    minutes.push_back(at.substr(14));
  }
  return minutes;
}

std::vector<std::string> HoursOfADay(const std::string& field) {
  std::vector<std::string> hours;
  for (const std::string& at :
       Matches("0 " + field + " * * *", "2026-05-04 00:00", "2026-05-04 23:59")) {
    hours.push_back(at.substr(11, 2));
  }
  return hours;
}

std::vector<std::string> DaysOfMonth(const std::string& fields,
                                     const std::string& month = "2026-05") {
  std::vector<std::string> days;
  for (const std::string& at : Matches("0 0 " + fields, month + "-01 00:00", month + "-28 23:59")) {
    days.push_back(at.substr(8, 2));
  }
  return days;
}

std::vector<std::string> MonthsOfAYear(const std::string& field) {
  std::vector<std::string> months;
  for (const std::string& at :
       Matches("0 0 1 " + field + " *", "2026-01-01 00:00", "2026-12-31 23:59")) {
    months.push_back(at.substr(5, 2));
  }
  return months;
}

using Words = std::vector<std::string>;

TEST(CronExpression, TakesASingleValueUpToBothEndsOfTheField) {
  EXPECT_EQ(MinutesOfAnHour("0"), Words({"00"}));
  EXPECT_EQ(MinutesOfAnHour("59"), Words({"59"}));
  EXPECT_EQ(HoursOfADay("0"), Words({"00"}));
  EXPECT_EQ(HoursOfADay("23"), Words({"23"}));
  EXPECT_EQ(DaysOfMonth("1 * *"), Words({"01"}));
  EXPECT_EQ(Matches("0 0 31 * *", "2026-01-01 00:00", "2026-06-30 23:59"),
            Words({"2026-01-31 00:00", "2026-03-31 00:00", "2026-05-31 00:00"}));
  EXPECT_EQ(MonthsOfAYear("1"), Words({"01"}));
  EXPECT_EQ(MonthsOfAYear("12"), Words({"12"}));
}

TEST(CronExpression, TakesEveryValueForAStar) {
  EXPECT_EQ(MinutesOfAnHour("*").size(), 60U);
  EXPECT_EQ(HoursOfADay("*").size(), 24U);
  EXPECT_EQ(DaysOfMonth("* * *").size(), 28U);
  EXPECT_EQ(MonthsOfAYear("*").size(), 12U);
}

TEST(CronExpression, TakesRangesWithBothEnds) {
  EXPECT_EQ(MinutesOfAnHour("57-59"), Words({"57", "58", "59"}));
  EXPECT_EQ(HoursOfADay("0-2"), Words({"00", "01", "02"}));
  EXPECT_EQ(HoursOfADay("5-5"), Words({"05"}));
  EXPECT_EQ(MonthsOfAYear("11-12"), Words({"11", "12"}));
}

TEST(CronExpression, TakesListsInAnyOrderAndWithOverlaps) {
  EXPECT_EQ(MinutesOfAnHour("30,0,15"), Words({"00", "15", "30"}));
  EXPECT_EQ(MinutesOfAnHour("5,5,4-6"), Words({"04", "05", "06"}));
  EXPECT_EQ(HoursOfADay("1-2,20-22,9"), Words({"01", "02", "09", "20", "21", "22"}));
}

TEST(CronExpression, TakesStepsOfStarsAndRanges) {
  EXPECT_EQ(MinutesOfAnHour("*/20"), Words({"00", "20", "40"}));
  EXPECT_EQ(MinutesOfAnHour("*/60"), Words({"00"}));
  EXPECT_EQ(MinutesOfAnHour("10-40/15"), Words({"10", "25", "40"}));
  EXPECT_EQ(MinutesOfAnHour("10-39/15"), Words({"10", "25"}));
  EXPECT_EQ(HoursOfADay("*/24"), Words({"00"}));
  EXPECT_EQ(HoursOfADay("8-18/5,23"), Words({"08", "13", "18", "23"}));
  EXPECT_EQ(MonthsOfAYear("*/5"), Words({"01", "06", "11"}));
  EXPECT_EQ(DaysOfMonth("*/10 * *"), Words({"01", "11", "21"}));
}

TEST(CronExpression, TakesNamesInAnyCase) {
  EXPECT_EQ(MonthsOfAYear("jan,DEC"), Words({"01", "12"}));
  EXPECT_EQ(MonthsOfAYear("Mar-may"), Words({"03", "04", "05"}));
  EXPECT_EQ(MonthsOfAYear("jan-dec/6"), Words({"01", "07"}));
  // May 2026 begins on a Friday.
  EXPECT_EQ(DaysOfMonth("* * Sat"), Words({"02", "09", "16", "23"}));
  EXPECT_EQ(DaysOfMonth("* * MON-wed"),
            Words({"04", "05", "06", "11", "12", "13", "18", "19", "20", "25", "26", "27"}));
}

TEST(CronExpression, KnowsEveryNameOfAMonthAndOfAWeekday) {
  const Words months = {"jan", "feb", "mar", "apr", "may", "jun",
                        "jul", "aug", "sep", "oct", "nov", "dec"};
  for (std::size_t i = 0; i < months.size(); ++i) {
    EXPECT_EQ(Parsed("0 0 1 " + months[i] + " *"), Parsed("0 0 1 " + std::to_string(i + 1) + " *"));
  }
  const Words weekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  for (std::size_t i = 0; i < weekdays.size(); ++i) {
    EXPECT_EQ(Parsed("0 0 * * " + weekdays[i]), Parsed("0 0 * * " + std::to_string(i)));
  }
}

TEST(CronExpression, TakesSevenAsSunday) {
  EXPECT_EQ(DaysOfMonth("* * 7"), Words({"03", "10", "17", "24"}));
  EXPECT_EQ(Parsed("0 0 * * 7"), Parsed("0 0 * * 0"));
  EXPECT_EQ(Parsed("0 0 * * 0,7"), Parsed("0 0 * * sun"));
  EXPECT_EQ(DaysOfMonth("* * 6-7"), Words({"02", "03", "09", "10", "16", "17", "23", "24"}));
  EXPECT_EQ(DaysOfMonth("* * 0-7").size(), 28U);
  EXPECT_EQ(DaysOfMonth("* * */7"), Words({"03", "10", "17", "24"}));
}

TEST(CronExpression, TakesEitherDayFieldWhenBothAreRestricted) {
  EXPECT_EQ(DaysOfMonth("13 * fri"), Words({"01", "08", "13", "15", "22"}));
  EXPECT_EQ(DaysOfMonth("1-7 * 1"),
            Words({"01", "02", "03", "04", "05", "06", "07", "11", "18", "25"}));
}

TEST(CronExpression, TakesBothDayFieldsWhenOneStartsWithAStar) {
  EXPECT_EQ(DaysOfMonth("*/2 * fri"), Words({"01", "15"}));
  EXPECT_EQ(DaysOfMonth("13 * */3"), Words({"13"}));  // a Wednesday
  EXPECT_EQ(DaysOfMonth("14 * */3"), Words());
  EXPECT_EQ(DaysOfMonth("*,1 * fri"), Words({"01", "08", "15", "22"}));
  EXPECT_EQ(DaysOfMonth("1,* * fri").size(), 28U);  // does not start with a star: either
}

TEST(CronExpression, TakesTheNamedSchedules) {
  EXPECT_EQ(Parsed("@hourly"), Parsed("0 * * * *"));
  EXPECT_EQ(Parsed("@daily"), Parsed("0 0 * * *"));
  EXPECT_EQ(Parsed("@midnight"), Parsed("0 0 * * *"));
  EXPECT_EQ(Parsed("@weekly"), Parsed("0 0 * * 0"));
  EXPECT_EQ(Parsed("@monthly"), Parsed("0 0 1 * *"));
  EXPECT_EQ(Parsed("@yearly"), Parsed("0 0 1 1 *"));
  EXPECT_EQ(Parsed("@annually"), Parsed("@yearly"));
}

TEST(CronExpression, TakesAnyBlanksBetweenAndAroundFields) {
  EXPECT_EQ(Parsed("  0\t2  *   * \t *\n"), Parsed("0 2 * * *"));
  EXPECT_EQ(Parsed(" @daily "), Parsed("@daily"));
}

TEST(CronExpression, TakesLeadingZerosAsDecimal) {
  EXPECT_EQ(Parsed("08 09 * * *"), Parsed("8 9 * * *"));
  EXPECT_EQ(Parsed("0000010 2 * * *"), Parsed("10 2 * * *"));
}

TEST(CronExpression, TakesTheLongestExpressionAndNoLonger) {
  std::string text = "0";
  while (text.size() + 8 + 2 <= CronExpression::kMaxLength) text += ",0";
  text += std::string(CronExpression::kMaxLength - 8 - text.size(), '0') + " 2 * * *";
  ASSERT_EQ(text.size(), CronExpression::kMaxLength);
  EXPECT_EQ(Parsed(text), Parsed("0 2 * * *"));
  EXPECT_FALSE(CronExpression::Parse("0" + text).has_value());
}

TEST(CronExpression, NeverFiresOnDatesThatNoYearHas) {
  for (const char* text : {"0 0 30 2 *", "0 0 31 2 *", "0 0 31 4,6,9,11 *", "0 0 30,31 feb *",
                           "0 0 30 2 */2", "0 0 31 2-2 *"}) {
    EXPECT_FALSE(Parsed(text).Fires()) << text;
    EXPECT_EQ(Parsed(text).First(Civil("2026-01-01 00:00"), Civil("2070-01-01 00:00")),
              std::nullopt);
    EXPECT_EQ(Parsed(text).Last(Civil("1980-01-01 00:00"), Civil("2026-01-01 00:00")),
              std::nullopt);
  }
}

TEST(CronExpression, FiresOnRareDates) {
  for (const char* text : {"0 0 29 2 *", "0 0 29 2 */7", "0 0 31 1 *", "0 0 30 4 *", "0 0 30 2 1",
                           "0 0 28-30 2 *", "* * * * *"}) {
    EXPECT_TRUE(Parsed(text).Fires()) << text;
  }
  EXPECT_EQ(Matches("0 0 29 2 *", "2094-01-01 00:00", "2110-01-01 00:00"),
            Words({"2096-02-29 00:00", "2104-02-29 00:00", "2108-02-29 00:00"}));
  EXPECT_EQ(Matches("0 0 29 2 */7", "2040-01-01 00:00", "2130-01-01 00:00"),  // on Sundays
            Words({"2060-02-29 00:00", "2088-02-29 00:00", "2128-02-29 00:00"}));
}

TEST(CronExpression, LooksAtBothEndsOfItsWindow) {
  EXPECT_EQ(Matches("30 2 * * *", "2026-01-01 02:30", "2026-01-01 02:30"),
            Words({"2026-01-01 02:30"}));
  EXPECT_EQ(Matches("30 2 * * *", "2026-01-01 02:31", "2026-01-02 02:29"), Words());
  EXPECT_EQ(Matches("59 23 31 12 *", "2026-01-01 00:00", "2028-01-01 00:00"),
            Words({"2026-12-31 23:59", "2027-12-31 23:59"}));
}

TEST(CronExpression, FollowsTheClockIfItsHourFieldStartsWithAStar) {
  for (const char* text : {"0 * * * *", "0 */2 * * *", "0 *,3 * * *", "@hourly"}) {
    EXPECT_TRUE(Parsed(text).FollowsTheClock()) << text;
  }
  for (const char* text : {"* 2 * * *", "*/5 0-23 * * *", "0 3,* * * *", "@daily"}) {
    EXPECT_FALSE(Parsed(text).FollowsTheClock()) << text;
  }
}

}  // namespace
}  // namespace targets
