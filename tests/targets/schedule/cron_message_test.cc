#include <gtest/gtest.h>

#include <string>

#include "targets/schedule/cron_expression.h"

namespace targets {
namespace {

struct Case {
  const char* text;
  const char* message;
  const char* hint;
};

void ExpectError(const Case& expected) {
  const Result<CronExpression> parsed = CronExpression::Parse(expected.text);
  ASSERT_FALSE(parsed.has_value()) << expected.text;
  EXPECT_EQ(parsed.error().message, expected.message);
  EXPECT_EQ(parsed.error().hint, expected.hint) << expected.text;
}

constexpr const char* kOrder =
    "the five fields are: minute, hour, day of month, month, day of week";

TEST(CronMessage, NamesTheValueAndTheLimitsOfItsField) {
  ExpectError({"60 * * * *", "\"60 * * * *\": minute 60 is not in 0-59", ""});
  ExpectError({"61 * * * *", "\"61 * * * *\": minute 61 is not in 0-59", ""});
  ExpectError({"0 24 * * *", "\"0 24 * * *\": hour 24 is not in 0-23", ""});
  ExpectError({"0 0 0 * *", "\"0 0 0 * *\": day of month 0 is not in 1-31", ""});
  ExpectError({"0 0 32 * *", "\"0 0 32 * *\": day of month 32 is not in 1-31", ""});
  ExpectError({"0 0 * 0 *", "\"0 0 * 0 *\": month 0 is not in 1-12", ""});
  ExpectError({"0 0 * 13 *", "\"0 0 * 13 *\": month 13 is not in 1-12", ""});
  ExpectError({"0 0 * * 8", "\"0 0 * * 8\": day of week 8 is not in 0-7", ""});
  ExpectError({"0-60 * * * *", "\"0-60 * * * *\": minute 60 is not in 0-59", ""});
  ExpectError({"99999999999999999999 * * * *",
               "\"99999999999999999999 * * * *\": minute 99999999999999999999 is not in 0-59", ""});
}

TEST(CronMessage, NamesTheLimitsOfAStep) {
  ExpectError({"*/0 * * * *", "\"*/0 * * * *\": minute step 0 is not in 1-60", ""});
  const char* longer = "for longer periods use the next field, or `every: 90m`";
  ExpectError({"*/61 * * * *", "\"*/61 * * * *\": minute step 61 is not in 1-60", longer});
  ExpectError({"0 */25 * * *", "\"0 */25 * * *\": hour step 25 is not in 1-24", longer});
  ExpectError({"0 0 */32 * *", "\"0 0 */32 * *\": day of month step 32 is not in 1-31", longer});
  ExpectError({"0 0 1 */13 *", "\"0 0 1 */13 *\": month step 13 is not in 1-12", longer});
  ExpectError({"0 0 * * */8", "\"0 0 * * */8\": day of week step 8 is not in 1-7", longer});
  ExpectError(
      {"*/ * * * *", "\"*/ * * * *\": minute step \"\" is not a number", "write a step like */5"});
  ExpectError({"*/5/5 * * * *", "\"*/5/5 * * * *\": minute step \"5/5\" is not a number",
               "write a step like */5"});
}

TEST(CronMessage, SaysThatAStepNeedsARange) {
  ExpectError({"5/15 * * * *", "\"5/15 * * * *\": minute 5/15 has a step without a range",
               "write 5-59/15"});
  ExpectError({"0 0 * * mon/2", "\"0 0 * * mon/2\": day of week mon/2 has a step without a range",
               "write mon-6/2"});
}

TEST(CronMessage, SplitsARangeThatRunsBackwards) {
  ExpectError(
      {"0 22-4 * * *", "\"0 22-4 * * *\": hour range 22-4 runs backwards", "write 22-23,0-4"});
  ExpectError({"0 0 1 nov-feb *", "\"0 0 1 nov-feb *\": month range nov-feb runs backwards",
               "write 11-12,1-2"});
  ExpectError({"0 0 * * fri-mon", "\"0 0 * * fri-mon\": day of week range fri-mon runs backwards",
               "write 5-6,0-1"});
  ExpectError({"0 0 * * sat-sun", "\"0 0 * * sat-sun\": day of week range sat-sun runs backwards",
               "write 6-7"});
}

TEST(CronMessage, ExplainsWordsThatAreNoValues) {
  ExpectError({"x * * * *", "\"x * * * *\": minute \"x\" is not a number",
               "write *, a number of 0-59, a range like 0-4 or a step like */5"});
  ExpectError({"-5 * * * *", "\"-5 * * * *\": minute \"\" is not a number",
               "write *, a number of 0-59, a range like 0-4 or a step like */5"});
  ExpectError({"0 0 * janu *", "\"0 0 * janu *\": month \"janu\" is not a number",
               "did you mean \"jan\"? names have three letters"});
  ExpectError({"0 0 * * Monday", "\"0 0 * * Monday\": day of week \"Monday\" is not a number",
               "did you mean \"mon\"? names have three letters"});
  ExpectError({"0 0 * xyz *", "\"0 0 * xyz *\": month \"xyz\" is not a number",
               "write 1-12 or a name like \"feb\""});
  ExpectError({"0 jan * * *", "\"0 jan * * *\": hour \"jan\" is not a number",
               "write *, a number of 0-23, a range like 0-4 or a step like */5"});
}

TEST(CronMessage, ExplainsWhatOtherDialectsHave) {
  ExpectError(
      {"0 0 ? * 1", "\"0 0 ? * 1\": day of month \"?\" is not a number", "write * for \"any\""});
  ExpectError({"0 0 L * *", "\"0 0 L * *\": day of month \"L\" is not a number",
               "L is not part of cron; for the last day of a month run on 28, or daily"});
  ExpectError({"0 0 * * 5#2", "\"0 0 * * 5#2\": day of week \"5#2\" is not a number",
               "\"the nth weekday\" is not part of cron, and neither is a # comment"});
  ExpectError({"H 2 * * *", "\"H 2 * * *\": minute \"H\" is not a number",
               "write a number, and spread runs with `jitter`"});
}

TEST(CronMessage, NamesTheEmptyEntryOfAList) {
  for (const char* text : {"1,,2 * * * *", ",1 * * * *", "1, * * * *"}) {
    const Result<CronExpression> parsed = CronExpression::Parse(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_NE(parsed.error().message.find("has an empty entry in its list"), std::string::npos);
  }
}

TEST(CronMessage, CountsTooFewFields) {
  ExpectError({"0 2 * *", "\"0 2 * *\": 4 of 5 fields", kOrder});
  ExpectError({"*", "\"*\": 1 of 5 fields", kOrder});
  ExpectError({"", "the cron expression is empty", kOrder});
  ExpectError({" \t ", "the cron expression is empty", kOrder});
}

TEST(CronMessage, ExplainsASixthField) {
  ExpectError(
      {"0 0 2 * * *", "\"0 0 2 * * *\": 6 fields, but a cron expression has 5",
       "the five fields are: minute, hour, day of month, month, day of week; some programs put "
       "seconds in front (then write \"0 2 * * *\"), others a year behind (then write \"0 0 2 * "
       "*\")"});
  ExpectError({"0 2 * * * 2027", "\"0 2 * * * 2027\": 6 fields, but a cron expression has 5",
               "years are not part of it; write \"0 2 * * *\""});
}

TEST(CronMessage, ExplainsACrontabLine) {
  ExpectError({"0 2 * * * /usr/bin/backup",
               "\"0 2 * * * /usr/bin/backup\": 6 fields, but a cron expression has 5",
               "write the schedule without user and command: \"0 2 * * *\""});
  ExpectError({"0 2 * * * root run all now",
               "\"0 2 * * * root run all now\": 9 fields, but a cron expression has 5",
               "write the schedule without user and command: \"0 2 * * *\""});
}

TEST(CronMessage, ExplainsAComment) {
  const char* hint = "put the # comment outside the quotes";
  ExpectError({"0 2 * * * # nightly",
               "\"0 2 * * * # nightly\": a comment is not part of an expression", hint});
  ExpectError({"# 0 2 * * *", "\"# 0 2 * * *\": a comment is not part of an expression", hint});
}

TEST(CronMessage, ExplainsAZoneInFrontAndSeveralLines) {
  ExpectError({"CRON_TZ=UTC 0 2 * * *",
               "\"CRON_TZ=UTC 0 2 * * *\": a variable is not part of an expression",
               "write the zone as `timezone:` beside the schedule"});
  ExpectError({"0 2 * * *\n0 3 * * *", "\"0 2 * * * 0 3 * * *\": more than one line",
               "write one expression per schedule"});
}

TEST(CronMessage, ExplainsUnknownNamedSchedules) {
  ExpectError({"@reboot", "\"@reboot\": unknown name for a schedule",
               "to run when the runner starts, write `on_start: true` in the schedule"});
  ExpectError({"@every 6h", "\"@every 6h\": unknown name for a schedule",
               "for a fixed period write `every: 6h` in the schedule"});
  ExpectError({"@Daily", "\"@Daily\": unknown name for a schedule", "did you mean \"@daily\"?"});
  ExpectError(
      {"@weekley", "\"@weekley\": unknown name for a schedule", "did you mean \"@weekly\"?"});
  ExpectError({"@fortnightly", "\"@fortnightly\": unknown name for a schedule",
               "known are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually"});
}

TEST(CronMessage, ShowsOnlyTheBeginningOfALongText) {
  const Result<CronExpression> parsed = CronExpression::Parse(std::string(5000, '1') + " * * * *");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_LT(parsed.error().message.size(), 200U);
}

}  // namespace
}  // namespace targets
