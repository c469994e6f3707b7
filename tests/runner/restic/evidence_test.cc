#include "runner/restic/evidence.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

using Lines = std::vector<std::string>;

TEST(SpokenLines, AreWhatResticSaidOnceEach) {
  EXPECT_EQ(SpokenLines("Save(<data/1>) returned error, retrying after 1s: 500\n\n"
                        "Save(<data/1>) returned error, retrying after 1s: 500\n"
                        "\x1b[2KFatal: unable to save snapshot\r\n"),
            (Lines{"Save(<data/1>) returned error, retrying after 1s: 500",
                   "Fatal: unable to save snapshot"}));
}

TEST(SpokenLines, TellJsonAsText) {
  EXPECT_EQ(
      SpokenLines(R"({"message_type":"error","error":{"message":"permission denied"},)"
                  R"("during":"archival","item":"/d2/a"})"
                  "\n"
                  R"({"message_type":"error","error":{},"during":"scan","item":"/d2/b"})"
                  "\n"
                  R"({"message_type":"exit_error","code":1,"message":"Fatal: no\nand why"})"),
      (Lines{"cannot read /d2/a: permission denied", "cannot read /d2/b", "Fatal: no", "and why"}));
}

TEST(SpokenLines, LeaveOutWhatIsNoError) {
  EXPECT_EQ(SpokenLines(""), Lines{});
  EXPECT_EQ(SpokenLines("signal interrupt received, cleaning up\n"
                        "subprocess ssh: Warning: Permanently added 'h' to the list of known "
                        "hosts.\n"
                        "github.com/restic/restic/internal/archiver.go\n"),
            Lines{});
}

TEST(GoesOnWithoutCache, KnowsTheWholeBeginningOfThatLine) {
  EXPECT_TRUE(
      GoesOnWithoutCache("unable to open cache: readVersion: parsing \"\": invalid syntax"));
  EXPECT_FALSE(GoesOnWithoutCache("Fatal: unable to open cache: no"));
  EXPECT_FALSE(GoesOnWithoutCache("unable to open config file"));
}

}  // namespace
}  // namespace runner
