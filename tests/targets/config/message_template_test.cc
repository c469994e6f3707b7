#include "targets/config/message_template.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

const std::map<std::string, std::string> kValues = {{"title", "a \"b\"\n\x01"},
                                                    {"target", "photos & more"}};

std::string Json(std::string_view text) { return FillTemplate(text, kValues, TemplateUse::kJson); }

TEST(MessageTemplate, PutsValuesWhereTheirNamesStand) {
  EXPECT_EQ(Json(R"({"text": "{{title}}"})"), "{\"text\": \"a \\\"b\\\"\\n\\u0001\"}");
  EXPECT_EQ(Json("{{ title }}{{target}}"), "a \\\"b\\\"\\n\\u0001photos & more");
  EXPECT_EQ(FillTemplate("x/{{target}}", kValues, TemplateUse::kUrl), "x/photos%20%26%20more");
}

TEST(MessageTemplate, LeavesEverythingElseAlone) {
  EXPECT_EQ(Json(""), "");
  EXPECT_EQ(Json("{} ${X} }} {{open"), "{} ${X} }} {{open");
  EXPECT_EQ(Json("{{unknown}}"), "");
}

TEST(MessageTemplate, DoesNotLookAtAValueAgain) {
  EXPECT_EQ(FillTemplate("{{title}}", {{"title", "{{title}}"}}, TemplateUse::kJson), "{{title}}");
}

TEST(MessageTemplate, BytesThatAreNoTextDoNotBreakJson) {
  EXPECT_EQ(FillTemplate("{{title}}", {{"title", "\xff"}}, TemplateUse::kJson), "\xEF\xBF\xBD");
}

TEST(MessageTemplate, KnowsItsNames) {
  EXPECT_TRUE(CheckTemplate("{{title}} {{ message }} {{event}} {{target}} {{instance}} {{time}}"));
  const auto unknown = CheckTemplate("{{mesage}}");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "there is no placeholder {{mesage}}");
  EXPECT_EQ(unknown.error().hint, "did you mean {{message}}?");
  EXPECT_FALSE(CheckTemplate("{{title}} {{"));
}

TEST(MessageTemplate, SeesWhetherThereIsOneForEachTarget) {
  EXPECT_TRUE(NamesTarget("https://x/{{target}}"));
  EXPECT_TRUE(NamesTarget("{{title}}{{ target }}"));
  EXPECT_FALSE(NamesTarget("{{title}} target"));
  EXPECT_FALSE(NamesTarget(""));
}

}  // namespace
}  // namespace targets
