#include "targets/config/expand.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

const Environment kEnvironment = {{"NAME", "value"}, {"EMPTY", ""}, {"NESTED", "${NAME}$$"}};

std::string Expanded(const std::string& text) {
  const auto result = ExpandText(text, kEnvironment);
  EXPECT_TRUE(result) << result.error().message;
  return result.value_or("");
}

TEST(Expand, ReplacesNamesAnywhereInTheText) {
  EXPECT_EQ(Expanded("${NAME}"), "value");
  EXPECT_EQ(Expanded("a${NAME}b${NAME}c"), "avaluebvaluec");
  EXPECT_EQ(Expanded("no variable {NAME}"), "no variable {NAME}");
}

TEST(Expand, UsesTheDefaultWhenUnsetOrEmpty) {
  EXPECT_EQ(Expanded("${NOT_SET:-x y}"), "x y");
  EXPECT_EQ(Expanded("${EMPTY:-x}"), "x");
  EXPECT_EQ(Expanded("${NAME:-x}"), "value");
  EXPECT_EQ(Expanded("${NOT_SET:-}"), "");
}

TEST(Expand, AnEmptyVariableIsSet) { EXPECT_EQ(Expanded("[${EMPTY}]"), "[]"); }

TEST(Expand, TwoDollarsAreOne) {
  EXPECT_EQ(Expanded("$$"), "$");
  EXPECT_EQ(Expanded("$${NAME}"), "${NAME}");
  EXPECT_EQ(Expanded("$$$$"), "$$");
}

TEST(Expand, ExpandsNothingTwice) { EXPECT_EQ(Expanded("${NESTED}"), "${NAME}$$"); }

TEST(Expand, RefusesEveryOtherUseOfADollar) {
  for (const char* text : {"$", "a$", "$NAME", "$(x)", "${", "${NAME", "${}", "${A B}", "${1A}",
                           "${NOT_SET}", "${NAME-x}", "${:-x}", "$$$"}) {
    EXPECT_FALSE(ExpandText(text, kEnvironment)) << text;
  }
}

TEST(Expand, BoundsTheResult) {
  const Environment large = {{"L", std::string(600'000, 'x')}};
  EXPECT_TRUE(ExpandText("${L}", large));
  EXPECT_FALSE(ExpandText("${L}${L}", large));
}

TEST(Expand, LeavesKeysAndTopLevelExtensionsAlone) {
  rapidjson::Document document;
  document.Parse(R"({"x-a": "$", "${NAME}": ["${NAME}", {"b": "$"}]})");
  const auto failures = ExpandDocument(document, kEnvironment);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].pointer, "/${NAME}/1/b");
  EXPECT_STREQ(document["${NAME}"][0].GetString(), "value");
  EXPECT_STREQ(document["x-a"].GetString(), "$");
}

}  // namespace
}  // namespace targets
