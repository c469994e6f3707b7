#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <fstream>
#include <sstream>

#include "tests/runner/doctor/doctor_world.h"

namespace runner {
namespace {

using doctor_world::DoctorWorld;
using testing::Script;

std::string ReadSchema() {
  std::ifstream file(DOCTOR_SCHEMA);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// "" if `json` obeys schemas/doctor.schema.json, else where it does not.
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

TEST(DoctorJson, ObeysItsSchema) {
  DoctorWorld world;
  EXPECT_EQ(Violation(RenderDoctorJson(world.Look())), "");
  EXPECT_EQ(Violation(RenderDoctorJson(DoctorReport{})), "");
  world.SourceIs("missing");
  world.ResticIs(Script().Prints("restic 0.14.0\n").Exits(0));
  world.query_.user = 1000;
  world.config_.timezone = "No\xFFwhere";
  EXPECT_EQ(Violation(RenderDoctorJson(world.Look())), "");
}

TEST(DoctorJson, EveryLevelAndAreaIsInTheSchema) {
  for (int area = 0; area <= static_cast<int>(DoctorArea::kDaemon); ++area) {
    for (int level = 0; level <= static_cast<int>(DoctorLevel::kError); ++level) {
      DoctorReport report;
      report.findings.push_back(
          {static_cast<DoctorLevel>(level), static_cast<DoctorArea>(area), "x", "y"});
      EXPECT_EQ(Violation(RenderDoctorJson(report)), "") << area << " " << level;
    }
  }
}

TEST(DoctorJson, IsWhatProgramsExpect) {
  DoctorReport report;
  report.time = targets::FromUnixSeconds(1'800'000'000);
  report.ready = false;
  report.verdict = "not ready: 1 error";
  report.findings = {{DoctorLevel::kOk, DoctorArea::kState, "fine", ""},
                     {DoctorLevel::kError, DoctorArea::kSource, "photos: missing", "mount it"}};
  EXPECT_EQ(RenderDoctorJson(report),
            "{\"version\":1,\"time\":\"2027-01-15T08:00:00Z\",\"ready\":false,"
            "\"verdict\":\"not ready: 1 error\",\"findings\":["
            "{\"level\":\"ok\",\"area\":\"state\",\"message\":\"fine\"},"
            "{\"level\":\"error\",\"area\":\"source\",\"message\":\"photos: missing\","
            "\"do\":\"mount it\"}]}\n");
}

TEST(DoctorJson, TheSchemaRefusesWhatIsNotPartOfTheFormat) {
  EXPECT_NE(Violation("{\"version\":1}"), "");
  EXPECT_NE(Violation("{\"version\":1,\"time\":\"now\",\"ready\":true,\"verdict\":\"\","
                      "\"findings\":[]}"),
            "");
}

}  // namespace
}  // namespace runner
