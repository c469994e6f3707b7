#include "targets/yaml/text_check.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

TEST(TextCheck, AcceptsEveryLengthOfUtf8Character) {
  EXPECT_FALSE(CheckText("a \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80\n\ttab\r\n"));
  EXPECT_FALSE(CheckText(""));
}

TEST(TextCheck, RefusesMalformedUtf8AtItsPlace) {
  for (const char* bad :
       {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xFF"}) {
    const auto problem = CheckText(std::string("ok\n\xC3\xA4") + bad);
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->where, (SourcePosition{2, 2}));
  }
}

TEST(TextCheck, RefusesControlCharactersButNotTabsAndLineEnds) {
  for (const char c : {'\0', '\x01', '\x04', '\x1B', '\x7F'}) {
    EXPECT_TRUE(CheckText(std::string("a") + c)) << int{c};
  }
  EXPECT_FALSE(CheckText("a\t\r\n"));
}

TEST(TextCheck, AcceptsFourMebibytesAndNotOneByteMore) {
  EXPECT_FALSE(CheckText(std::string(kMaxYamlBytes, '#')));
  EXPECT_TRUE(CheckText(std::string(kMaxYamlBytes + 1, '#')));
}

TEST(TextCheck, CountsEveryKindOfLineEndOnce) {
  EXPECT_EQ(CheckText("a\r\nb\nc\rd\x01")->where, (SourcePosition{4, 2}));
}

TEST(TextCheck, NormalisesLineEndsAndTheByteOrderMark) {
  EXPECT_EQ(NormaliseText("\xEF\xBB\xBF"
                          "a\r\nb\rc\n"),
            "a\nb\nc\n");
  EXPECT_EQ(NormaliseText("\r\r\n"), "\n\n");
}

}  // namespace
}  // namespace targets
