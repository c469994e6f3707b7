#include "runner/process/output.h"

#include <gtest/gtest.h>

#include <vector>

namespace runner {
namespace {

using Lines = std::vector<std::string>;

Lines Split(const std::vector<std::string>& pieces) {
  Lines lines;
  LineSplitter splitter;
  const auto sink = [&](std::string_view line) { lines.emplace_back(line); };
  for (const std::string& piece : pieces) splitter.Feed(piece, sink);
  splitter.Finish(sink);
  return lines;
}

TEST(LineSplitter, GivesTheSameLinesHoweverTheBytesArrive) {
  const std::string text = "one\n\ntwo\nthree";
  const Lines expected{"one", "", "two", "three"};
  EXPECT_EQ(Split({text}), expected);
  std::vector<std::string> bytes;
  for (const char byte : text) bytes.emplace_back(1, byte);
  EXPECT_EQ(Split(bytes), expected);
}

TEST(LineSplitter, HasNoLineAfterTheLastNewline) {
  EXPECT_EQ(Split({}), Lines{});
  EXPECT_EQ(Split({"a\n"}), Lines{"a"});
  EXPECT_EQ(Split({"\n"}), Lines{""});
}

TEST(LineSplitter, PassesBinaryBytesOn) {
  const std::string binary("\0\xff\r\0", 4);
  EXPECT_EQ(Split({binary + "\n" + binary}), (Lines{binary, binary}));
}

TEST(LineSplitter, CutsLinesAtTheLimitAndDropsTheRest) {
  const std::string whole(kLongestLine, 'a');
  EXPECT_EQ(Split({whole + "\nb\n"}), (Lines{whole, "b"}));
  EXPECT_EQ(Split({whole, "x", "yz\nb\n"}), (Lines{whole, "b"}));
  EXPECT_EQ(Split({whole + whole}), Lines{whole});
}

TEST(Tail, KeepsTheLastBytesAndNotOneMore) {
  for (const std::size_t limit : {0U, 1U, 5U, 6U, 7U}) {
    Tail at_once(limit);
    at_once.Feed("abcdef");
    Tail in_pieces(limit);
    for (const char* piece : {"a", "bc", "", "def"}) in_pieces.Feed(piece);
    const std::string expected = std::string("abcdef").substr(limit < 6 ? 6 - limit : 0);
    EXPECT_EQ(at_once.Take(), expected) << limit;
    EXPECT_EQ(in_pieces.Take(), expected) << limit;
  }
}

}  // namespace
}  // namespace runner
