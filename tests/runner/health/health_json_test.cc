#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <fstream>
#include <sstream>

#include "runner/health/render.h"

namespace runner {
namespace {

using targets::FromUnixSeconds;
using targets::Stage;

std::string ReadSchema() {
  std::ifstream file(HEALTH_SCHEMA);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// "" if `json` obeys schemas/health.schema.json, else where it does not.
std::string Violation(const std::string& json) {
  rapidjson::Document schema_document;
  schema_document.Parse(ReadSchema());
  if (schema_document.HasParseError()) return "the schema is no JSON";
  const rapidjson::SchemaDocument schema(schema_document);
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(json);
  if (document.HasParseError()) return "the output is no JSON";
  rapidjson::SchemaValidator validator(schema);
  if (document.Accept(validator)) return "";
  rapidjson::StringBuffer where;
  validator.GetInvalidDocumentPointer().StringifyUriFragment(where);
  return std::string(validator.GetInvalidSchemaKeyword()) + " at " + where.GetString();
}

HealthReport Report() {
  HealthReport report{.time = FromUnixSeconds(1'800'000'000)};
  report.targets.push_back(
      {.name = "photos",
       .findings = {{HealthLevel::kUnhealthy, "failed", Stage::kBackup, "Backup failed"},
                    {HealthLevel::kWarning, "disk_space", std::nullopt, "full"}},
       .last_success = FromUnixSeconds(1'799'999'999),
       .running = Stage::kForget});
  report.targets.push_back({.name = "database"});
  report.others.push_back({.name = "daemon"});
  return report;
}

TEST(HealthJson, ObeysItsSchema) {
  EXPECT_EQ(Violation(RenderHealthJson(Report())), "");
  EXPECT_EQ(Violation(RenderHealthJson(HealthReport{})), "");
}

TEST(HealthJson, IsWhatProgramsExpect) {
  EXPECT_EQ(RenderHealthJson(Report()),
            "{\"version\":1,\"time\":\"2027-01-15T08:00:00Z\",\"healthy\":false,"
            "\"summary\":\"photos: Backup failed\",\"targets\":["
            "{\"id\":\"photos\",\"healthy\":false,\"last_success\":\"2027-01-15T07:59:59Z\","
            "\"running\":\"forget\","
            "\"findings\":[{\"level\":\"unhealthy\",\"code\":\"failed\",\"stage\":\"backup\","
            "\"message\":\"Backup "
            "failed\"},{\"level\":\"warning\",\"code\":\"disk_space\",\"message\":\"full\"}]},"
            "{\"id\":\"database\",\"healthy\":true,\"findings\":[]}],"
            "\"others\":[{\"name\":\"daemon\",\"healthy\":true,\"findings\":[]}]}\n");
}

TEST(HealthJson, TheSchemaRefusesWhatIsNotPartOfTheFormat) {
  HealthReport report = Report();
  report.targets[0].findings[0].code = "invented";
  EXPECT_EQ(Violation(RenderHealthJson(report)), "enum at #/targets/0/findings/0/code");
  EXPECT_NE(Violation("{\"version\":1}"), "");
}

TEST(HealthJson, IsValidUtf8WhateverTheMessagesHold) {
  HealthReport report = Report();
  report.targets[0].findings[0].message =
      "bad \xFF\xC0\xAF\xED\xA0\x80 good \xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80 cut \xE2\x82";
  const std::string json = RenderHealthJson(report);
  EXPECT_EQ(Violation(json), "");
  EXPECT_NE(json.find(" good \xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80 cut \xEF\xBF\xBD"),
            std::string::npos);
}

}  // namespace
}  // namespace runner
