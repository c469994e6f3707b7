#include "targets/base/utf8.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

TEST(Utf8, LeavesCharactersOfEachLengthAlone) {
  const std::string text = "a \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80";
  EXPECT_EQ(Utf8(text), text);
  EXPECT_EQ(Utf8(""), "");
}

TEST(Utf8, ReplacesEachByteThatIsNoPartOfACharacter) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(Utf8("\xFF"), bad);
  EXPECT_EQ(Utf8("\xC0\xAF"), bad + bad) << "overlong";
  EXPECT_EQ(Utf8("\xED\xA0\x80"), bad + bad + bad) << "half of a surrogate pair";
  EXPECT_EQ(Utf8("\xF4\x90\x80\x80"), bad + bad + bad + bad) << "above U+10FFFF";
  EXPECT_EQ(Utf8("cut \xE2\x82"), "cut " + bad + bad);
}

}  // namespace
}  // namespace targets
