// What is told when: `runner run` and the daemon with real backups.
#include <csignal>
#include <fstream>
#include <regex>
#include <thread>

#include "tests/integration/notify_fixture.h"

namespace runner::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// How often all threads of a process went to sleep.
long SwitchesOf(pid_t pid) {
  long switches = 0;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("voluntary_ctxt_switches:"))
        switches += std::stol(line.substr(line.find(':') + 1));
    }
  }
  return switches;
}

class NotifyRunTest : public NotifyTest {
 protected:
  void Channels(const std::string& more = "") {
    Configure("  ping: {kind: ping, url: \"" + server_.url() +
              "/{{target}}\"}\n  phone: {kind: ntfy, url: \"" + server_.url() + "/topic\"" + more +
              "}\n");
  }
  std::vector<std::string> Titles() {
    std::vector<std::string> titles;
    for (const auto& request : server_.requests()) {
      if (request.headers.contains("title")) titles.push_back(request.headers.at("title"));
    }
    return titles;
  }
  std::vector<std::string> Pings() {
    std::vector<std::string> pings = server_.lines();
    std::erase(pings, "POST /topic");
    return pings;
  }
  /// As if the time for the next try had come.
  void LetTheNextTryCome(const std::string& channel) {
    const std::string file = "state/notify/" + channel + ".json";
    const std::string text = ws_.Read(file);
    ws_.Write(
        file,
        std::regex_replace(text, std::regex("\"next_try\": \"20[0-9]{2}"), "\"next_try\": \"1999"),
        0600);
  }

  RecordingServer server_;
};

TEST_F(NotifyRunTest, ASuccessIsPingedAndOtherwiseQuiet) {
  Channels();
  const Ran ran = ws_.Runner({"run"});
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_THAT(Pings(), ElementsAre("POST /photos/start", "POST /photos"));
  EXPECT_THAT(Titles(), IsEmpty());
}

TEST_F(NotifyRunTest, AFailureIsToldOnceAndItsRecoveryToo) {
  Channels();
  TakePhotosAway();
  EXPECT_EQ(ws_.Runner({"run"}).code, 1);
  EXPECT_EQ(ws_.Runner({"run"}).code, 1);
  EXPECT_THAT(Titles(), ElementsAre("[test] photos is UNHEALTHY"));
  EXPECT_THAT(server_.requests().back().body, HasSubstr("Source is missing"));
  BringPhotosBack();
  EXPECT_EQ(ws_.Runner({"run"}).code, 0);
  EXPECT_THAT(Titles(),
              ElementsAre("[test] photos is UNHEALTHY", "[test] photos is HEALTHY again"));
  EXPECT_THAT(Pings(), ElementsAre("POST /photos/start", "POST /photos/fail", "POST /photos"));
}

TEST_F(NotifyRunTest, WhatCannotBeToldHarmsNoBackupAndShowsInStatus) {
  Channels(", on: [start]");
  server_.Answer(500);
  const Ran ran = ws_.Runner({"run"});
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_THAT(ran.out, HasSubstr("notify: warning: phone: the message was not taken: HTTP 500"));
  const Ran status = ws_.Runner({"status"});
  EXPECT_THAT(status.out, HasSubstr("notifications by phone have not got through for"));
  EXPECT_THAT(status.out, HasSubstr("HEALTHY"));
  const Ran health = ws_.Runner({"healthcheck"});
  EXPECT_EQ(health.code, 0) << "a phone that is off makes no backup bad";
  EXPECT_THAT(health.out, HasSubstr("notify: HEALTHY: warning: notifications by phone"));
  server_.Answer(200);
  const Ran test = ws_.Runner({"notify", "--test", "phone"});
  EXPECT_THAT(test.out, HasSubstr("what waited is sent too: 1 message(s)")) << test.all();
  EXPECT_THAT(Titles(), Contains("[test] photos: backup begins"));
  EXPECT_THAT(ws_.Runner({"status"}).out, Not(HasSubstr("notifications by phone")));
}

TEST_F(NotifyRunTest, TheQueueSurvivesARestart) {
  Channels();
  TakePhotosAway();
  server_.Answer(503);
  EXPECT_EQ(ws_.Runner({"run"}).code, 1);
  BringPhotosBack();
  server_.Answer(200);
  const auto before = server_.requests().size();
  LetTheNextTryCome("phone");
  const auto daemon = ws_.StartRunner({"daemon"});
  EXPECT_TRUE(Eventually([&] { return Titles().size() >= 3; }));
  daemon->Signal(SIGTERM);
  EXPECT_EQ(daemon->Wait().code, 0);
  const auto titles = Titles();
  EXPECT_EQ(titles.at(1), "[test] photos is UNHEALTHY") << "what could not be told before";
  EXPECT_EQ(titles.at(2), "[test] photos is HEALTHY again");
  EXPECT_GT(server_.requests().size(), before);
}

TEST_F(NotifyRunTest, TheDaemonTellsWhatItsJobsDid) {
  Channels();
  const auto daemon = ws_.StartRunner({"daemon"});
  EXPECT_TRUE(Eventually([&] { return Pings().size() >= 2; }));
  EXPECT_THAT(Pings(), ElementsAre("POST /photos/start", "POST /photos"));
  daemon->Signal(SIGTERM);
  const Ran ended = daemon->Wait();
  EXPECT_EQ(ended.code, 0) << ended.all();
  EXPECT_THAT(Titles(), IsEmpty()) << "its end is no news";
}

TEST_F(NotifyRunTest, AnIdleDaemonWithChannelsSleeps) {
  Channels();
  const auto daemon = ws_.StartRunner({"daemon"});
  EXPECT_TRUE(Eventually([&] { return Pings().size() >= 2; }));
  EXPECT_TRUE(Eventually([&] {
    const long before = SwitchesOf(daemon->pid());
    std::this_thread::sleep_for(std::chrono::seconds(1));
    return before > 0 && SwitchesOf(daemon->pid()) == before;
  })) << "no thread of it wakes up in a second";
  daemon->Signal(SIGTERM);
  EXPECT_EQ(daemon->Wait().code, 0);
}

TEST_F(NotifyRunTest, AServerThatHangsHoldsUpNoStopOfTheDaemon) {
  Channels();
  server_.Hang();
  const auto daemon = ws_.StartRunner({"daemon"});
  EXPECT_TRUE(Eventually([&] {
    return ws_.Read("state/targets/photos/backup_status").starts_with("SUCCESS");
  })) << "nor a backup";
  daemon->Signal(SIGTERM);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(daemon->Wait().code, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(NotifyRunTest, ACommandThatHangsHoldsUpNoStopOfTheDaemonEither) {
  Configure("  desk: {kind: gotify, url: \"" + server_.url() +
            "\", token_command: [sleep, \"1000\"], on: [start]}\n");
  const auto daemon = ws_.StartRunner({"daemon"});
  EXPECT_TRUE(Eventually(
      [&] { return ws_.Read("state/targets/photos/backup_status").starts_with("SUCCESS"); }));
  daemon->Signal(SIGTERM);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(daemon->Wait().code, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_THAT(ws_.Read("state/notify/desk.json"), HasSubstr("\"event\": \"start\""))
      << "it is told at the next start";
}

TEST_F(NotifyRunTest, NoSecretIsInTheStateFolderOrInAnyOutput) {
  Configure("  team: {kind: webhook, url: \"" + server_.url() +
            "/geheim55\", headers: {X-Key: geheim66}}\n");
  TakePhotosAway();
  server_.Answer(403, "geheim66 may not post to /geheim55");
  const Ran ran = ws_.Runner({"run"});
  const Ran status = ws_.Runner({"status"});
  EXPECT_THAT(status.out, HasSubstr("*** may not post to /***"));
  for (const std::string& text :
       {ran.all(), status.all(), ws_.Read("state/notify/team.json"),
        ws_.Runner({"plan", "--show-origin", "--offline"}).all(), ws_.Runner({"doctor"}).all()}) {
    EXPECT_THAT(text, Not(HasSubstr("geheim"))) << text;
  }
  EXPECT_EQ(server_.requests().front().headers.at("x-key"), "geheim66");
}

}  // namespace
}  // namespace runner::testing
