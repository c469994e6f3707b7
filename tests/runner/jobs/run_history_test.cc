// What the jobs leave in the history.
#include <gmock/gmock.h>

#include "runner/jobs/forget_wave.h"
#include "runner/jobs/maintenance.h"
#include "tests/runner/jobs/backup_job_fixture.h"
#include "tests/runner/jobs/wave_fixture.h"

namespace runner {
namespace {

using targets::Stage;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Line(const RunRecord& run) {
  return fmt::format("{}/{} {}", run.target.str(), targets::StageName(run.stage), run.outcome);
}

std::vector<std::string> Lines(const testing::MemoryHistory& history) {
  std::vector<std::string> lines;
  for (const RunRecord& run : history.runs()) lines.push_back(Line(run));
  return lines;
}

class BackupHistory : public BackupJobTest {
 protected:
  RunRecord Last() { return history_.runs().back(); }
};

TEST_F(BackupHistory, HasTheSnapshotThatWasProven) {
  const JobReport report = Backup();
  EXPECT_THAT(Lines(history_), ElementsAre("photos/backup success"));
  EXPECT_EQ(Last().snapshot, report.snapshot);
  EXPECT_FALSE(Last().snapshot.empty());
  EXPECT_EQ(Last().reason, report.reason);
  EXPECT_EQ(Last().figures.files_new, report.summary.files_new);
  EXPECT_TRUE(Last().figures.cpu);
  EXPECT_EQ(Last().due, std::nullopt);
}

TEST_F(BackupHistory, NamesTheFilesThatCouldNotBeRead) {
  MakeIncomplete();
  Backup();
  EXPECT_THAT(Lines(history_), ElementsAre("photos/backup incomplete"));
  EXPECT_EQ(Last().cause, "incomplete");
  EXPECT_THAT(Last().warnings, ElementsAre(HasSubstr("/d/secret")));
  EXPECT_THAT(Last().tail,
              ElementsAre("restic backup: exit code 3", HasSubstr("cannot read /d/secret")));
}

TEST_F(BackupHistory, HasTheCauseOfAFailureAndTheLastWords) {
  fake_.Next("backup", Script().Complains("Fatal: wrong password or no key found\n").Exits(12));
  const JobReport report = Backup();
  EXPECT_THAT(Lines(history_), ElementsAre("photos/backup failed"));
  EXPECT_EQ(Last().cause, CauseName(report.cause));
  EXPECT_EQ(Last().hint, report.hint);
  EXPECT_TRUE(Last().snapshot.empty());
  EXPECT_EQ(Last().figures.files_total, std::nullopt);
  EXPECT_THAT(Last().tail,
              ElementsAre("restic backup: exit code 12", "Fatal: wrong password or no key found"));
}

TEST_F(BackupHistory, HasTheWarningsOfHooks) {
  AddAllHooks();
  processes_.When(testing::HasWords({"hook", "after"}), Script().Complains("no\n").Exits(1));
  Backup();
  EXPECT_EQ(Line(Last()), "photos/backup success");
  EXPECT_THAT(Last().warnings, ElementsAre(HasSubstr("after: ")));
}

TEST_F(BackupHistory, HasTheRunThatWasCutOff) {
  const targets::UnixTime began = clock_.Now() - std::chrono::hours(2);
  ASSERT_TRUE(markers_.Write(KeyOf("photos"), {MarkerStatus::kRunning, began, "", {}}));
  Backup();
  EXPECT_THAT(Lines(history_), ElementsAre("photos/backup interrupted", "photos/backup success"));
  EXPECT_EQ(history_.runs().front().started, began);
  EXPECT_EQ(history_.runs().front().ended, std::nullopt);
}

TEST_F(BackupHistory, HasTheRunThatCouldNotBegin) {
  const auto other = state_.TryLockTarget(photos_.id).value();
  Backup();
  EXPECT_THAT(Lines(history_), ElementsAre("photos/backup blocked"));
}

TEST_F(BackupHistory, ChangesNoOutcomeWhenItCannotBeWritten) {
  history_.FailWith("the disk is full");
  EXPECT_EQ(Backup().outcome, JobOutcome::kSuccess);
  EXPECT_THAT(MarkerOf("photos"), HasSubstr("SUCCESS snapshot"));
  EXPECT_TRUE(EverSucceeded("photos"));
  EXPECT_THAT(events_.lines(), Contains("history: runs are not recorded: the disk is full"));
}

class StageHistory : public WaveFixture {};

TEST_F(StageHistory, HasWhatAPruneTold) {
  fake_.unneeded_packs = 5;
  Maintenance(tools_, opener_, gate_, listings_, cleaner_, patience_).Prune(stop_);
  EXPECT_THAT(Lines(history_), ElementsAre("/prune success"));
  const RunRecord run = history_.runs().front();
  EXPECT_THAT(run.tail, Contains("restic prune: exit code 0"));
  EXPECT_THAT(run.tail, Contains(HasSubstr("total prune")));
  EXPECT_TRUE(run.figures.cpu);
}

TEST_F(StageHistory, HasARunForEachTargetOfAForget) {
  for (const char* id : {"a", "b"}) AddTarget(id).retention.last = 1;
  ForgetWave forgets(tools_, opener_, gate_, listings_, cleaner_, patience_);
  forgets.Run({&targets_[0], &targets_[1]}, stop_);
  std::vector<std::string> stages;
  for (const RunRecord& run : history_.runs())
    stages.push_back(fmt::format("{}/{}", run.target.str(), targets::StageName(run.stage)));
  EXPECT_THAT(stages, ElementsAre("a/forget", "b/forget"));
}

TEST_F(StageHistory, HasTheStageThatWasCutOff) {
  ASSERT_TRUE(markers_.Write({{}, Stage::kProbe}, {MarkerStatus::kRunning, clock_.Now(), "", {}}));
  Maintenance(tools_, opener_, gate_, listings_, cleaner_, patience_).Probe(stop_);
  ASSERT_EQ(history_.runs().size(), 2U);
  EXPECT_EQ(Line(history_.runs().front()), "/probe interrupted");
}

}  // namespace
}  // namespace runner
