#include <gmock/gmock.h>
#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <fstream>
#include <sstream>

#include "runner/history/render.h"
#include "tests/runner/history/history_fixture.h"

namespace runner {
namespace {

using ::testing::HasSubstr;

const targets::Zone kUtc;

RunRecord Numbered(RunRecord run, std::int64_t id) {
  run.id = id;
  return run;
}

/// Of everything one: all known, next to nothing known, a warning only, bytes that are no text.
HistoryPage Mixed() {
  RunRecord cut = RunOf("", 1'800'000'100);
  cut.stage = targets::Stage::kPrune;
  cut.ended.reset();
  cut.outcome = "interrupted";
  cut.reason = "the runner ended before this run did";
  RunRecord warned = RunOf("mail", 1'800'000'200);
  warned.took = std::chrono::milliseconds{1234};
  warned.warnings = {"bad \xff name", "two"};
  return {{Numbered(FullRun(), 9), Numbered(cut, 10), Numbered(warned, 11)}, 3};
}

TEST(HistoryText, IsATableWithTheReasonOfWhatIsNoPlainSuccess) {
  RunRecord good = RunOf("mail", 1'800'000'300);
  good.took = std::chrono::seconds{125};
  HistoryPage page = Mixed();
  page.runs.push_back(Numbered(good, 12));
  page.runs[2].warnings.front() = "one";
  page.matching = 4;
  EXPECT_EQ(
      RenderHistoryText(page, kUtc),
      "RUN  TARGET      STAGE   STARTED                   TOOK   OUTCOME      ADDED    SNAPSHOT\n"
      "  9  photos      backup  Fri 2027-01-15 08:00 UTC  59d7h  incomplete   5.6 GiB  aaaaaaaa  "
      "2 "
      "files could not be read\n"
      " 10  repository  prune   Fri 2027-01-15 08:01 UTC  -      interrupted  -        -         "
      "the runner ended before this run did\n"
      " 11  mail        backup  Fri 2027-01-15 08:03 UTC  1.2s   success      -        -         "
      "2 "
      "warnings: one\n"
      " 12  mail        backup  Fri 2027-01-15 08:05 UTC  2m5s   success      -        -\n"
      "4 runs\n");
}

TEST(HistoryText, SaysThatThereAreMore) {
  HistoryPage page{{Numbered(RunOf("mail", 1'800'000'000), 5)}, 1};
  EXPECT_THAT(RenderHistoryText(page, kUtc), HasSubstr("\n1 run\n"));
  page.matching = 7;
  EXPECT_THAT(RenderHistoryText(page, kUtc),
              HasSubstr("\nthe last 1 of 7 runs; --limit 7 shows all\n"));
}

TEST(HistoryText, SaysThatThereAreNone) { EXPECT_EQ(RenderHistoryText({}, kUtc), "no runs\n"); }

TEST(RunText, HasAllThatIsKnown) {
  EXPECT_EQ(RenderRunText(Numbered(FullRun(), 9), kUtc),
            "run       9: backup of photos\n"
            "outcome   incomplete\n"
            "cause     incomplete\n"
            "reason    2 files could not be read\n"
            "hint      give the jobs permission\n"
            "snapshot  " +
                std::string(64, 'a') +
                "\n"
                "due       Fri 2027-01-15 07:59 UTC\n"
                "started   Fri 2027-01-15 08:00 UTC\n"
                "ended     Fri 2027-01-15 08:00 UTC\n"
                "took      59d7h\n"
                "files     1 new, 2 changed, 3 unchanged, 6 in all\n"
                "data      4.5 TiB in all, 5.6 GiB added\n"
                "used      1.2s of processor time, 7.5 GiB of memory at most, 4 processes\n"
                "\nwarnings:\n  /a: denied\n  /b: denied\n"
                "\nthe last output:\n  restic backup: exit code 3\n"
                "  Warning: at least one file could not be read\n");
}

TEST(RunText, LeavesOutWhatIsNotKnown) {
  const std::string text = RenderRunText(Mixed().runs[1], kUtc);
  EXPECT_EQ(text,
            "run       10: prune of the repository\n"
            "outcome   interrupted\n"
            "reason    the runner ended before this run did\n"
            "started   Fri 2027-01-15 08:01 UTC\n"
            "ended     nobody knows when\n");
}

/// "" if `json` obeys schemas/history.schema.json, else where it does not.
std::string Violation(const std::string& json) {
  std::ifstream file(HISTORY_SCHEMA);
  std::ostringstream text;
  text << file.rdbuf();
  rapidjson::Document schema_document;
  schema_document.Parse(text.str());
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

TEST(HistoryJson, ObeysItsSchema) {
  EXPECT_EQ(Violation(RenderHistoryJson({})), "");
  EXPECT_EQ(Violation(RenderHistoryJson(Mixed())), "");
  HistoryPage wrong = Mixed();
  wrong.runs.front().outcome = "splendid";
  EXPECT_EQ(Violation(RenderHistoryJson(wrong)), "enum at #/runs/0/outcome");
}

TEST(HistoryJson, HasEveryMemberOfARunOfWhichAllIsKnown) {
  rapidjson::Document schema;
  std::ifstream file(HISTORY_SCHEMA);
  std::ostringstream text;
  text << file.rdbuf();
  schema.Parse(text.str());
  rapidjson::Document document;
  document.Parse(RenderHistoryJson(Mixed()));
  const auto& full = document["runs"][0];
  for (const auto& member : schema["properties"]["runs"]["items"]["properties"].GetObject())
    EXPECT_TRUE(full.HasMember(member.name)) << member.name.GetString();
  EXPECT_EQ(full["bytes_total"].GetUint64(), 5'000'000'000'000U);
  const auto& cut = document["runs"][1];
  EXPECT_FALSE(cut.HasMember("target"));
  EXPECT_FALSE(cut.HasMember("ended"));
  EXPECT_FALSE(cut.HasMember("due"));
}

}  // namespace
}  // namespace runner
