#include "targets/schedule/zone.h"

#include <gtest/gtest.h>

#include "targets/schedule/zone_names.h"

namespace targets {
namespace {

UnixTime At(const char* text) { return *ParseRfc3339(text); }

std::string HintFor(const std::string& name) {
  const Result<Zone> zone = Zone::Load(name);
  return zone ? "no error" : zone.error().message + " | " + zone.error().hint;
}

TEST(Zone, IsUtcWithoutAName) {
  EXPECT_EQ(Zone().name(), "UTC");
  EXPECT_EQ(Zone().OffsetAt(At("2026-07-01T00:00:00Z")), Duration{0});
}

TEST(Zone, KnowsSummerTimeEvenAfter2037) {
  const Zone berlin = *Zone::Load("Europe/Berlin");
  EXPECT_EQ(berlin.OffsetAt(At("2026-01-15T00:00:00Z")), Duration{3600});
  EXPECT_EQ(berlin.OffsetAt(At("2026-07-15T00:00:00Z")), Duration{7200});
  EXPECT_EQ(berlin.OffsetAt(At("2099-01-15T00:00:00Z")), Duration{3600});
  EXPECT_EQ(berlin.OffsetAt(At("2099-07-15T00:00:00Z")), Duration{7200});
}

TEST(Zone, ChangesOffsetAtTheSecondOfTheChange) {
  const Zone berlin = *Zone::Load("Europe/Berlin");
  EXPECT_EQ(berlin.OffsetAt(At("2026-03-29T00:59:59Z")), Duration{3600});
  EXPECT_EQ(berlin.OffsetAt(At("2026-03-29T01:00:00Z")), Duration{7200});
}

TEST(Zone, FindsTheChangesAroundAnInstant) {
  const Zone berlin = *Zone::Load("Europe/Berlin");
  const ClockChange spring{At("2026-03-29T01:00:00Z"), Duration{3600}, Duration{7200}};
  const ClockChange autumn{At("2026-10-25T01:00:00Z"), Duration{7200}, Duration{3600}};
  EXPECT_EQ(berlin.NextChange(spring.at - Duration{1}), spring);
  EXPECT_EQ(berlin.NextChange(spring.at), autumn);
  EXPECT_EQ(berlin.PreviousChange(autumn.at), autumn);
  EXPECT_EQ(berlin.PreviousChange(autumn.at - Duration{1}), spring);
}

TEST(Zone, FindsAChangeThatSkipsAWholeDay) {
  const Zone apia = *Zone::Load("Pacific/Apia");
  const ClockChange change{At("2011-12-30T10:00:00Z"), Duration{-10 * 3600}, Duration{14 * 3600}};
  EXPECT_EQ(apia.NextChange(At("2011-12-01T00:00:00Z")), change);
}

TEST(Zone, FindsNoChangeWhereThereIsNone) {
  EXPECT_EQ(Zone().NextChange(At("2026-01-01T00:00:00Z")), std::nullopt);
  EXPECT_EQ(Zone().PreviousChange(At("2026-01-01T00:00:00Z")), std::nullopt);
  EXPECT_EQ(Zone::Load("Asia/Tokyo")->NextChange(At("2026-01-01T00:00:00Z")), std::nullopt);
}

TEST(Zone, FormatsWithTheOffsetOfTheInstant) {
  EXPECT_EQ(Zone::Load("Europe/Berlin")->FormatRfc3339(At("2026-11-23T03:25:36Z")),
            "2026-11-23T04:25:36+01:00");
  EXPECT_EQ(Zone::Load("America/St_Johns")->FormatRfc3339(At("2026-07-01T00:00:00Z")),
            "2026-06-30T21:30:00-02:30");
  EXPECT_EQ(Zone().FormatRfc3339(At("2026-11-23T03:25:36Z")), "2026-11-23T03:25:36+00:00");
}

TEST(Zone, FormatsOldOffsetsWithSecondsAsTheSameInstant) {
  const UnixTime time = At("1880-01-01T00:00:00Z");  // Berlin was 0:53:28 ahead
  const std::string text = Zone::Load("Europe/Berlin")->FormatRfc3339(time);
  EXPECT_EQ(text, "1880-01-01T00:53:00+00:53");
  EXPECT_EQ(*ParseRfc3339(text), time);
}

TEST(Zone, FormatsForPeopleWithWeekdayAndAbbreviation) {
  EXPECT_EQ(Zone::Load("Europe/Berlin")->FormatForPeople(At("2026-11-23T03:25:36Z")),
            "Mon 2026-11-23 04:25 CET");
  EXPECT_EQ(Zone::Load("Asia/Kolkata")->FormatForPeople(At("2026-11-23T23:25:36Z")),
            "Tue 2026-11-24 04:55 IST");
}

TEST(Zone, NamesTheNearestKnownZoneForAnUnknownOne) {
  EXPECT_EQ(HintFor("Europe/Berln"),
            "unknown time zone \"Europe/Berln\" | did you mean \"Europe/Berlin\"?");
  EXPECT_EQ(HintFor("europe/berlin"),
            "unknown time zone \"europe/berlin\" | did you mean \"Europe/Berlin\"?");
  EXPECT_EQ(HintFor("new york"),
            "unknown time zone \"new york\" | did you mean \"America/New_York\"?");
  EXPECT_EQ(HintFor("Berlin"), "unknown time zone \"Berlin\" | did you mean \"Europe/Berlin\"?");
  EXPECT_EQ(HintFor("Middle-Earth/Hobbiton"),
            "unknown time zone \"Middle-Earth/Hobbiton\" | use a name of the IANA database, like "
            "Europe/Berlin or UTC");
}

TEST(Zone, RefusesAnEmptyNameAndPaths) {
  EXPECT_EQ(HintFor(""), "the time zone's name is empty | write a name like Europe/Berlin, or UTC");
  for (const char* path : {"/etc/localtime", "/usr/share/zoneinfo/UTC", "../zoneinfo/UTC", "./UTC",
                           ":Europe/Berlin", ".."}) {
    EXPECT_EQ(HintFor(path), "time zone \"" + std::string(path) +
                                 "\" is a path | write the zone's name, like Europe/Berlin");
  }
}

TEST(Zone, RefusesEverythingThatIsNotANameOfTheDatabase) {
  for (const std::string name : {"Europe/../UTC", "Europe", "Europe/", "Europe//Berlin",
                                 "Fixed/UTC+05:00:00", "libc:localtime", "file:UTC", "UTC ", " UTC",
                                 "UTC\n", "tzdata.zi", "leapseconds", "CET-1CEST"}) {
    EXPECT_FALSE(Zone::Load(name).has_value()) << name;
  }
  EXPECT_FALSE(Zone::Load(std::string("UTC\0", 4)).has_value());
  EXPECT_FALSE(Zone::Load(std::string(100'000, 'a')).has_value());
}

TEST(Zone, RefusesNamesThatDependOnTheMachine) {
  EXPECT_EQ(
      HintFor("localtime"),
      "time zone \"localtime\" means something else on every machine | write the zone's name, "
      "like Europe/Berlin");
  EXPECT_FALSE(Zone::Load("posixrules").has_value());
}

TEST(ZoneNames, AreAllLoadableAndTheirOwnNearest) {
  const std::vector<std::string_view> names = KnownZoneNames();
  EXPECT_GT(names.size(), 500U);
  for (const std::string_view name : names) {
    EXPECT_TRUE(Zone::Load(std::string(name)).has_value()) << name;
  }
  for (const char* name : {"Africa/Abidjan", "Zulu", "Etc/Zulu", "Singapore", "Asia/Singapore"}) {
    EXPECT_EQ(NearestZoneName(name), name);
  }
}

}  // namespace
}  // namespace targets
