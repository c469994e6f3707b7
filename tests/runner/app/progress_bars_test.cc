#include "runner/app/progress_bars.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "tests/runner/app/memory_stream.h"
#include "tests/support/fake_clock.h"

namespace runner {
namespace {

/// What a terminal shows after `written`: lines, and what erases the last ones of them.
std::string Shown(const std::string& written) {
  std::string shown;
  for (std::size_t at = 0; at < written.size();) {
    if (written[at] != '\x1b') {
      shown += written[at++];
      continue;
    }
    const std::size_t up = written.find('A', at);
    const int lines = std::stoi(written.substr(at + 2, up - at - 2));
    EXPECT_EQ(written.substr(up + 1, 3), "\x1b[J");
    for (int line = 0; line < lines; ++line) {
      shown.pop_back();  // the end of the line above the cursor
      const std::size_t before = shown.rfind('\n');
      shown.resize(before == std::string::npos ? 0 : before + 1);
    }
    at = up + 4;
  }
  return shown;
}

class ProgressBarsTest : public ::testing::Test {
 protected:
  void Tell(const std::string& target, double fraction) {
    Progress progress;
    progress.target = target;
    progress.stage = "backup";
    progress.fraction = fraction;
    progress.bytes_done = static_cast<unsigned long long>(fraction * 1024);
    progress.bytes_total = 1024;
    bars_->OnProgress(progress);
  }
  std::string Screen() { return Shown(out_.Text()); }

  testing::MemoryStream out_;
  testing::MemoryStream err_;
  testing::FakeClock clock_;
  Console console_{out_.file(), err_.file(), runner::Screen{true, true}};
  std::optional<ProgressBars> bars_{std::in_place, console_, clock_};
};

TEST_F(ProgressBarsTest, StayBelowWhatIsPrinted) {
  console_.Out("first\n");
  Tell("photos", 0.25);
  console_.Out("second\n");
  EXPECT_EQ(Screen(),
            "first\nsecond\nphotos  backup  [#####---------------]  25 %  256 B of 1.0 KiB\n");
}

TEST_F(ProgressBarsTest, MoveInTheirPlace) {
  Tell("photos", 0.25);
  Tell("db", 0.5);
  Tell("photos", 1.0);
  EXPECT_EQ(Screen(),
            "db  backup      [##########----------]  50 %  512 B of 1.0 KiB\n"
            "photos  backup  [####################] 100 %  1.0 KiB of 1.0 KiB\n");
}

TEST_F(ProgressBarsTest, GoWithTheirJob) {
  Tell("photos", 0.25);
  Tell("db", 0.5);
  bars_->OnProgressEnd("photos", "backup");
  EXPECT_EQ(Screen(), "db  backup  [##########----------]  50 %  512 B of 1.0 KiB\n");
  bars_->OnProgressEnd("photos", "backup");
  bars_->OnProgressEnd("db", "backup");
  console_.Out("done\n");
  EXPECT_EQ(Screen(), "done\n");
}

TEST_F(ProgressBarsTest, LeaveNothingBehind) {
  console_.Out("first\n");
  Tell("photos", 0.25);
  bars_.reset();
  EXPECT_EQ(Screen(), "first\n");
}

TEST_F(ProgressBarsTest, MakeWayForComplaints) {
  Tell("photos", 0.25);
  console_.Err("careful\n");
  // Erased before, drawn again after it: were both streams one terminal, nothing would be mixed.
  EXPECT_EQ(err_.Text(), "careful\n");
  EXPECT_EQ(out_.Text().substr(out_.Text().find('\x1b'), 7), "\x1b[1A\x1b[J");
}

TEST_F(ProgressBarsTest, LeaveRoomOnTheTerminal) {
  for (char name = 'a'; name <= 'z'; ++name) Tell(std::string(1, name), 0.5);
  const std::string screen = Screen();
  EXPECT_EQ(std::count(screen.begin(), screen.end(), '\n'), 9);
  EXPECT_NE(screen.find("and 18 more\n"), std::string::npos) << screen;
}

TEST_F(ProgressBarsTest, AreNotForAPipe) {
  Console pipe(out_.file(), err_.file());
  ProgressBars bars(pipe, clock_);
  Progress progress;
  progress.bytes_total = 10;
  bars.OnProgress(progress);
  EXPECT_EQ(out_.Text(), "");
}

}  // namespace
}  // namespace runner
