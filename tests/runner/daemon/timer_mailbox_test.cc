#include "runner/daemon/timer_mailbox.h"

#include <gtest/gtest.h>
#include <sys/timex.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "runner/base/clock.h"
#include "runner/daemon/crew.h"

namespace runner {
namespace {

TEST(TimerMailbox, GivesWhatWasPostedInItsOrder) {
  const auto mailbox = TimerMailbox::Make().value();
  mailbox->Post(BackupRan{{targets::TargetId("a"), targets::Stage::kBackup}});
  mailbox->Post(StopSignalled{});
  EXPECT_TRUE(std::holds_alternative<BackupRan>(mailbox->Wait(std::nullopt)));
  EXPECT_TRUE(std::holds_alternative<StopSignalled>(mailbox->Wait(std::nullopt)));
}

TEST(TimerMailbox, WakesAtTheTimeThatHasCome) {
  const auto mailbox = TimerMailbox::Make().value();
  const DaemonEvent event = mailbox->Wait(SystemClock().Now());
  ASSERT_TRUE(std::holds_alternative<TimerFired>(event));
  EXPECT_FALSE(std::get<TimerFired>(event).clock_was_set);
}

TEST(TimerMailbox, TakesATimeBeforeTheEpochForOneThatHasCome) {
  const auto mailbox = TimerMailbox::Make().value();
  const DaemonEvent event = mailbox->Wait(targets::FromUnixSeconds(-5));
  EXPECT_TRUE(std::holds_alternative<TimerFired>(event));
}

TEST(TimerMailbox, IsWokenByAnotherThread) {
  const auto mailbox = TimerMailbox::Make().value();
  const std::jthread other([&] { mailbox->Post(ReloadSignalled{}); });
  EXPECT_TRUE(std::holds_alternative<ReloadSignalled>(mailbox->Wait(std::nullopt)));
}

/// A step of one nanosecond, which the kernel treats as any other.
TEST(TimerMailbox, NoticesThatTheClockWasSet) {
  const auto mailbox = TimerMailbox::Make().value();
  mailbox->Post(StopSignalled{});
  mailbox->Wait(std::nullopt);  // from here on the timer is armed
  timex step{};
  step.modes = ADJ_SETOFFSET | ADJ_NANO;
  step.time.tv_usec = 1;
  if (adjtimex(&step) < 0) GTEST_SKIP() << "nobody may set the clock here: " << strerror(errno);
  const DaemonEvent event = mailbox->Wait(SystemClock().Now() + std::chrono::minutes(1));
  ASSERT_TRUE(std::holds_alternative<TimerFired>(event));
  EXPECT_TRUE(std::get<TimerFired>(event).clock_was_set);
}

TEST(ThreadCrew, DoesEverythingThatWasSentBeforeItEnds) {
  std::atomic<int> done{0};
  {
    ThreadCrew crew;
    for (int i = 0; i < 20; ++i) crew.Send([&] { ++done; });
  }
  EXPECT_EQ(done, 20);
}

}  // namespace
}  // namespace runner
