#include "runner/jobs/restore_drill.h"

#include <gmock/gmock.h>

#include "tests/runner/jobs/job_fixture.h"
#include "tests/support/fake_restore.h"

namespace runner {
namespace {

using targets::Stage;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kScratch = "/state/.runner-drill-data/photos";

class RestoreDrillTest : public JobFixture {
 protected:
  RestoreDrillTest() {
    photos_ = &AddTarget("photos");
    photos_->drill.emplace().files = 2;
    AddSnapshot('1');
    restore_.AddFolder("/d");
    for (const char* name : {"/d/a", "/d/b", "/d/c"}) AddFile(name, name);
    SourceIsCopyOfSnapshot();
    EXPECT_TRUE(opener_.Open(stop_));
  }

  void AddSnapshot(char digit, std::vector<std::string> more_tags = {}) {
    more_tags.emplace_back("target:photos");
    fake_.snapshots.push_back({testing::FullId(digit), clock_.Now(), "server1", more_tags});
  }
  /// In the snapshot.
  void AddFile(const std::string& path, const std::string& content) {
    restore_.AddFile(path, content);
  }
  /// The source was called /d when the snapshot was made.
  void SourceIsCopyOfSnapshot() {
    for (const auto& [node, content] : restore_.tree) {
      if (node.type != targets::NodeType::kFile) continue;
      LiveFile(node.path.substr(2), content);
    }
  }
  void LiveFile(const std::string& path, const std::string& content,
                targets::UnixTime modified = testing::FakeRestore::kModified) {
    files_.AddFile("/data/photos" + path, content);
    files_.MemoryFileSystem::SetModified("/data/photos" + path, modified);
  }

  JobReport Drill() {
    return RestoreDrill(tools_, opener_, gate_, may_chown_).Run(*photos_, stop_);
  }
  std::string DrillMarker() {
    const auto marker = markers_.Read({photos_->id, Stage::kDrill}).value();
    if (!marker) return "(none)";
    return std::string(MarkerStatusName(marker->status)) + " " + marker->reason;
  }
  bool EverProven() {
    return markers_.LastSuccess({photos_->id, Stage::kDrill}).value().has_value();
  }
  bool ScratchExists() {
    return files_.Stat(kScratch, LinkHandling::kNoFollow).value().has_value();
  }
  std::vector<std::string> Restores() {
    std::vector<std::string> found;
    for (std::string& line : Launched("restic")) {
      if (line.starts_with("restic restore")) found.push_back(std::move(line));
    }
    return found;
  }

  bool may_chown_ = true;
  targets::Target* photos_;
  RepositoryGate gate_{files_, clock_, state_.RepositoryFolder(),
                       [this](std::chrono::milliseconds time) { clock_.Advance(time); }};
  RepositoryOpener opener_{config_, restic_, gate_, facts_, clock_, events_};
  testing::FakeRestore restore_{processes_, files_};
};

TEST_F(RestoreDrillTest, ProvesSomeFilesAgainstTheSnapshotAndTheLiveOnes) {
  const JobReport report = Drill();
  EXPECT_EQ(report.outcome, JobOutcome::kSuccess) << report.reason;
  EXPECT_EQ(DrillMarker(),
            "SUCCESS restored 2 files, 8 B, of snapshot 11111111: all as the snapshot says, 2 the "
            "same as the live ones");
  EXPECT_TRUE(EverProven());
  ASSERT_THAT(Restores(), SizeIs(1));
  EXPECT_THAT(Restores().front(), HasSubstr("--verify --include=/d/"));
  EXPECT_THAT(Restores().front(),
              HasSubstr(std::string("--target ") + kScratch + "/tree " + testing::FullId('1')));
  EXPECT_FALSE(ScratchExists());
}

TEST_F(RestoreDrillTest, ZeroFilesMeansEverything) {
  photos_->drill->files = 0;
  restore_.AddLink("/d/link", "a");
  EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess);
  EXPECT_THAT(DrillMarker(), HasSubstr("SUCCESS restored 3 files, 12 B"));
  ASSERT_THAT(Restores(), SizeIs(1));
  EXPECT_THAT(Restores().front(), Not(HasSubstr("--include")));
}

TEST_F(RestoreDrillTest, MoreFilesThanOneCommandLineHoldsAreRestoredInTurns) {
  for (int i = 0; i < 1200; ++i) AddFile(fmt::format("/d/n{:04}", i), "x");
  photos_->drill->files = 100'000;
  EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess);
  EXPECT_THAT(DrillMarker(), HasSubstr("SUCCESS restored 1203 files"));
  EXPECT_THAT(Restores(), SizeIs(2));
}

TEST_F(RestoreDrillTest, PatternsOfResticAreEscaped) {
  restore_.tree.clear();
  AddFile("/d[1]*", "x");
  EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess) << DrillMarker();
  EXPECT_THAT(Restores().front(), HasSubstr(R"(--include=/d\[1]\*)"));
}

TEST_F(RestoreDrillTest, ATargetWithoutADrillInTheConfigurationIsDrilledWithTheDefaults) {
  photos_->drill.reset();
  EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess);
  EXPECT_THAT(DrillMarker(), HasSubstr("restored 3 files"));
}

TEST_F(RestoreDrillTest, TheNewestGoodSnapshotIsTheOneThatIsProven) {
  clock_.Advance(std::chrono::hours(1));
  AddSnapshot('2');
  AddSnapshot('3', {targets::kQuarantineTag});
  EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess);
  EXPECT_THAT(DrillMarker(), HasSubstr("of snapshot 22222222"));
}

TEST_F(RestoreDrillTest, WithoutAnySnapshotNothingIsProven) {
  fake_.snapshots.clear();
  const JobReport report = Drill();
  EXPECT_EQ(report.outcome, JobOutcome::kSkipped);
  EXPECT_EQ(DrillMarker(), "WARNING nothing was restored: there is no snapshot yet");
  EXPECT_FALSE(EverProven());
}

TEST_F(RestoreDrillTest, WithoutAGoodSnapshotNothingIsProven) {
  fake_.snapshots.clear();
  AddSnapshot('3', {targets::kQuarantineTag});
  EXPECT_EQ(Drill().outcome, JobOutcome::kSkipped);
  EXPECT_THAT(DrillMarker(), HasSubstr("of 1 snapshot none is good"));
}

TEST_F(RestoreDrillTest, AnEmptyListingIsNotBelievedWhereSnapshotsWereSeen) {
  TargetFacts facts;
  facts.snapshots_seen = 3;
  ASSERT_TRUE(facts_.WriteTarget(photos_->id, facts));
  fake_.snapshots.clear();
  EXPECT_EQ(Drill().outcome, JobOutcome::kBlocked);
  EXPECT_EQ(DrillMarker(), "BLOCKED of its 3 good snapshots the repository lists none");
}

TEST_F(RestoreDrillTest, AListingThatFailsBlocks) {
  fake_.Next("snapshots",
             Script().Prints("[]\n").Complains("could not load snapshots: oh\n").Exits(0));
  EXPECT_EQ(Drill().outcome, JobOutcome::kBlocked);
  EXPECT_TRUE(Restores().empty());
}

TEST_F(RestoreDrillTest, AVanishedRepositoryBlocksAndIsNeverMadeAnew) {
  fake_.repository.reset();
  clock_.Advance(std::chrono::hours(2));
  EXPECT_EQ(Drill().outcome, JobOutcome::kBlocked);
  EXPECT_EQ(fake_.Count("init"), 0);
}

TEST_F(RestoreDrillTest, AFileThatIsNotRestoredIsAFailure) {
  photos_->drill->files = 3;
  restore_.loses = "/d/b";
  EXPECT_EQ(Drill().outcome, JobOutcome::kFailed);
  EXPECT_EQ(DrillMarker(),
            "FAILED what was restored of snapshot 11111111 is not what it holds: /d/b is missing");
  EXPECT_FALSE(EverProven());
  EXPECT_FALSE(ScratchExists());
}

TEST_F(RestoreDrillTest, AFileOfAnotherSizeIsAFailure) {
  photos_->drill->files = 3;
  restore_.cuts = "/d/b";
  EXPECT_EQ(Drill().outcome, JobOutcome::kFailed);
  EXPECT_THAT(DrillMarker(), HasSubstr("/d/b has 0 bytes instead of 4"));
}

TEST_F(RestoreDrillTest, WhatResticCouldNotRestoreIsAFailure) {
  processes_.When(testing::HasWords({"restic", "restore"}),
                  Script()
                      .Complains("ignoring error for /d/b: ciphertext verification failed\n"
                                 "Fatal: There were 1 errors\n")
                      .Exits(1));
  EXPECT_EQ(Drill().outcome, JobOutcome::kFailed);
  EXPECT_THAT(DrillMarker(), HasSubstr("FAILED snapshot 11111111: 1 file could not be restored"));
  EXPECT_FALSE(ScratchExists());
}

TEST_F(RestoreDrillTest, ALiveFileOfTheSameSizeAndTimeButOtherContentIsAFailure) {
  photos_->drill->files = 3;
  LiveFile("/b", "/d/B");
  const JobReport report = Drill();
  EXPECT_EQ(report.outcome, JobOutcome::kFailed);
  EXPECT_EQ(DrillMarker(),
            "FAILED /data/photos/b is not what snapshot 11111111 has of it, although its size "
            "and time are the same");
  EXPECT_THAT(report.hint, HasSubstr("docs/drills.md"));
}

TEST_F(RestoreDrillTest, ALiveFileThatChangedSinceTellsNothing) {
  photos_->drill->files = 3;
  LiveFile("/a", "new", testing::FakeRestore::kModified + targets::Duration(1));
  LiveFile("/b", "NEW!", testing::FakeRestore::kModified + targets::Duration(1));
  EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess);
  EXPECT_THAT(DrillMarker(), HasSubstr("all as the snapshot says, 1 the same as the live ones"));
}

TEST_F(RestoreDrillTest, ASourceThatIsNotThereDoesNotKeepTheSnapshotFromBeingProven) {
  SourceIs("missing");
  EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess);
  EXPECT_THAT(DrillMarker(), HasSubstr("none the same as the live ones"));
}

TEST_F(RestoreDrillTest, AStreamsFileIsComparedWithTheSnapshotAlone) {
  photos_->source = targets::CommandSource{{"pg_dump"}, "app.sql"};
  restore_.tree.clear();
  AddFile("/app.sql", "dump");
  EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess);
  EXPECT_EQ(DrillMarker(),
            "SUCCESS restored 1 file, 4 B, of snapshot 11111111: all as the snapshot says");
}

TEST_F(RestoreDrillTest, AFullDiskIsSeenBeforeAnythingIsWritten) {
  files_.SetSpace("/state", {.total = 100'000, .available = 8'000 + 5'000});
  EXPECT_EQ(Drill().outcome, JobOutcome::kFailed);
  EXPECT_THAT(DrillMarker(), HasSubstr("FAILED 2 files of snapshot 11111111 need 12.9 KiB in"));
  EXPECT_TRUE(Restores().empty());
  EXPECT_FALSE(ScratchExists());
  files_.SetSpace("/state", {.total = 100'000, .available = 8'200 + 5'000});
  EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess);
}

TEST_F(RestoreDrillTest, ADiskThatFillsMeanwhileIsNamed) {
  processes_.When(testing::HasWords({"restic", "restore"}),
                  Script()
                      .Complains("ignoring error for /d/b: write: no space left on device\n"
                                 "Fatal: There were 1 errors\n")
                      .Exits(1));
  const JobReport report = Drill();
  EXPECT_EQ(report.outcome, JobOutcome::kFailed);
  EXPECT_EQ(report.cause, Cause::kDiskFull);
  EXPECT_EQ(report.hint, std::string("free space in ") + kScratch);
  EXPECT_FALSE(ScratchExists());
}

TEST_F(RestoreDrillTest, TheReserveIsAPartOfTheDiskButNeverMuch) {
  EXPECT_EQ(DrillReserve({.total = 1000, .available = 0}), 50U);
  EXPECT_EQ(DrillReserve({.total = targets::Bytes{1} << 40U, .available = 0}),
            targets::Bytes{1} << 30U);
}

TEST_F(RestoreDrillTest, TheUsersProgramJudgesTheFilesWithoutTheRepositorysSecrets) {
  photos_->drill->command = {"hook-judge", "--strict"};
  bool there = false;
  processes_.When(testing::HasWords({"hook-judge"}), [&](const ProcessSpec&) {
    there =
        files_.Stat(std::string(kScratch) + "/tree/d", LinkHandling::kNoFollow).value().has_value();
    return Script().Exits(0);
  });
  EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess);
  EXPECT_TRUE(there);
  EXPECT_THAT(DrillMarker(), HasSubstr("; hook-judge accepts them"));
  const ProcessSpec judge = processes_.Launched().back();
  EXPECT_THAT(judge.argv, ElementsAre("hook-judge", "--strict", std::string(kScratch) + "/tree/d"));
  EXPECT_EQ(judge.environment.at("RUNNER_STAGE"), "drill");
  EXPECT_EQ(judge.environment.at("RUNNER_SNAPSHOT"), testing::FullId('1'));
  EXPECT_FALSE(judge.environment.contains("RESTIC_PASSWORD"));
  EXPECT_TRUE(judge.watch.max_runtime.has_value());
}

TEST_F(RestoreDrillTest, AnotherUsersProgramGetsTheFoldersOnTheWay) {
  config_.run_as = targets::RunAs{1000, 1001};
  photos_->drill->command = {"hook-judge"};
  std::uint32_t owner = 0;
  processes_.When(testing::HasWords({"hook-judge"}), [&](const ProcessSpec&) {
    owner = files_.Stat(std::string(kScratch) + "/tree/d", LinkHandling::kNoFollow).value()->uid;
    return Script().Exits(0);
  });
  EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess);
  EXPECT_EQ(owner, 1000U);
}

TEST_F(RestoreDrillTest, ItsFailureIsTheDrillsWithItsLastWords) {
  photos_->drill->command = {"hook-judge"};
  processes_.When(testing::HasWords({"hook-judge"}),
                  Script().Complains("looking\n\nb.jpg is no picture\n").Exits(3));
  EXPECT_EQ(Drill().outcome, JobOutcome::kFailed);
  EXPECT_EQ(DrillMarker(),
            "FAILED 2 files of snapshot 11111111: drill command hook-judge: exit code 3: b.jpg is "
            "no picture");
  EXPECT_FALSE(ScratchExists());
}

TEST_F(RestoreDrillTest, WhatACrashLeftIsGoneBeforeAnythingElse) {
  files_.AddFile(std::string(kScratch) + "/tree/secret", "old");
  fake_.snapshots.clear();
  EXPECT_EQ(Drill().outcome, JobOutcome::kSkipped);
  EXPECT_FALSE(ScratchExists());
}

TEST_F(RestoreDrillTest, ACrashAtAnyStepLeavesRunningAndTheNextDrillCleansUp) {
  files_.StopBeforeStep(1'000'000);
  ASSERT_EQ(Drill().outcome, JobOutcome::kSuccess);
  const int steps = files_.Steps();
  ASSERT_GT(steps, 10);
  ASSERT_TRUE(markers_.Remove({photos_->id, Stage::kDrill}));
  for (int step = 1; step <= steps; ++step) {
    files_.StopBeforeStep(step);
    Drill();
    files_.CrashAndKeepUnsynced();
    EXPECT_TRUE(DrillMarker() == "(none)" || DrillMarker().starts_with("RUNNING") ||
                DrillMarker().starts_with("SUCCESS"))
        << step << ": " << DrillMarker();
    files_.StopBeforeStep(1'000'000);
    EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess) << step << ": " << DrillMarker();
    EXPECT_FALSE(ScratchExists()) << step;
    ASSERT_TRUE(markers_.Remove({photos_->id, Stage::kDrill}));
  }
}

TEST_F(RestoreDrillTest, AScratchFolderThatCannotBeEmptiedIsAFailure) {
  photos_->drill->command = {"hook-judge"};
  processes_.When(testing::HasWords({"hook-judge"}), [&](const ProcessSpec&) {
    files_.FailStep(1);
    return Script().Exits(0);
  });
  EXPECT_EQ(Drill().outcome, JobOutcome::kFailed);
  EXPECT_THAT(DrillMarker(), HasSubstr("FAILED the scratch folder stays"));
}

TEST_F(RestoreDrillTest, AStopInterruptsItAndLeavesNothing) {
  photos_->drill->command = {"hook-judge"};
  processes_.When(testing::HasWords({"hook-judge"}),
                  Script()
                      .Does([this] { stop_.Stop(); }, std::chrono::seconds(1))
                      .Exits(0, std::chrono::seconds(100)));
  EXPECT_EQ(Drill().outcome, JobOutcome::kInterrupted);
  EXPECT_FALSE(EverProven());
  EXPECT_FALSE(ScratchExists());
}

TEST_F(RestoreDrillTest, WhileAnotherRunHasTheTargetItsMarkerIsLeftAlone) {
  const auto held = state_.TryLockTarget(photos_->id).value();
  EXPECT_EQ(Drill().outcome, JobOutcome::kBlocked);
  EXPECT_EQ(DrillMarker(), "(none)");
}

TEST_F(RestoreDrillTest, OwnersThatOnlyRootCanGiveAreSaidAndNoDifference) {
  may_chown_ = false;
  restore_.tree.back().node.uid = 99;
  EXPECT_EQ(Drill().outcome, JobOutcome::kSuccess);
}

}  // namespace
}  // namespace runner
