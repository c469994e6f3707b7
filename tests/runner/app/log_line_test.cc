#include "runner/app/log_line.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

namespace runner {
namespace {

using targets::LogFormat;

const targets::UnixTime kTime = targets::FromUnixSeconds(1'800'000'000);

std::string Text(const Event& event, const targets::Redactor& redactor = {}) {
  return LogLine(LogFormat::kText, event, kTime, redactor);
}
std::string Json(const Event& event, const targets::Redactor& redactor = {}) {
  return LogLine(LogFormat::kJson, event, kTime, redactor);
}

/// The member of that name in a JSON line; fails the test if the line is no JSON of valid UTF-8.
std::string Member(const std::string& line, const char* name) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(line);
  if (document.HasParseError() || !document.IsObject() || !document.HasMember(name)) {
    ADD_FAILURE() << line;
    return "";
  }
  return document[name].GetString();
}

targets::Redactor Hiding(const std::string& secret) {
  targets::Redactor redactor;
  redactor.Add(targets::Secret(secret));
  return redactor;
}

TEST(LogLine, IsForPeopleInText) {
  EXPECT_EQ(Text({Severity::kWarning, "photos", "backup", "a lock"}),
            "2027-01-15 08:00:00 - photos: backup: warning: a lock");
  EXPECT_EQ(Text({Severity::kInfo, "", "", "started"}), "2027-01-15 08:00:00 - started");
}

TEST(LogLine, IsOneObjectInJson) {
  EXPECT_EQ(Json({Severity::kError, "photos", "backup", "no disk"}),
            R"({"time":"2027-01-15T08:00:00Z","level":"error","subject":"photos",)"
            R"("stage":"backup","message":"no disk"})");
  EXPECT_EQ(Json({Severity::kInfo, "", "", "started"}),
            R"({"time":"2027-01-15T08:00:00Z","level":"info","subject":"","stage":"",)"
            R"("message":"started"})");
}

TEST(LogLine, NamesEachLevelInJson) {
  EXPECT_EQ(Member(Json({Severity::kDebug, "", "", "x"}), "level"), "debug");
  EXPECT_EQ(Member(Json({Severity::kInfo, "", "", "x"}), "level"), "info");
  EXPECT_EQ(Member(Json({Severity::kWarning, "", "", "x"}), "level"), "warning");
  EXPECT_EQ(Member(Json({Severity::kError, "", "", "x"}), "level"), "error");
}

TEST(LogLine, StaysOneLineWhateverTheMessageHolds) {
  const Event event{Severity::kInfo, "a\nb", "c\rd", "first\nsecond\r\x1b[31mthird\x7f"};
  for (const std::string& line : {Text(event), Json(event)}) {
    EXPECT_EQ(line.find_first_of("\n\r\x1b\x7f"), std::string::npos) << line;
  }
  EXPECT_EQ(Member(Json(event), "message"), "first second  [31mthird ");
}

TEST(LogLine, EscapesWhatJsonDoesNotTake) {
  const Event event{Severity::kInfo, "photos", "backup", "\"a\\b\" \xFF \xE2\x82\xAC cut \xE2\x82"};
  EXPECT_EQ(Member(Json(event), "message"),
            "\"a\\b\" \xEF\xBF\xBD \xE2\x82\xAC cut \xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(LogLine, HidesSecretsInEachMember) {
  const targets::Redactor redactor = Hiding("say \"friend\"");
  const Event event{Severity::kInfo, "say \"friend\"", "say \"friend\"", "say \"friend\", enter"};
  for (const std::string& line : {Text(event, redactor), Json(event, redactor)}) {
    EXPECT_EQ(line.find("friend"), std::string::npos) << line;
  }
  EXPECT_EQ(Member(Json(event, redactor), "message"), "***, enter");
}

TEST(LogLine, CutsALongMessageButNeverThroughASecret) {
  const targets::Redactor redactor = Hiding("open sesame");
  for (std::size_t before = 3980; before < 4000; ++before) {
    const Event event{Severity::kInfo, "", "", std::string(before, 'x') + "open sesame"};
    EXPECT_EQ(Json(event, redactor).find("open"), std::string::npos);
    EXPECT_LT(Json(event, redactor).size(), 4200U);
  }
}

}  // namespace
}  // namespace runner
