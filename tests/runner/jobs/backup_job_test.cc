#include <gmock/gmock.h>

#include "tests/runner/jobs/backup_job_fixture.h"

namespace runner {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FullId;

TEST_F(BackupJobTest, SucceedsWithAProvenSnapshot) {
  const JobReport report = Backup();
  EXPECT_EQ(report.outcome, JobOutcome::kSuccess) << report.reason;
  EXPECT_EQ(report.snapshot.str(), fake_.snapshots.front().id);
  EXPECT_TRUE(MarkerOf("photos").starts_with("SUCCESS snapshot 00000000: 1 new"));
  EXPECT_EQ(markers_.LastSuccess(KeyOf("photos")).value(), clock_.Now());
}

TEST_F(BackupJobTest, RemembersTheProvenSnapshot) {
  Backup();
  const TargetFacts facts = FactsOf("photos");
  EXPECT_EQ(facts.snapshots_seen, 1U);
  ASSERT_TRUE(facts.newest_good.has_value());
  EXPECT_EQ(facts.newest_good->id.str(), fake_.snapshots.front().id);
  EXPECT_EQ(facts.newest_good->files, 7U);
  EXPECT_EQ(facts.newest_good->bytes, 70U);
  EXPECT_EQ(facts.newest_proven, facts.newest_good->id);
}

TEST_F(BackupJobTest, SaysRunningUntilTheProof) {
  BackupJob job(tools_, photos_);
  job.Run(stop_);
  EXPECT_EQ(MarkerOf("photos"), "RUNNING backup is running");
  EXPECT_FALSE(EverSucceeded("photos"));
  EXPECT_TRUE(state_.TargetIsLocked(photos_.id).value());
  Conclude(job);
  EXPECT_FALSE(state_.TargetIsLocked(photos_.id).value());
}

TEST_F(BackupJobTest, TellsOfProgressInAMarkerThatKeepsTheTimeOfTheBeginning) {
  const auto status = [](int bytes) {
    return fmt::format(R"({{"message_type":"status","percent_done":0.5,"bytes_done":{}}})"
                       "\n",
                       bytes);
  };
  std::vector<std::string> told;
  const auto look = [&] {
    const Marker marker = markers_.Read(KeyOf("photos")).value().value();
    EXPECT_EQ(marker.time, targets::FromUnixSeconds(1'800'000'000));
    told.push_back(marker.Detail(marker_key::kProgress));
  };
  fake_.Next("backup", Script()
                           .Prints(status(10), seconds(90))
                           .Does(look, seconds(91))
                           .Prints(status(20), seconds(149))  // too soon
                           .Does(look, seconds(150))
                           .Prints(status(20), seconds(200))
                           .Does(look, seconds(201))
                           .Prints(status(20), seconds(300))  // nothing moved
                           .Does(look, seconds(301))
                           .Exits(1, seconds(302)));
  Backup();
  EXPECT_EQ(told,
            (std::vector<std::string>{"1800000090", "1800000090", "1800000200", "1800000200"}));
}

TEST_F(BackupJobTest, FailsIfTheRepositoryDoesNotListItsSnapshot) {
  BackupJob job(tools_, photos_);
  job.Run(stop_);
  fake_.snapshots.clear();
  const JobReport report = Conclude(job);
  EXPECT_EQ(report.outcome, JobOutcome::kFailed);
  EXPECT_TRUE(MarkerOf("photos").starts_with("FAILED restic reported snapshot 0000"));
  EXPECT_FALSE(EverSucceeded("photos"));
  EXPECT_EQ(FactsOf("photos").snapshots_seen, 0U);
}

TEST_F(BackupJobTest, FailsIfTheSnapshotHasAnotherIdentity) {
  BackupJob job(tools_, photos_);
  job.Run(stop_);
  fake_.snapshots.front().tags = {"target:other"};
  EXPECT_EQ(Conclude(job).outcome, JobOutcome::kFailed);
  EXPECT_FALSE(EverSucceeded("photos"));
}

TEST_F(BackupJobTest, FailsIfTheListingHasWordsOnStandardError) {
  fake_.Next("snapshots", Script().Prints("[]\n").Complains("something is odd\n").Exits(0));
  const JobReport report = Backup();
  EXPECT_EQ(report.outcome, JobOutcome::kFailed);
  EXPECT_TRUE(MarkerOf("photos").starts_with(
      "FAILED the snapshot could not be proven: the listing is not to be trusted"));
  EXPECT_FALSE(EverSucceeded("photos"));
}

TEST_F(BackupJobTest, WarnsOfUnreadableFilesAndCountsThem) {
  MakeIncomplete();
  const JobReport report = Backup();
  EXPECT_EQ(report.outcome, JobOutcome::kIncomplete);
  EXPECT_EQ(report.snapshot.str(), FullId('f'));
  EXPECT_EQ(MarkerOf("photos"), "WARNING 1 file could not be read, the first is /d/secret");
  EXPECT_EQ(FactsOf("photos").incomplete_in_a_row, 1);
  EXPECT_FALSE(FactsOf("photos").newest_good.has_value());
  EXPECT_EQ(FactsOf("photos").newest_proven, targets::SnapshotId(FullId('f')));
  EXPECT_FALSE(EverSucceeded("photos"));
  MakeIncomplete();
  Backup();
  EXPECT_EQ(FactsOf("photos").incomplete_in_a_row, 2);
  Backup();
  EXPECT_EQ(FactsOf("photos").incomplete_in_a_row, 0);
}

TEST_F(BackupJobTest, CountsAnIncompleteRunEvenIfNoFileWasNamed) {
  MakeIncomplete("Warning: at least one source file could not be read\n");
  EXPECT_EQ(Backup().outcome, JobOutcome::kIncomplete);
  EXPECT_EQ(FactsOf("photos").incomplete_in_a_row, 1);
  EXPECT_FALSE(FactsOf("photos").newest_good.has_value());
}

TEST_F(BackupJobTest, FailsOnUnreadableFilesIfTheTargetSaysSo) {
  photos_.partial.on_partial = targets::OnPartial::kFail;
  AddAllHooks();
  MakeIncomplete();
  const JobReport report = Backup();
  EXPECT_EQ(report.outcome, JobOutcome::kFailed);
  EXPECT_EQ(report.snapshot.str(), FullId('f'));
  EXPECT_TRUE(MarkerOf("photos").starts_with("FAILED 1 file could not be read"));
  EXPECT_EQ(OutcomeToldTo("after"), "failed");
  EXPECT_EQ(OutcomeToldTo("on_failure"), "failed");
}

TEST_F(BackupJobTest, FailsIfAnIncompleteSnapshotIsNotListed) {
  MakeIncomplete();
  BackupJob job(tools_, photos_);
  job.Run(stop_);
  fake_.snapshots.clear();
  EXPECT_EQ(Conclude(job).outcome, JobOutcome::kFailed);
}

TEST_F(BackupJobTest, IsBlockedByALock) {
  fake_.Next("backup", testing::FakeRestic::MeetsALock());
  BackupJob job(tools_, photos_);
  job.Run(stop_);
  EXPECT_TRUE(job.Locked());
  EXPECT_EQ(Conclude(job).outcome, JobOutcome::kBlocked);
  EXPECT_TRUE(MarkerOf("photos").starts_with("BLOCKED ")) << MarkerOf("photos");
}

TEST_F(BackupJobTest, MayRunAgainAfterALock) {
  fake_.Next("backup", testing::FakeRestic::MeetsALock());
  BackupJob job(tools_, photos_);
  job.Run(stop_);
  job.Run(stop_);
  EXPECT_FALSE(job.Locked());
  EXPECT_EQ(Conclude(job).outcome, JobOutcome::kSuccess);
}

TEST_F(BackupJobTest, FailsWithTheReasonOfRestic) {
  fake_.Next("backup", Script().Complains("Fatal: wrong password or no key found\n").Exits(12));
  const JobReport report = Backup();
  EXPECT_EQ(report.outcome, JobOutcome::kFailed);
  EXPECT_EQ(report.cause, Cause::kWrongPassword);
  EXPECT_EQ(fake_.Count("snapshots"), 0);
}

TEST_F(BackupJobTest, IsInterruptedWhenItIsStopped) {
  AddAllHooks();
  fake_.Next("backup", Script().Does([this] { stop_.Stop(); }, milliseconds(5)).ExitsOn(2, 130));
  const JobReport report = Backup();
  EXPECT_EQ(report.outcome, JobOutcome::kInterrupted);
  EXPECT_EQ(OutcomeToldTo("after"), "interrupted");
  EXPECT_EQ(OutcomeToldTo("on_failure"), "interrupted");
  EXPECT_TRUE(MarkerOf("photos").starts_with("FAILED ")) << MarkerOf("photos");
}

TEST_F(BackupJobTest, FailsIfSomebodyElseInterruptsRestic) {
  fake_.Next("backup", Script().Exits(130));
  EXPECT_EQ(Backup().outcome, JobOutcome::kFailed);
}

TEST_F(BackupJobTest, DoesNotBeginAfterAStop) {
  stop_.Stop();
  EXPECT_EQ(Backup().outcome, JobOutcome::kInterrupted);
  EXPECT_TRUE(processes_.Launched().empty());
}

TEST_F(BackupJobTest, BacksUpNoSourceThatIsNotReady) {
  const std::vector<std::pair<std::string, std::string>> states = {
      {"missing", "FAILED source missing: so it is"},
      {"unreadable", "FAILED source unreadable: so it is"},
      {"empty",
       "BLOCKED source empty: so it is; an empty folder never becomes the newest snapshot"},
      {"nonsense", "FAILED source unreadable: /data/photos could not be inspected"}};
  for (const auto& [state, marker] : states) {
    SourceIs(state);
    Backup();
    EXPECT_EQ(MarkerOf("photos"), marker);
  }
  EXPECT_EQ(fake_.Count("backup"), 0);
}

TEST_F(BackupJobTest, BacksUpAnEmptySourceOnlyIfAllowed) {
  SourceIs("empty");
  photos_.guard.allow_empty = true;
  EXPECT_EQ(Backup().outcome, JobOutcome::kSuccess);
}

TEST_F(BackupJobTest, TakesASourceThatDoesNotAnswerForUnreadable) {
  processes_.When(testing::HasWords({"inspect-source"}), Script().Ignores(2).Ignores(15));
  EXPECT_EQ(Backup().outcome, JobOutcome::kFailed);
  EXPECT_NE(MarkerOf("photos").find("did not answer in 30 seconds"), std::string::npos);
}

TEST_F(BackupJobTest, RunsItsHooksInOrder) {
  AddAllHooks();
  Backup();
  EXPECT_EQ(Launched("hook"),
            (std::vector<std::string>{"hook before", "hook after", "hook on_success"}));
  EXPECT_EQ(OutcomeToldTo("before"), "(none)");
  EXPECT_EQ(OutcomeToldTo("after"), "success");
  EXPECT_EQ(OutcomeToldTo("on_success"), "success");
}

TEST_F(BackupJobTest, TellsTheAfterHookOfAnIncompleteBackup) {
  AddAllHooks();
  MakeIncomplete();
  Backup();
  EXPECT_EQ(OutcomeToldTo("after"), "incomplete");
  EXPECT_EQ(OutcomeToldTo("on_success"), "incomplete");
}

TEST_F(BackupJobTest, RunsTheAfterHookIfABeforeHookFailed) {
  AddAllHooks();
  processes_.When(testing::HasWords({"hook", "before"}), Script().Exits(1));
  EXPECT_EQ(Backup().outcome, JobOutcome::kFailed);
  EXPECT_EQ(Launched("hook"),
            (std::vector<std::string>{"hook before", "hook after", "hook on_failure"}));
  EXPECT_EQ(fake_.Count("backup"), 0);
  EXPECT_EQ(MarkerOf("photos"), "FAILED before: hook hook: exit code 1");
}

TEST_F(BackupJobTest, KeepsWhatResticComplainedOf) {
  const auto complaints = [this] {
    std::vector<std::string> lines;
    const std::vector<ErrorLine> known = error_log_.Read(photos_.id, clock_.Now()).lines;
    for (const ErrorLine& line : known) lines.push_back(line.text);
    return lines;
  };
  EXPECT_EQ(Backup().outcome, JobOutcome::kSuccess);
  EXPECT_EQ(complaints(), std::vector<std::string>{});
  fake_.Next("backup", Script().Complains("Fatal: wrong password or no key found\n").Exits(12));
  EXPECT_EQ(Backup().outcome, JobOutcome::kFailed);
  EXPECT_EQ(complaints(), std::vector<std::string>{"Fatal: wrong password or no key found"});
  MakeIncomplete();
  Backup();
  EXPECT_THAT(complaints().back(), ::testing::HasSubstr("/d/secret"));
}

}  // namespace
}  // namespace runner
