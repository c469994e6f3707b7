#include "runner/notify/channel_state.h"

#include <gtest/gtest.h>

#include "runner/notify/channel_store.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::FromUnixSeconds;
using targets::NewsKind;

ChannelState SomeState() {
  ChannelState state;
  state.told["photos"] = {true, FromUnixSeconds(1'800'000'000), FromUnixSeconds(1'800'000'001),
                          FromUnixSeconds(1'800'000'002), FromUnixSeconds(1'800'000'003)};
  state.told["repository"] = {};
  state.queue = {{NewsKind::kFailure,
                  {"db", "photos"},
                  FromUnixSeconds(1'800'000'004),
                  "a \"title\"",
                  "two\nlines\n"},
                 {NewsKind::kRecovery, {"db"}, FromUnixSeconds(1'800'000'005), "title", ""}};
  state.attempts = 3;
  state.next_try = FromUnixSeconds(1'800'000'006);
  state.failing_since = FromUnixSeconds(1'800'000'007);
  state.last_error = "no route";
  state.last_sent = FromUnixSeconds(1'800'000'008);
  state.lost = 2;
  state.last_lost = FromUnixSeconds(1'800'000'009);
  return state;
}

TEST(ChannelState, ComesBackAsItWas) {
  EXPECT_EQ(ChannelStateFromJson(ChannelStateToJson(SomeState())), SomeState());
  EXPECT_EQ(ChannelStateFromJson(ChannelStateToJson({})), ChannelState{});
}

TEST(ChannelState, RefusesWhatItCannotUnderstand) {
  for (const char* text :
       {"", "[]", "{", "{}", R"({"version": 2})", R"({"version": 1, "told": []})",
        R"({"version": 1, "told": {"photos": 1}})", R"({"version": 1, "queue": {}})",
        R"({"version": 1, "queue": [{"event": "party"}]})", R"({"version": 1, "attempts": "3"})",
        R"({"version": 1, "next_try": "soon"})",
        R"({"version": 1, "told": {"photos": {"red": "yes"}}})"}) {
    EXPECT_FALSE(ChannelStateFromJson(text)) << text;
  }
}

TEST(ChannelState, IgnoresWhatALaterVersionAdds) {
  EXPECT_TRUE(ChannelStateFromJson(R"({"version": 1, "mood": "good"})"));
}

TEST(ChannelStore, OneProcessAtATime) {
  testing::MemoryFileSystem files;
  const StateFolder folder(files, "/state");
  ASSERT_TRUE(folder.Prepare(FromUnixSeconds(0)));
  ChannelStore store(files, folder);
  const auto lock = store.TryLock();
  ASSERT_TRUE(lock);
  EXPECT_NE(*lock, nullptr);
  const auto second = store.TryLock();
  ASSERT_TRUE(second);
  EXPECT_EQ(*second, nullptr);
}

TEST(ChannelStore, AFullQueueCanBeReadBack) {
  testing::MemoryFileSystem files;
  const StateFolder folder(files, "/state");
  ASSERT_TRUE(folder.Prepare(FromUnixSeconds(0)));
  ChannelStore store(files, folder);
  ASSERT_TRUE(store.TryLock());
  ChannelState state;
  Message longest{NewsKind::kFailure, {"photos"}, FromUnixSeconds(1), std::string(200, 't'), {}};
  longest.text = std::string(Message::kTextLimit, '\n');  // two bytes of JSON each
  state.queue.assign(ChannelState::kMostMessages, longest);
  ASSERT_TRUE(store.Write("phone", state));
  EXPECT_EQ(store.Read("phone"), state);
}

}  // namespace
}  // namespace runner
