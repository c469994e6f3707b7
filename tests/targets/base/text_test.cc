#include "targets/base/text.h"

#include <gtest/gtest.h>

namespace targets {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(EditDistance("", ""), 0U);
  EXPECT_EQ(EditDistance("abc", ""), 3U);
  EXPECT_EQ(EditDistance("corn", "cron"), 1U);
  EXPECT_EQ(EditDistance("retension", "retention"), 1U);
  EXPECT_EQ(EditDistance("excludes", "exclude"), 1U);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3U);
}

TEST(Nearest, FindsWhatWasProbablyMeant) {
  const std::vector<std::string> names = {"schedule", "retention", "tags"};
  EXPECT_EQ(Nearest("retension", names), "retention");
  EXPECT_EQ(Nearest("shedul", names), "schedule");
  EXPECT_EQ(Nearest("colour", names), std::nullopt);
  EXPECT_EQ(Nearest("", names), std::nullopt);
  EXPECT_EQ(Nearest(std::string(201, 'x'), names), std::nullopt);
}

TEST(Nearest, DoesNotTurnAShortWordIntoAnEntirelyDifferentOne) {
  const std::vector<std::string> names = {"ab"};
  EXPECT_EQ(Nearest("xy", names), std::nullopt);
  EXPECT_EQ(Nearest("a", names), "ab");
}

TEST(Text, TrimsSpaceOnBothSides) {
  EXPECT_EQ(TrimSpace(" \t a b \r\n"), "a b");
  EXPECT_EQ(TrimSpace(" \n"), "");
  EXPECT_EQ(TrimSpace(""), "");
}

TEST(Text, SplitsAndJoins) {
  EXPECT_EQ(Split("a,,b,", ','), (std::vector<std::string_view>{"a", "", "b", ""}));
  EXPECT_EQ(Split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(Join(std::vector<std::string>{"a", "b"}, ", "), "a, b");
  EXPECT_EQ(Join(std::vector<std::string>{}, ", "), "");
}

TEST(ShellQuote, QuotesOnlyWhatAShellWouldChange) {
  EXPECT_EQ(ShellQuote("/data/photos"), "/data/photos");
  EXPECT_EQ(ShellQuote("--tag=a:b"), "--tag=a:b");
  EXPECT_EQ(ShellQuote(""), "''");
  EXPECT_EQ(ShellQuote("a b"), "'a b'");
  EXPECT_EQ(ShellQuote("*.tmp"), "'*.tmp'");
  EXPECT_EQ(ShellQuote("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellQuote("$HOME"), "'$HOME'");
}

TEST(OneLine, MakesControlCharactersSpaces) {
  EXPECT_EQ(OneLine(" a\nb\tc\x7F"
                    "d \n"),
            "a b c d");
}

TEST(OneLine, CutsAtTheLimitWithAnEllipsis) {
  EXPECT_EQ(OneLine("12345", 5), "12345");
  EXPECT_EQ(OneLine("123456", 5), "12...");
  EXPECT_LE(OneLine("123456", 2).size(), 3U);
}

TEST(OneLine, NeverCutsACharacterInTwo) {
  EXPECT_EQ(OneLine("a\xC3\xA4\xC3\xA4\xC3\xA4", 6), "a\xC3\xA4...");
  EXPECT_EQ(OneLine("ab\xC3\xA4\xC3\xA4\xC3\xA4", 6), "ab...");
}

}  // namespace
}  // namespace targets
