#include "runner/app/log_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "runner/app/make_observer.h"
#include "tests/runner/app/memory_stream.h"
#include "tests/support/fake_clock.h"

namespace runner {
namespace {

namespace fs = std::filesystem;

using targets::LogFormat;

class LogFilesTest : public ::testing::Test {
 protected:
  LogFilesTest() {
    std::string name = (fs::temp_directory_path() / "log-files-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    config_.logging.dir = folder_ + "/logs";
  }
  ~LogFilesTest() override { fs::remove_all(folder_); }

  std::string Read(const std::string& name) const {
    std::ifstream file(config_.logging.dir + "/" + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(config_.logging.dir))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::unique_ptr<Observer> Make(bool debug = false) {
    return MakeObserver(console_, clock_, config_, Audience::kLog, debug);
  }

  std::string folder_;
  testing::MemoryStream out_;
  testing::MemoryStream err_;
  Console console_{out_.file(), err_.file()};
  testing::FakeClock clock_;
  targets::Config config_;
};

TEST_F(LogFilesTest, SortsEventsByStage) {
  for (const char* stage : {"backup", "forget", "hooks"}) EXPECT_EQ(LogFileOf(stage), "backup.log");
  for (const char* stage : {"restore", "drill"}) EXPECT_EQ(LogFileOf(stage), "restore.log");
  for (const char* stage : {"", "probe", "prune", "check", "anything"})
    EXPECT_EQ(LogFileOf(stage), "scheduler.log");
}

TEST_F(LogFilesTest, WritesEachEventToTheConsoleAndToItsFile) {
  const auto observer = Make();
  observer->OnEvent({Severity::kInfo, "photos", "backup", "12 files new"});
  observer->OnEvent({Severity::kError, "photos", "restore", "no space"});
  observer->OnEvent({Severity::kInfo, "", "", "started"});
  EXPECT_EQ(Read("backup.log"), "2027-01-15 08:00:00 - photos: backup: 12 files new\n");
  EXPECT_EQ(Read("restore.log"), "2027-01-15 08:00:00 - photos: restore: ERROR: no space\n");
  EXPECT_EQ(Read("scheduler.log"), "2027-01-15 08:00:00 - started\n");
  EXPECT_EQ(out_.Text(), Read("backup.log") + Read("restore.log") + Read("scheduler.log"));
}

TEST_F(LogFilesTest, WritesJsonEverywhereIfThatIsTheFormat) {
  config_.logging.format = LogFormat::kJson;
  Make()->OnEvent({Severity::kInfo, "photos", "backup", "12 files new"});
  EXPECT_TRUE(out_.Text().starts_with("{\"time\":\"2027-01-15T08:00:00Z\",")) << out_.Text();
  EXPECT_EQ(Read("backup.log"), out_.Text());
}

TEST_F(LogFilesTest, WritesNoFilesWithoutAFolder) {
  config_.logging.dir.clear();
  Make()->OnEvent({Severity::kInfo, "", "", "started"});
  EXPECT_EQ(out_.Text(), "2027-01-15 08:00:00 - started\n");
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(LogFilesTest, WritesDebugLinesOnlyIfAskedFor) {
  const Event event{Severity::kDebug, "photos", "backup", "details"};
  Make()->OnEvent(event);
  EXPECT_EQ(Read("backup.log") + out_.Text(), "");
  Make(true)->OnEvent(event);
  config_.logging.debug = true;
  Make()->OnEvent(event);
  const std::string line = "2027-01-15 08:00:00 - photos: backup: debug: details\n";
  EXPECT_EQ(Read("backup.log"), line + line);
  EXPECT_EQ(out_.Text(), line + line);
}

TEST_F(LogFilesTest, GoesOnWithTheFilesOfAnEarlierRun) {
  Make()->OnEvent({Severity::kInfo, "", "", "first"});
  Make()->OnEvent({Severity::kInfo, "", "", "second"});
  EXPECT_EQ(Read("scheduler.log"), "2027-01-15 08:00:00 - first\n2027-01-15 08:00:00 - second\n");
}

TEST_F(LogFilesTest, HidesSecretsThatBecameKnownLater) {
  const auto observer = Make();
  targets::Redactor redactor;
  redactor.Add(targets::Secret("open sesame"));
  console_.SetRedactor(std::move(redactor));
  observer->OnEvent({Severity::kInfo, "", "", "the word is open sesame"});
  EXPECT_EQ(Read("scheduler.log"), "2027-01-15 08:00:00 - the word is ***\n");
}

TEST_F(LogFilesTest, SetsAFullFileAsideAndKeepsSoManyOfThem) {
  LogFiles observer(console_, clock_, config_.logging, false, {.bytes = 200, .archives = 2});
  for (int i = 0; i < 40; ++i)
    observer.OnEvent({Severity::kInfo, "photos", "backup", "line " + std::to_string(i)});
  EXPECT_EQ(Names(), (std::vector<std::string>{"backup.log", "backup.log.0", "backup.log.1"}));
  for (const std::string& name : Names()) {
    EXPECT_LE(Read(name).size(), 300U) << name;
    EXPECT_GT(Read(name).size(), 0U) << name;
  }
  const std::string kept = Read("backup.log.1") + Read("backup.log.0") + Read("backup.log");
  EXPECT_TRUE(kept.ends_with("line 38\n2027-01-15 08:00:00 - photos: backup: line 39\n")) << kept;
}

TEST_F(LogFilesTest, AFolderThatCannotBeWrittenIsSaidOnceAndTheConsoleGoesOn) {
  config_.logging.dir = "/dev/null/logs";
  const auto observer = Make();
  observer->OnEvent({Severity::kInfo, "photos", "backup", "one"});
  observer->OnEvent({Severity::kInfo, "photos", "restore", "two"});
  const std::string text = out_.Text();
  const std::string complaint = "warning: logging.dir: /dev/null/logs cannot be written: ";
  const std::size_t first = text.find(complaint);
  ASSERT_NE(first, std::string::npos) << text;
  EXPECT_EQ(text.find(complaint, first + 1), std::string::npos) << text;
  EXPECT_NE(text.find("photos: backup: one\n"), std::string::npos);
  EXPECT_NE(text.find("photos: restore: two\n"), std::string::npos);
}

TEST_F(LogFilesTest, NeitherSaysNorCreatesAnythingBeforeTheFirstEvent) {
  static_cast<void>(Make());
  EXPECT_TRUE(fs::is_empty(folder_));
  config_.logging.dir = "/dev/null/logs";
  static_cast<void>(Make());
  EXPECT_EQ(out_.Text(), "") << "the answer of `runner snapshots --json` stays JSON";
}

TEST_F(LogFilesTest, AFileThatCannotBeWrittenIsTriedAgain) {
  fs::create_directories(config_.logging.dir + "/backup.log");
  const auto observer = Make();
  observer->OnEvent({Severity::kInfo, "photos", "backup", "one"});
  EXPECT_NE(out_.Text().find("cannot be written"), std::string::npos) << out_.Text();
  fs::remove(config_.logging.dir + "/backup.log");
  observer->OnEvent({Severity::kInfo, "photos", "backup", "two"});
  EXPECT_EQ(Read("backup.log"), "2027-01-15 08:00:00 - photos: backup: two\n");
}

}  // namespace
}  // namespace runner
