#include "runner/state/error_log.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::Duration;
using targets::FromUnixSeconds;
using targets::Stage;
using targets::TargetId;
using testing::MemoryFileSystem;

const MarkerKey kBackup{TargetId("photos"), Stage::kBackup};
const MarkerKey kCheck{{}, Stage::kCheck};
const targets::UnixTime kNow = FromUnixSeconds(1'800'000'000);
constexpr const char* kFile = "/state/targets/photos/restic_errors";

class ErrorLogTest : public ::testing::Test {
 protected:
  ErrorLogTest() { EXPECT_TRUE(StateFolder(files_, "/state").Prepare(kNow)); }

  void Add(const MarkerKey& key, targets::UnixTime now, const std::vector<std::string>& said) {
    now_ = now;
    EXPECT_TRUE(log_.Add(key, now, said));
  }
  std::string Content(const std::string& path = kFile) {
    return files_.Read(path, kSmallFileLimit).value().value_or("(absent)");
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    const std::vector<ErrorLine> known = log_.Read(kBackup.target, now_).lines;
    for (const ErrorLine& line : known) texts.push_back(line.text);
    return texts;
  }

  targets::UnixTime now_ = kNow;
  MemoryFileSystem files_;
  targets::Redactor redactor_;
  ErrorLog log_{files_, redactor_, StateFolder(files_, "/state")};
};

TEST_F(ErrorLogTest, HasOneLineForEachLineThatWasSaid) {
  Add(kBackup, kNow, {"Save(<data/1>) returned error", "Fatal: no"});
  Add(kCheck, kNow + Duration{1}, {"pack 12 is damaged"});
  EXPECT_EQ(Content(),
            "runner restic_errors 1\n1800000000 backup Save(<data/1>) returned error\n"
            "1800000000 backup Fatal: no\n");
  EXPECT_EQ(Content("/state/repository/restic_errors"),
            "runner restic_errors 1\n1800000001 check pack 12 is damaged\n");
  EXPECT_EQ(log_.Read({}, now_),
            (KnownErrors{{{kNow + Duration{1}, Stage::kCheck, "pack 12 is damaged"}}, ""}));
}

TEST_F(ErrorLogTest, IsNotMadeByARunThatSaidNothing) {
  Add(kBackup, kNow, {});
  EXPECT_EQ(Content(), "(absent)");
  EXPECT_EQ(log_.Read(kBackup.target, kNow), KnownErrors{});
}

TEST_F(ErrorLogTest, KeepsTheLastTwentyLinesOfARun) {
  std::vector<std::string> said;
  for (int i = 1; i <= 21; ++i) said.push_back(fmt::format("line {}", i));
  Add(kBackup, kNow, said);
  ASSERT_EQ(Texts().size(), 20U);
  EXPECT_EQ(Texts().front(), "line 2");
  EXPECT_EQ(Texts().back(), "line 21");
}

TEST_F(ErrorLogTest, KeepsTwoHundredLinesOfAllRuns) {
  for (int run = 0; run < 11; ++run) {
    Add(kBackup, kNow + Duration{run}, std::vector<std::string>(20, fmt::format("run {}", run)));
  }
  ASSERT_EQ(Texts().size(), 200U);
  EXPECT_EQ(Texts().front(), "run 1");
  EXPECT_EQ(Texts().back(), "run 10");
}

TEST_F(ErrorLogTest, KnowsWhatIsYoungerThanADay) {
  Add(kBackup, kNow, {"old"});
  now_ = kNow + ErrorLog::kKept - Duration{1};
  EXPECT_EQ(Texts(), std::vector<std::string>{"old"});
  now_ = kNow + ErrorLog::kKept;
  EXPECT_EQ(Texts(), std::vector<std::string>{}) << "ignored when it is read";
  EXPECT_NE(Content().find("old"), std::string::npos);
  Add(kBackup, now_, {"new"});
  EXPECT_EQ(Texts(), std::vector<std::string>{"new"});
  EXPECT_EQ(Content().find("old"), std::string::npos) << "and dropped with the next write";
}

TEST_F(ErrorLogTest, DropsLinesOfAClockThatWasFarAhead) {
  Add(kBackup, kNow + ErrorLog::kKept + Duration{1}, {"from the future"});
  Add(kBackup, kNow, {"now"});
  EXPECT_EQ(Texts(), std::vector<std::string>{"now"});
  Add(kBackup, kNow + ErrorLog::kKept - Duration{1}, {"the clock was a day ahead"});
  Add(kBackup, kNow, {"set back"});
  EXPECT_EQ(Texts(), (std::vector<std::string>{"now", "the clock was a day ahead", "set back"}));
}

TEST_F(ErrorLogTest, CutsLongLinesAndMakesThemOne) {
  Add(kBackup, kNow, {std::string(300, 'x'), "two\nlines"});
  EXPECT_EQ(Texts()[0].size(), ErrorLog::kBytesPerLine);
  EXPECT_EQ(Texts()[1], "two lines");
}

TEST_F(ErrorLogTest, HoldsNoSecretNotEvenACutOne) {
  redactor_.Add(targets::Secret("hunter2hunter2"));
  Add(kBackup, kNow, {std::string(190, 'x') + "hunter2hunter2"});
  EXPECT_EQ(Content().find("hunter"), std::string::npos);
}

std::string File(const std::string& lines) { return "runner restic_errors 1\n" + lines; }

TEST_F(ErrorLogTest, ReadsWhatIsLeftOfADamagedFileAndSaysSo) {
  files_.AddFile(kFile, File("1800000000 backup good\r\nrubbish\n1 2\nx backup y\n"
                             "1800000000 backup \n1799999999 forget also good\n17999"));
  EXPECT_EQ(log_.Read(kBackup.target, kNow),
            (KnownErrors{
                {{kNow, Stage::kBackup, "good"}, {kNow - Duration{1}, Stage::kForget, "also good"}},
                std::string(kFile) +
                    " is damaged: 5 lines of it cannot be understood; the next complaint "
                    "of restic replaces it, or remove it"}));
}

TEST_F(ErrorLogTest, TakesAnotherFirstLineForDamage) {
  for (const char* text : {"", "1800000000 backup x\n", "runner restic_errors 2\n1 2 3\n"}) {
    files_.AddFile(kFile, text);
    const KnownErrors known = log_.Read(kBackup.target, kNow);
    EXPECT_TRUE(known.lines.empty());
    EXPECT_NE(known.problem.find("its first line is not \"runner restic_errors 1\""),
              std::string::npos)
        << known.problem;
  }
}

TEST_F(ErrorLogTest, IgnoresStagesOfALaterVersionWithoutComplaint) {
  files_.AddFile(kFile, File("1800000000 lunch x\n1800000000 backup y\n"));
  EXPECT_EQ(log_.Read(kBackup.target, kNow), (KnownErrors{{{kNow, Stage::kBackup, "y"}}, ""}));
}

TEST_F(ErrorLogTest, IsWholeAgainAfterTheNextComplaint) {
  files_.AddFile(kFile, File("1800000000 backup good\nrubbish\n"));
  Add(kBackup, kNow, {"new"});
  EXPECT_EQ(Content(), File("1800000000 backup good\n1800000000 backup new\n"));
  files_.AddFile(kFile, std::string(kSmallFileLimit + 1, 'x'));
  EXPECT_NE(log_.Read(kBackup.target, kNow).problem, "");
  Add(kBackup, kNow, {"newer"});
  EXPECT_EQ(Content(), File("1800000000 backup newer\n"));
}

TEST_F(ErrorLogTest, SurvivesAPowerCutOnceItIsWritten) {
  Add(kBackup, kNow, {"kept"});
  files_.CrashAndLoseUnsynced();
  EXPECT_EQ(Texts(), std::vector<std::string>{"kept"});
}

TEST_F(ErrorLogTest, SaysWhenItCannotBeWrittenOrRead) {
  files_.SetFull(true);
  EXPECT_FALSE(log_.Add(kBackup, kNow, std::vector<std::string>{"x"}));
  files_.SetFull(false);
  Add(kBackup, kNow, {"x"});
  files_.SetUnreadable(kFile, true);
  EXPECT_NE(log_.Read(kBackup.target, kNow).problem, "");
}

}  // namespace
}  // namespace runner
