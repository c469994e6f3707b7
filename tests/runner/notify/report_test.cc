#include "runner/notify/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/notify/channel_store.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::UnixTime;
using ::testing::HasSubstr;

const UnixTime kNow = targets::FromUnixSeconds(1'800'000'000);
constexpr targets::Duration kHour{3600};
const Message kWaiting{targets::NewsKind::kFailure, {"photos"}, kNow, "title", "text"};

class NotifyReportTest : public ::testing::Test {
 protected:
  NotifyReportTest() {
    EXPECT_TRUE(folder_.Prepare(kNow));
    config_.state_dir = "/state";
    config_.notify.push_back({"phone", targets::CommandWay{{"tell"}}, {}, {}});
    EXPECT_TRUE(store_.TryLock());
  }
  std::vector<Finding> Look() { return NotifyFindings(config_, files_, redactor_, kNow); }

  testing::MemoryFileSystem files_;
  StateFolder folder_{files_, "/state"};
  ChannelStore store_{files_, folder_};
  targets::Redactor redactor_;
  targets::Config config_;
};

TEST_F(NotifyReportTest, SaysNothingWhileMessagesGetThrough) {
  EXPECT_TRUE(Look().empty());
  ASSERT_TRUE(store_.Write("phone", {.last_sent = kNow}));
  EXPECT_TRUE(Look().empty());
}

TEST_F(NotifyReportTest, WarnsOfAChannelThatIsDown) {
  redactor_.Add(targets::Secret("topic1"));
  ASSERT_TRUE(store_.Write("phone", {.queue = {kWaiting, kWaiting},
                                     .failing_since = kNow - 2 * kHour,
                                     .last_error = "refused by topic1"}));
  EXPECT_EQ(Look(),
            (std::vector<Finding>{{HealthLevel::kWarning, "notify_failing", std::nullopt,
                                   "notifications by phone have not got through for 2h (2 messages "
                                   "waiting): refused by ***"}}));
}

TEST_F(NotifyReportTest, ShowsALossForAWeek) {
  const targets::Duration week = 7 * 24 * kHour;
  ASSERT_TRUE(store_.Write("phone", {.lost = 1, .last_lost = kNow - week + kHour}));
  ASSERT_EQ(Look().size(), 1U);
  EXPECT_EQ(Look().front().message, "1 message for phone given up, the last 6d23h ago");
  ASSERT_TRUE(store_.Write("phone", {.lost = 1, .last_lost = kNow - week}));
  EXPECT_TRUE(Look().empty());
}

TEST_F(NotifyReportTest, WarnsOfAFileThatCannotBeUnderstood) {
  files_.AddFile("/state/notify/phone.json", "?");
  ASSERT_EQ(Look().size(), 1U);
  EXPECT_EQ(Look().front().level, HealthLevel::kWarning);
  EXPECT_THAT(Look().front().message, HasSubstr("/state/notify/phone.json"));
}

}  // namespace
}  // namespace runner
