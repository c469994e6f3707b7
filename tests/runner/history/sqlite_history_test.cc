#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/runner/history/history_fixture.h"

namespace runner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SqliteHistoryTest : public HistoryFixture {};

TEST_F(SqliteHistoryTest, MakesNoFileForAReader) {
  EXPECT_TRUE(OpenAnother()->Select({}));
  EXPECT_TRUE(OpenAnother()->Find(1));
  EXPECT_TRUE(Names().empty());
}

TEST_F(SqliteHistoryTest, IsForItsOwnerOnlyWhateverTheUmask) {
  const mode_t before = umask(0);
  const auto history = OpenAnother();
  EXPECT_TRUE(history->Append(RunOf("photos", 1)));
  umask(before);
  for (const std::string& name : Names()) {
    struct stat info {};
    ASSERT_EQ(stat((folder_ + "/" + name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0600U) << name;
  }
}

TEST_F(SqliteHistoryTest, HasNoSecretInItsBytes) {
  redactor_.Add(targets::Secret("open-sesame"));
  RunRecord run = FullRun();
  run.reason = "wrong password: open-sesame";
  run.warnings = {"open-sesame"};
  run.tail = {"Fatal: open-sesame"};
  {
    const auto history = OpenAnother();
    EXPECT_TRUE(history->Append(run));
    for (const std::string& name : Names())
      EXPECT_THAT(Bytes(folder_ + "/" + name), Not(HasSubstr("open-sesame"))) << name;
  }
  EXPECT_THAT(Bytes(Path()), Not(HasSubstr("open-sesame")));
  EXPECT_THAT(Bytes(Path()), HasSubstr("wrong password: ***"));
}

TEST_F(SqliteHistoryTest, IsReadWhileAnotherConnectionHasItOpen) {
  const auto daemon = OpenAnother();
  EXPECT_TRUE(daemon->Append(RunOf("photos", 1)));
  EXPECT_EQ(TargetsOf(OpenAnother()->Select({})), std::vector<std::string>{"photos"});
}

/// A daemon keeps the file open; each command opens it, and the last to close it takes the log
/// away.
TEST_F(SqliteHistoryTest, TakesRunsOfSeveralProcessesAtOnce) {
  constexpr int kProcesses = 4;
  constexpr int kRuns = 25;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const bool opens_for_each = i != 0;
      auto history = OpenAnother();
      bool good = true;
      for (int run = 0; run < kRuns; ++run) {
        if (opens_for_each) history = OpenAnother();
        const auto appended = history->Append(RunOf("photos", run));
        good = appended && appended->warning.empty() && good;
        if (!appended) fmt::print(stderr, "run {}: {}\n", run, appended.error().message);
      }
      _exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(OpenAnother()->Select({}).value().matching, std::size_t{kProcesses * kRuns});
}

TEST_F(SqliteHistoryTest, TakesRunsOfSeveralThreads) {
  const auto history = OpenAnother();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int run = 0; run < 10; ++run) EXPECT_TRUE(history->Append(RunOf("photos", run)));
      });
    }
  }
  EXPECT_EQ(history->Select({}).value().matching, 40U);
}

TEST_F(SqliteHistoryTest, IsWholeAfterItsWriterWasKilled) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto history = OpenAnother();
    for (int run = 0;; ++run) {
      if (!history->Append(RunOf("photos", run))) _exit(1);
      if (run == 9 && write(ready[1], "x", 1) != 1) _exit(1);
    }
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  close(ready[0]);
  close(ready[1]);

  const auto history = OpenAnother();
  const auto appended = history->Append(RunOf("mail", 1));
  ASSERT_TRUE(appended) << appended.error().message;
  EXPECT_EQ(appended->warning, "");
  EXPECT_GE(history->Select({}).value().matching, 11U);
}

TEST_F(SqliteHistoryTest, BeginsAnewWhenItsFileWasTakenAway) {
  const auto history = OpenAnother();
  EXPECT_TRUE(history->Append(RunOf("photos", 1)));
  for (const std::string& name : Names()) std::filesystem::remove(folder_ + "/" + name);
  EXPECT_TRUE(history->Append(RunOf("mail", 2)));
  EXPECT_EQ(TargetsOf(OpenAnother()->Select({})), std::vector<std::string>{"mail"});
}

TEST_F(SqliteHistoryTest, SaysWhenItsFolderIsNotThere) {
  std::filesystem::remove_all(folder_);
  const auto appended = OpenAnother()->Append(RunOf("photos", 1));
  ASSERT_FALSE(appended);
  EXPECT_THAT(appended.error().message, HasSubstr(Path()));
}

TEST_F(SqliteHistoryTest, IsBroughtToANewerVersionWithItsRuns) {
  EXPECT_TRUE(OpenAnother()->Append(RunOf("photos", 1)));
  std::vector<Migration> newer(HistoryMigrations().begin(), HistoryMigrations().end());
  newer.push_back({"ALTER TABLE run ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'"});
  const auto history = OpenAnother(newer);
  EXPECT_TRUE(history->Append(RunOf("mail", 2)));
  EXPECT_EQ(TargetsOf(history->Select({})), (std::vector<std::string>{"photos", "mail"}));
}

TEST_F(SqliteHistoryTest, KeepsTheOldVersionWhenAMigrationFails) {
  EXPECT_TRUE(OpenAnother()->Append(RunOf("photos", 1)));
  std::vector<Migration> wrong(HistoryMigrations().begin(), HistoryMigrations().end());
  wrong.push_back({"ALTER TABLE run ADD COLUMN colour TEXT", "ALTER TABLE nothing ADD COLUMN c"});
  EXPECT_FALSE(OpenAnother(wrong)->Append(RunOf("mail", 2)));
  wrong.back().pop_back();
  EXPECT_TRUE(OpenAnother(wrong)->Append(RunOf("mail", 2)));
}

TEST_F(SqliteHistoryTest, LeavesAFileOfANewerVersionAlone) {
  std::vector<Migration> newer(HistoryMigrations().begin(), HistoryMigrations().end());
  newer.push_back({"ALTER TABLE run ADD COLUMN colour TEXT"});
  EXPECT_TRUE(OpenAnother(newer)->Append(RunOf("photos", 1)));
  const std::string before = Bytes(Path());

  const auto appended = OpenAnother()->Append(RunOf("mail", 2));
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().message, Path() + ": it has version 2, this runner knows only 1");
  EXPECT_THAT(appended.error().hint, HasSubstr("a newer runner wrote it"));
  EXPECT_FALSE(OpenAnother()->Select({}));
  EXPECT_EQ(Bytes(Path()), before);
}

}  // namespace
}  // namespace runner
