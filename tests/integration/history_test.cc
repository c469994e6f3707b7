// The history of the built program: what runs leave in it, and that it stops none of them.
#include <gmock/gmock.h>
#include <rapidjson/document.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class HistoryTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    MakeCheapRepository();
    ws().Write("photos/a.jpg", "aaa");
    Configure("");
  }

  void Configure(const std::string& more, const std::string& head = "") {
    ws().Write("backup.yaml", ws().ConfigHead() + head +
                                  "targets:\n  photos:\n    source: " + ws().Path("photos") +
                                  "\n    schedule: {cron: '0 3 1 1 *', on_start: true}\n" + more);
  }
  static std::string FailingStream() {
    return "  mail:\n    command: [sh, -c, 'echo no such mailbox >&2; exit 3']\n"
           "    filename: dump\n    schedule: manual\n";
  }

  rapidjson::Document History(std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"history", "--json"});
    const Ran ran = ws().Runner(options);
    EXPECT_EQ(ran.code, 0) << ran.all();
    rapidjson::Document document;
    document.Parse(ran.out);
    EXPECT_FALSE(document.HasParseError()) << ran.all();
    return document;
  }
  /// "photos/backup success" of each run.
  std::vector<std::string> Lines(const std::vector<std::string>& options = {}) {
    const rapidjson::Document history = History(options);
    std::vector<std::string> lines;
    for (const auto& run : history["runs"].GetArray()) {
      const char* target = run.HasMember("target") ? run["target"].GetString() : "";
      lines.push_back(std::string(target) + "/" + run["stage"].GetString() + " " +
                      run["outcome"].GetString());
    }
    return lines;
  }
  std::vector<std::string> DamagedFiles() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(ws().Path("state"))) {
      const std::string name = entry.path().filename();
      if (name.find(".damaged-") != std::string::npos) names.push_back(name);
    }
    return names;
  }
};

TEST_P(HistoryTest, HasTheSnapshotThatResticKnows) {
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  const rapidjson::Document history = History({"photos", "--stage", "backup"});
  ASSERT_EQ(history["runs"].Size(), 1U);
  const auto& run = history["runs"][0];
  EXPECT_THAT(ws().SnapshotIds("target:photos"), ElementsAre(run["snapshot"].GetString()));
  EXPECT_EQ(run["files_new"].GetInt(), 1);
  EXPECT_EQ(run["files_total"].GetInt(), 1);
  EXPECT_EQ(run["bytes_total"].GetInt(), 3);
  EXPECT_GT(run["cpu_ms"].GetInt(), 0);
  EXPECT_GT(run["peak_memory"].GetInt64(), 1'000'000);
  EXPECT_GE(run["processes"].GetInt(), 1);
  EXPECT_FALSE(run.HasMember("due")) << "a person asked for it";
  EXPECT_THAT(Lines(), ElementsAre("photos/backup success", "photos/forget success"));
}

TEST_P(HistoryTest, HasTheCauseOfAFailureAndTheLastWords) {
  Configure(FailingStream());
  EXPECT_EQ(ws().Runner({"run", "mail"}).code, 1);
  const Ran table = ws().Runner({"history", "mail"});
  EXPECT_THAT(table.out, HasSubstr("failed"));
  EXPECT_THAT(table.out, HasSubstr("the command sh ended with exit code 3: no such mailbox\n"));
  const Ran logs = ws().Runner({"logs", "1"});
  EXPECT_EQ(logs.code, 0) << logs.all();
  EXPECT_THAT(logs.out, HasSubstr("run       1: backup of mail\noutcome   failed\n"));
  EXPECT_THAT(logs.out, HasSubstr("  command sh: exit code 3\n  no such mailbox\n"));
}

TEST_P(HistoryTest, HasTheWordsOfAWrongPassword) {
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  ws().Write("wrong.yaml", [this] {
    std::string text = ws().Read("backup.yaml");
    const std::string right = "correct horse";
    text.replace(text.find(right), right.size(), "battery staple\n  machine_key: off");
    return text;
  }());
  EXPECT_NE(ws().Runner({"check", "--config", ws().Path("wrong.yaml")}).code, 0);
  const rapidjson::Document history = History({"--stage", "check"});
  ASSERT_EQ(history["runs"].Size(), 1U);
  EXPECT_STREQ(history["runs"][0]["cause"].GetString(), "wrong_password");
  EXPECT_THAT(ws().Runner({"logs", "3"}).out, HasSubstr("wrong password or no key found"));
}

TEST_P(HistoryTest, HoldsNoSecret) {
  Configure(
      "  mail:\n    command: [sh, -c, 'echo the key is correct horse >&2; exit 3']\n"
      "    filename: dump\n");
  EXPECT_EQ(ws().Runner({"run"}).code, 1);
  EXPECT_THAT(ws().Runner({"logs", "1"}).out + ws().Runner({"logs", "2"}).out,
              HasSubstr("the key is ***"));
  for (const auto& entry : fs::recursive_directory_iterator(ws().Path("state"))) {
    if (!entry.is_regular_file()) continue;
    const std::string name = fs::relative(entry.path(), ws().dir());
    EXPECT_THAT(ws().Read(name), Not(HasSubstr("correct horse"))) << name;
  }
}

TEST_P(HistoryTest, LeavesOutADryRun) {
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  ASSERT_EQ(ws().Runner({"restore", "photos", "--to", ws().Path("new"), "--dry-run"}).code, 0);
  EXPECT_EQ(Lines().size(), 2U);
  ASSERT_EQ(ws().Runner({"restore", "photos", "--to", ws().Path("new")}).code, 0);
  EXPECT_THAT(Lines(), Contains("photos/restore success"));
}

TEST_P(HistoryTest, SelectsAndCounts) {
  for (int i = 0; i < 2; ++i) ASSERT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_THAT(Lines({"--stage", "forget"}),
              ElementsAre("photos/forget success", "photos/forget success"));
  EXPECT_EQ(Lines({"--since", "1h"}).size(), 4U);
  EXPECT_EQ(Lines({"--since", "2100-01-01"}).size(), 0U);
  EXPECT_EQ(Lines({"--limit", "1"}).size(), 1U);
  EXPECT_THAT(ws().Runner({"history", "--limit", "3"}).out,
              HasSubstr("the last 3 of 4 runs; --limit 4 shows all"));
}

TEST_P(HistoryTest, SaysWhatItDoesNotKnow) {
  EXPECT_EQ(ws().Runner({"history"}).out, "no runs\n");
  EXPECT_FALSE(ws().Exists("state/history.sqlite")) << "who reads makes nothing";
  const Ran target = ws().Runner({"history", "phtos"});
  EXPECT_EQ(target.code, 2);
  EXPECT_THAT(target.err, HasSubstr("did you mean \"photos\"?"));
  const Ran run = ws().Runner({"logs", "4711"});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("there is no run 4711"));
  EXPECT_EQ(ws().Runner({"history", "--since", "soon"}).code, 2);
  EXPECT_EQ(ws().Runner({"history", "--limit", "0"}).code, 2);
}

TEST_P(HistoryTest, StillHasTheRunsOfATargetThatWasTakenAway) {
  Configure(FailingStream());
  EXPECT_EQ(ws().Runner({"run"}).code, 1);
  Configure("");
  EXPECT_THAT(Lines({"mail"}), ElementsAre("mail/backup failed"));
}

TEST_P(HistoryTest, StopsNoBackupWhenItIsDamaged) {
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  ws().Write("state/history.sqlite", std::string(20'000, 'x'));
  const Ran looked = ws().Runner({"history"});
  EXPECT_EQ(looked.code, 1);
  EXPECT_THAT(looked.err, HasSubstr("the next run sets it aside"));
  EXPECT_TRUE(DamagedFiles().empty()) << "who reads changes nothing";

  const Ran ran = ws().Runner({"run"});
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_THAT(ran.all(), HasSubstr("history: warning: the history was damaged"));
  EXPECT_EQ(DamagedFiles().size(), 1U);
  EXPECT_EQ(Lines().size(), 2U);
}

TEST_P(HistoryTest, StopsNoBackupWhenItCannotBeWritten) {
  ws().MakeFolder("state/history.sqlite");
  const Ran ran = ws().Runner({"run"});
  EXPECT_EQ(ran.code, 0) << ran.all();
  EXPECT_THAT(ran.all(), HasSubstr("history: warning: runs are not recorded: "));
  EXPECT_THAT(ws().Read("state/targets/photos/backup_status"), HasSubstr("SUCCESS"));
}

TEST_P(HistoryTest, HasTheRunThatWasKilled) {
  Configure("  hangs:\n    command: [sh, -c, 'echo data; touch " + ws().Path("at-work") +
            "; exec sleep 1000']\n    filename: dump\n    schedule: manual\n");
  {
    const auto killed = ws().StartRunner({"run", "hangs"});
    ASSERT_TRUE(Eventually([&] { return ws().Exists("at-work"); }));
    killed->Signal(SIGKILL);
    killed->Wait();
  }
  EXPECT_EQ(ws().Runner({"history"}).code, 0);
  Configure("  hangs:\n    command: [echo, data]\n    filename: dump\n    schedule: manual\n");
  ASSERT_EQ(ws().Runner({"run", "hangs"}).code, 0);
  EXPECT_THAT(Lines({"hangs", "--stage", "backup"}),
              ElementsAre("hangs/backup interrupted", "hangs/backup success"));
}

TEST_P(HistoryTest, HasTheDueTimeOfWhatADaemonStarted) {
  const auto daemon = ws().StartRunner({"daemon"});
  EXPECT_TRUE(Eventually([&] {
    return ws().Read("state/targets/photos/forget_status").starts_with("SUCCESS") &&
           ws().Runner({"history", "photos", "--stage", "forget"}).out.find("1 run\n") !=
               std::string::npos;
  }));
  ASSERT_EQ(ws().Runner({"run", "--stage", "backup"}).code, 0) << "beside the daemon";
  daemon->Signal(SIGTERM);
  EXPECT_EQ(daemon->Wait().code, 0);
  const rapidjson::Document history = History({"photos"});
  ASSERT_EQ(history["runs"].Size(), 3U);
  EXPECT_TRUE(history["runs"][0].HasMember("due"));
  EXPECT_TRUE(history["runs"][1].HasMember("due"));
  EXPECT_FALSE(history["runs"][2].HasMember("due"));
}

TEST_P(HistoryTest, ForgetsWhatIsOlderThanKeep) {
  Configure("", "history: {keep: 1d}\n");
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  ASSERT_EQ(ws().Run({"sqlite3", ws().Path("state/history.sqlite"),
                      "UPDATE run SET started = started - 90000 WHERE id = 1"})
                .code,
            0);
  ASSERT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_EQ(Lines().size(), 3U);
  EXPECT_EQ(ws().Runner({"logs", "1"}).code, 2);
}

RUNNER_FOR_EACH_RESTIC(HistoryTest);

}  // namespace
}  // namespace runner::testing
