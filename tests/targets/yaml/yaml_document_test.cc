#include "targets/yaml/yaml_document.h"

#include <gtest/gtest.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace targets {
namespace {

std::string Json(const YamlDocument& document) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  document.root.Accept(writer);
  return buffer.GetString();
}

std::string JsonOf(std::string_view yaml) {
  const YamlDocument document = ParseYaml(yaml);
  EXPECT_TRUE(document.problems.empty()) << document.problems.front().message;
  return Json(document);
}

/// "line:column message" of the only problem.
std::string ProblemOf(std::string_view yaml) {
  const YamlDocument document = ParseYaml(yaml);
  EXPECT_EQ(document.problems.size(), 1U);
  if (document.problems.empty()) return "";
  const YamlProblem& problem = document.problems.front();
  return std::to_string(problem.where.line) + ":" + std::to_string(problem.where.column) + " " +
         problem.message;
}

TEST(YamlDocument, BecomesJson) {
  EXPECT_EQ(JsonOf("a: 1\nb: [true, ~, x, \"1\"]\nc: {d: 1.5}\n"),
            R"({"a":1,"b":[true,null,"x","1"],"c":{"d":1.5}})");
}

TEST(YamlDocument, QuotedScalarsAndBlocksAreText) {
  EXPECT_EQ(JsonOf("a: '010'\nb: \"true\"\nc: |\n  1\n  2\nd: >-\n  x\n  y\ne: !!str 5\n"),
            R"({"a":"010","b":"true","c":"1\n2\n","d":"x y","e":"5"})");
}

TEST(YamlDocument, EmptyTextIsNull) {
  EXPECT_EQ(JsonOf(""), "null");
  EXPECT_EQ(JsonOf("# only a comment\n"), "null");
  EXPECT_EQ(JsonOf("---\n"), "null");
}

TEST(YamlDocument, KnowsWhereKeysAndValuesStand) {
  const YamlDocument document = ParseYaml("a: 1\nlist:\n  - x\n  - {y: z}\n");
  EXPECT_EQ(document.marks.at("/a").key, (SourcePosition{1, 1}));
  EXPECT_EQ(document.marks.at("/a").value, (SourcePosition{1, 4}));
  EXPECT_EQ(document.marks.at("/list/0").value, (SourcePosition{3, 5}));
  EXPECT_EQ(document.marks.at("/list/1/y").key, (SourcePosition{4, 6}));
  EXPECT_EQ(document.marks.at("/list/1/y").value, (SourcePosition{4, 9}));
  EXPECT_TRUE(document.marks.at("/list/1").list_item);
  EXPECT_FALSE(document.marks.at("/list/1/y").list_item);
}

TEST(YamlDocument, AnAbsentValueStandsAtItsKey) {
  const YamlDocument document = ParseYaml("a:\nb: ~\n");
  EXPECT_EQ(document.marks.at("/a").value, (SourcePosition{1, 1}));
  EXPECT_EQ(document.marks.at("/b").value, (SourcePosition{2, 4}));
}

TEST(YamlDocument, ColumnsCountCharactersNotBytes) {
  const YamlDocument document = ParseYaml("{\"k\xC3\xA4se\": \"\xE2\x82\xAC\", b: 1}");
  EXPECT_EQ(document.marks.at("/b").key, (SourcePosition{1, 15}));
}

TEST(YamlDocument, PointersEscapeSlashAndTilde) {
  const YamlDocument document = ParseYaml("a/b: {~c: 1}\n");
  EXPECT_TRUE(document.marks.contains("/a~1b/~0c"));
  EXPECT_EQ(DottedPath("/a~1b/~0c", document.marks), "a/b.~c");
}

TEST(YamlDocument, ADottedPathShowsIndices) {
  const YamlDocument document = ParseYaml("a: [[x]]\nb: {\"0\": y}\n");
  EXPECT_EQ(DottedPath("/a/0/0", document.marks), "a[0][0]");
  EXPECT_EQ(DottedPath("/b/0", document.marks), "b.0");
  EXPECT_EQ(DottedPath("", document.marks), "");
}

TEST(YamlDocument, MarksPlainWordsThatOldYamlReadsAsBooleans) {
  const YamlDocument document = ParseYaml("a: yes\nb: \"yes\"\n");
  EXPECT_TRUE(document.marks.at("/a").plain_word);
  EXPECT_FALSE(document.marks.at("/b").plain_word);
  EXPECT_EQ(Json(document), R"({"a":"yes","b":"yes"})");
}

TEST(YamlDocument, AliasesRepeatAValueAndPointAtItsDefinition) {
  const YamlDocument document = ParseYaml("a: &x [1, 2]\nb: *x\n");
  EXPECT_EQ(Json(document), R"({"a":[1,2],"b":[1,2]})");
  EXPECT_EQ(document.marks.at("/b/1").value, (SourcePosition{1, 11}));
}

TEST(YamlDocument, MergeKeysAddWhatIsNotThere) {
  EXPECT_EQ(JsonOf("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {<<: [*x, *y], a: 0}\n"),
            R"({"x":{"a":1,"b":2},"y":{"b":3,"c":4},"z":{"a":0,"b":2,"c":4}})");
  EXPECT_EQ(JsonOf("z: {\"<<\": 1}\n"), R"({"z":{"<<":1}})");
}

TEST(YamlDocument, RefusesADuplicateKeyNamingBothLines) {
  EXPECT_EQ(ProblemOf("a: 1\nb: 2\na: 3\n"),
            "3:1 the key stands here a second time; the first is on line 1");
}

TEST(YamlDocument, RefusesASecondDocument) {
  EXPECT_EQ(ProblemOf("a: 1\n---\nb: 2\n"),
            "2:1 a second document starts here; the file must hold exactly one");
  EXPECT_EQ(JsonOf("%YAML 1.2\n---\na: 1\n...\n"), R"({"a":1})");
}

TEST(YamlDocument, RefusesTagsAndSaysWhichValueIsUnusable) {
  const YamlDocument document = ParseYaml("a: [x, !foo]\nb: !bar {c: 1}\n");
  ASSERT_EQ(document.problems.size(), 2U);
  EXPECT_EQ(document.problems[0].message, "YAML reads !foo as a tag, not as text");
  EXPECT_EQ(document.unusable, (std::vector<std::string>{"/a/1", "/b"}));
}

TEST(YamlDocument, ContinuesBehindAProblemWithOneValue) {
  const YamlDocument document = ParseYaml("a: 010\nb: 1\na: 2\n5: x\n");
  EXPECT_EQ(document.problems.size(), 3U);
  EXPECT_EQ(Json(document), R"({"a":null,"b":1})");
}

TEST(YamlDocument, RefusesAQuoteThatTheFileNeverCloses) {
  EXPECT_EQ(ProblemOf("a: \"b\n"), "1:4 the quotation mark is never closed");
  EXPECT_EQ(ProblemOf("a: 'it''s\n"), "1:4 the quotation mark is never closed");
  EXPECT_EQ(ProblemOf("a: \"b\\\"\n"), "1:4 the quotation mark is never closed");
  EXPECT_EQ(JsonOf("a: 'it''s'\nb: \"\\\"\""), R"({"a":"it's","b":"\""})");
}

std::string Nested(int depth) {
  const auto count = static_cast<std::size_t>(depth);
  return std::string(count, '[') + std::string(count, ']');
}

TEST(YamlDocument, IsAtMostSixtyFourLevelsDeep) {
  EXPECT_TRUE(ParseYaml(Nested(kMaxYamlDepth)).problems.empty());
  EXPECT_EQ(ParseYaml(Nested(kMaxYamlDepth + 1)).problems.size(), 1U);
  EXPECT_EQ(ParseYaml(Nested(100'000)).problems.size(), 1U);
}

TEST(YamlDocument, HasABoundedNumberOfValues) {
  std::string list = "[";
  for (std::size_t i = 1; i < kMaxYamlValues; ++i) list += "1,";
  EXPECT_TRUE(ParseYaml(list + "]").problems.empty());
  EXPECT_EQ(ParseYaml(list + "1]").problems.size(), 1U);
}

TEST(YamlDocument, AliasBombsEndEarly) {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 60; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before +
            "]\n";
  }
  const YamlDocument document = ParseYaml(text);
  ASSERT_FALSE(document.problems.empty());
  EXPECT_TRUE(document.root.IsNull());
  std::string merges = "a0: &a0 {k: x}\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    merges += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {<<: [" + before + ", " +
              before + "]}\n";
  }
  EXPECT_FALSE(ParseYaml(merges).problems.empty());
}

TEST(YamlDocument, SurvivesNonsense) {
  for (const char* text : {"{",           "}",
                           "[",           "]",
                           ":",           "- - -",
                           "? ",          "&a",
                           "*a",          "!",
                           "!!",          "%",
                           "%YAML",       "|",
                           ">",           "\"",
                           "'",           "a: b: c",
                           "{a: &x *x}",  "&a &b c",
                           "!<",          "%TAG ! x\n---\n",
                           "? ? ?",       "-\t-",
                           "{? a}",       "a: |9\n b",
                           "\"\\ud800\"", "\"\\UFFFFFFFF\"",
                           "--- |",       "...",
                           "[a, b}: c",   "<<: *x"}) {
    const YamlDocument document = ParseYaml(text);
    for (const YamlProblem& problem : document.problems) EXPECT_GE(problem.where.line, 1) << text;
  }
}

}  // namespace
}  // namespace targets
