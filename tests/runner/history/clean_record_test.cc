#include "runner/history/clean_record.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace runner {
namespace {

targets::Redactor Knowing(const std::string& secret) {
  targets::Redactor redactor;
  redactor.Add(targets::Secret(secret));
  return redactor;
}

TEST(CleanRecord, HasNoSecretInAnyText) {
  RunRecord run;
  run.reason = "wrong password sesame";
  run.hint = "is sesame right?";
  run.warnings = {"sesame 1"};
  run.tail = {"sesame 2", "rest:https://u:pass@host/"};
  run = CleanRecord(run, Knowing("sesame"));
  EXPECT_EQ(run.reason, "wrong password ***");
  EXPECT_EQ(run.hint, "is *** right?");
  EXPECT_EQ(run.warnings, std::vector<std::string>{"*** 1"});
  EXPECT_EQ(run.tail, (std::vector<std::string>{"*** 2", "rest:https://u:***@host/"}));
}

TEST(CleanRecord, HasNoHalfOfASecretWhereALineIsCut) {
  RunRecord run;
  run.tail = {std::string(kLongestHistoryLine - 3, 'x') + "sesame"};
  run = CleanRecord(run, Knowing("sesame"));
  EXPECT_LE(run.tail.front().size(), kLongestHistoryLine);
  EXPECT_EQ(run.tail.front().find("ses"), std::string::npos);
}

TEST(CleanRecord, KeepsTheEndOfTheTail) {
  RunRecord run;
  for (std::size_t i = 1; i <= kMostTailLines; ++i) run.tail.push_back(fmt::format("line {}", i));
  EXPECT_EQ(CleanRecord(run, {}).tail, run.tail);
  run.tail.emplace_back("last");
  const RunRecord clean = CleanRecord(run, {});
  EXPECT_EQ(clean.tail.size(), kMostTailLines);
  EXPECT_EQ(clean.tail.front(), "line 2");
  EXPECT_EQ(clean.tail.back(), "last");
}

TEST(CleanRecord, BoundsTheTailInBytes) {
  RunRecord run;
  run.tail.assign(50, std::string(kLongestHistoryLine, 'x'));
  run.tail.emplace_back("last");
  const RunRecord clean = CleanRecord(run, {});
  EXPECT_EQ(clean.tail.size(), 33U);
  EXPECT_EQ(clean.tail.back(), "last");
}

TEST(CleanRecord, CountsTheWarningsThatAreLeftOut) {
  RunRecord run;
  run.warnings.assign(kMostWarnings, "denied");
  EXPECT_EQ(CleanRecord(run, {}).warnings, run.warnings);
  run.warnings.emplace_back("one more");
  const RunRecord clean = CleanRecord(run, {});
  EXPECT_EQ(clean.warnings.size(), kMostWarnings);
  EXPECT_EQ(clean.warnings.back(), "and 2 more");
}

TEST(CleanRecord, IsValidTextOfWholeLines) {
  RunRecord run;
  run.warnings = {"two\nlines", std::string("nul\0byte", 8)};
  run.tail = {"caf\xe9"};
  run = CleanRecord(run, {});
  EXPECT_EQ(run.warnings, (std::vector<std::string>{"two lines", "nul byte"}));
  EXPECT_EQ(run.tail, std::vector<std::string>{"caf\xef\xbf\xbd"});
}

}  // namespace
}  // namespace runner
