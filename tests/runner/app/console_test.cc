#include "runner/app/console.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

#include "tests/runner/app/memory_stream.h"
#include "tests/support/fake_clock.h"

namespace runner {
namespace {

class ConsoleTest : public ::testing::Test {
 protected:
  void Hide(const std::string& secret) {
    targets::Redactor redactor;
    redactor.Add(targets::Secret(secret));
    console_.SetRedactor(std::move(redactor));
  }

  testing::MemoryStream out_;
  testing::MemoryStream err_;
  Console console_{out_.file(), err_.file()};
  testing::FakeClock clock_;
  ConsoleObserver observer_{console_, clock_, false};
};

TEST_F(ConsoleTest, KeepsAnswersAndComplaintsApart) {
  EXPECT_TRUE(console_.Out("three targets\n"));
  console_.Err("careful\n");
  EXPECT_EQ(out_.Text(), "three targets\n");
  EXPECT_EQ(err_.Text(), "careful\n");
}

TEST_F(ConsoleTest, HidesSecretsOnBothStreams) {
  Hide("open sesame");
  console_.Out("the password is open sesame.\n");
  console_.Err("open sesame was refused\n");
  EXPECT_EQ(out_.Text(), "the password is ***.\n");
  EXPECT_EQ(err_.Text(), "*** was refused\n");
}

TEST_F(ConsoleTest, HidesPasswordsInUrlsThatNobodyNamed) {
  console_.Out("rest:https://user:hunter2@host/repo\n");
  EXPECT_EQ(out_.Text().find("hunter2"), std::string::npos);
}

TEST_F(ConsoleTest, HasNoColorInAPipe) { EXPECT_FALSE(console_.color()); }

TEST_F(ConsoleTest, NoticesAFullDiskWhenItIsFlushed) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> full(std::fopen("/dev/full", "w"),
                                                             &std::fclose);
  ASSERT_NE(full, nullptr);
  Console console(full.get(), err_.file());
  console.Out("lost\n");
  EXPECT_FALSE(console.Flush());
  EXPECT_FALSE(console.Flush());  // what was lost stays lost
}

TEST_F(ConsoleTest, PrintsAnEventWithItsTimeSubjectAndStage) {
  observer_.OnEvent({Severity::kInfo, "photos", "backup", "12 files new"});
  EXPECT_EQ(out_.Text(), "2027-01-15 08:00:00 - photos: backup: 12 files new\n");
}

TEST_F(ConsoleTest, PrintsAnEventOfTheProgramItself) {
  observer_.OnEvent({Severity::kInfo, "", "", "started"});
  EXPECT_EQ(out_.Text(), "2027-01-15 08:00:00 - started\n");
}

TEST_F(ConsoleTest, MarksWarningsAndErrors) {
  observer_.OnEvent({Severity::kWarning, "photos", "", "a lock"});
  observer_.OnEvent({Severity::kError, "photos", "", "no disk"});
  EXPECT_EQ(out_.Text(),
            "2027-01-15 08:00:00 - photos: warning: a lock\n"
            "2027-01-15 08:00:00 - photos: ERROR: no disk\n");
}

TEST_F(ConsoleTest, PrintsDebugLinesOnlyIfAskedFor) {
  observer_.OnEvent({Severity::kDebug, "photos", "", "details"});
  EXPECT_EQ(out_.Text(), "");
  ConsoleObserver(console_, clock_, true).OnEvent({Severity::kDebug, "photos", "", "details"});
  EXPECT_EQ(out_.Text(), "2027-01-15 08:00:00 - photos: debug: details\n");
}

TEST_F(ConsoleTest, PrintsOneLineForEachEvent) {
  observer_.OnEvent({Severity::kInfo, "photos", "", "first\nsecond\r\x1b[31mthird"});
  const std::string text = out_.Text();
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST_F(ConsoleTest, CutsALongEvent) {
  observer_.OnEvent({Severity::kInfo, "", "", std::string(100'000, 'x')});
  EXPECT_LT(out_.Text().size(), 4100U);
}

TEST_F(ConsoleTest, HidesASecretThatTheCutOfALongEventWouldSplit) {
  Hide("open sesame");
  for (std::size_t before = 3980; before < 4000; ++before)
    observer_.OnEvent({Severity::kInfo, "", "", std::string(before, 'x') + "open sesame"});
  EXPECT_EQ(out_.Text().find("open"), std::string::npos);
}

TEST_F(ConsoleTest, HidesASecretOfSeveralLinesInAnEvent) {
  Hide("first half\nsecond half");
  observer_.OnEvent({Severity::kInfo, "", "", "it is first half\nsecond half, alas"});
  EXPECT_EQ(out_.Text().find("half"), std::string::npos) << out_.Text();
}

}  // namespace
}  // namespace runner
