#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <fstream>
#include <sstream>

#include "tests/runner/status/status_world.h"

namespace runner {
namespace {

using namespace status_world;  // NOLINT(google-build-using-namespace): its words are the tests'
                               // words

std::string ReadSchema() {
  std::ifstream file(STATUS_SCHEMA);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// "" if `json` obeys schemas/status.schema.json, else where it does not.
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

/// Something of everything: a failure with a retry, a run, a disabled target, damage, a daemon.
StatusReport Busy() {
  StatusWorld world;
  world.config_.maintenance.check = targets::CheckJob{.schedule = Daily()};
  world.StartDaemon(kNow + kHour);
  world.Run({{}, Stage::kCheck}, kHour);
  EXPECT_TRUE(world.markers_.Write(
      kBackup,
      {MarkerStatus::kFailed, kNow - kHour, "bad \xFF name", {{marker_key::kHint, "look"}}}));
  world.Remember(kPhotos, Stage::kBackup, Failed(kDue, kNow + kHour, 1));
  world.database().enabled = false;
  world.Hand("repository/schedule", "what?\n");
  return world.Look();
}

TEST(StatusJson, ObeysItsSchema) {
  EXPECT_EQ(Violation(RenderStatusJson(Busy())), "");
  EXPECT_EQ(Violation(RenderStatusJson(StatusReport{})), "");
  EXPECT_EQ(Violation(StatusWorld().Json({.only = {kPhotos}})), "");
}

TEST(StatusJson, EveryWordAndKindIsInTheSchema) {
  for (int word = 0; word <= static_cast<int>(StatusWord::kUnhealthy); ++word) {
    StatusReport report;
    report.targets.push_back({.name = "x", .word = static_cast<StatusWord>(word)});
    EXPECT_EQ(Violation(RenderStatusJson(report)), "") << word;
  }
  for (int kind = 0; kind <= static_cast<int>(NextKind::kScheduled); ++kind) {
    StatusReport report;
    report.targets.push_back({.name = "x", .next = NextRun{static_cast<NextKind>(kind), kNow, 1}});
    EXPECT_EQ(Violation(RenderStatusJson(report)), "") << kind;
  }
}

TEST(StatusJson, IsWhatProgramsExpect) {
  StatusWorld world;
  EXPECT_EQ(world.Json({.only = {kPhotos}}),
            "{\"version\":1,\"time\":\"2027-01-15T08:00:00Z\",\"healthy\":true,"
            "\"summary\":\"last backup 1h ago\",\"targets\":[{\"id\":\"photos\",\"state\":\"ok\","
            "\"healthy\":true,\"last_success\":\"2027-01-15T07:00:00Z\","
            "\"next\":{\"kind\":\"scheduled\",\"at\":\"2027-01-16T02:00:00Z\"},"
            "\"snapshots_proven\":0,\"problems\":[]}],\"repository\":[],"
            "\"daemon\":{\"running\":false},\"problems\":[]}\n");
}

TEST(StatusJson, HasTheLastProofOfADrill) {
  StatusWorld world;
  world.Succeed({kPhotos, Stage::kDrill}, kHour);
  const std::string json = world.Json({.only = {kPhotos}});
  EXPECT_NE(json.find("\"last_proven_restorable\":\"2027-01-15T07:00:00Z\""), std::string::npos)
      << json;
  EXPECT_EQ(Violation(json), "");
}

TEST(StatusJson, TheSchemaRefusesWhatIsNotPartOfTheFormat) {
  StatusReport report = Busy();
  report.targets[0].name = "No Target";
  EXPECT_EQ(Violation(RenderStatusJson(report)), "pattern at #/targets/0/id");
  EXPECT_NE(Violation("{\"version\":1}"), "");
}

}  // namespace
}  // namespace runner
