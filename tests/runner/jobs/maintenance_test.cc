#include "runner/jobs/maintenance.h"

#include "tests/runner/jobs/wave_fixture.h"

namespace runner {
namespace {

using std::chrono::minutes;
using targets::Stage;
using testing::FullId;

class MaintenanceTest : public WaveFixture {
 protected:
  void Hold(int snapshots) {
    fake_.snapshots.clear();
    for (int i = 0; i < snapshots; ++i)
      fake_.snapshots.push_back({fmt::format("{:064x}", i + 1), clock_.Now(), "elsewhere", {}});
  }
  static std::string Line(const JobReport& report) {
    return fmt::format("{} {}: {}", targets::StageName(report.stage),
                       JobOutcomeName(report.outcome), report.reason);
  }
  std::string Prune() { return Line(maintenance_.Prune(stop_)); }
  std::string Check() { return Line(maintenance_.Check(stop_)); }
  std::string Probe() { return Line(maintenance_.Probe(stop_)); }
  std::string MarkerOfStage(Stage stage) {
    const auto marker = markers_.Read({{}, stage}).value();
    if (!marker) return "(none)";
    return std::string(MarkerStatusName(marker->status)) + " " + marker->reason;
  }
  bool EverSucceeded(Stage stage) { return markers_.LastSuccess({{}, stage}).value().has_value(); }
  int NextPart() { return facts_.ReadRepository().value().next_check_part; }
  void ReadInParts(int parts) {
    config_.maintenance.check = targets::CheckJob{};
    config_.maintenance.check->read_data_parts = parts;
  }
  /// The last command line with that word of restic's.
  std::string LastCall(const std::string& word) {
    std::string last;
    for (const std::string& line : Launched("restic")) {
      if (line.find(" " + word) != std::string::npos) last = line;
    }
    return last;
  }

  Maintenance maintenance_{tools_, opener_, gate_, listings_, cleaner_, patience_};
};

TEST_F(MaintenanceTest, PrunesAndTellsWhatResticTells) {
  Hold(10);
  fake_.unneeded_packs = 5;
  EXPECT_EQ(Prune(), "prune success: total prune: 5 blobs / 5 KiB; remaining: 9 blobs / 9 KiB");
  EXPECT_EQ(fake_.unneeded_packs, 0);
  EXPECT_TRUE(MarkerOfStage(Stage::kPrune).starts_with("SUCCESS total prune"));
  EXPECT_TRUE(EverSucceeded(Stage::kPrune));
  EXPECT_EQ(facts_.ReadRepository().value().all_listed, 10U);
}

TEST_F(MaintenanceTest, PrunesWithTheConfiguredBounds) {
  config_.maintenance.prune = targets::PruneJob{};
  config_.maintenance.prune->max_unused = "7%";
  config_.maintenance.prune->max_repack_size = 1000;
  Prune();
  EXPECT_NE(LastCall("prune").find("prune --cleanup-cache --max-unused 7% --max-repack-size 1000"),
            std::string::npos)
      << LastCall("prune");
}

TEST_F(MaintenanceTest, PrunesWithTheDefaultsIfAPersonAsks) {
  Prune();
  EXPECT_NE(LastCall("prune").find("prune --cleanup-cache --max-unused 5%"), std::string::npos)
      << LastCall("prune");
}

TEST_F(MaintenanceTest, PrunesNothingIfSnapshotsVanished) {
  Hold(10);
  Prune();
  Hold(4);
  fake_.unneeded_packs = 5;
  EXPECT_EQ(Prune(),
            "prune blocked: the repository lists 4 snapshots of the whole repository, but there "
            "were 10: nothing is removed");
  EXPECT_EQ(fake_.unneeded_packs, 5);
  EXPECT_TRUE(MarkerOfStage(Stage::kPrune).starts_with("BLOCKED "));
  Hold(5);
  EXPECT_TRUE(Prune().starts_with("prune success"));
  Hold(0);
  EXPECT_TRUE(Prune().starts_with("prune blocked"));
  EXPECT_EQ(fake_.Count("prune"), 2);
}

TEST_F(MaintenanceTest, PrunesNothingIfTheListingFails) {
  for (int i = 0; i < 2; ++i)
    fake_.Next("snapshots", Script().Prints("[]\n").Complains("could not load\n").Exits(0));
  EXPECT_TRUE(Prune().starts_with("prune blocked: the listing is not to be trusted"));
  EXPECT_EQ(fake_.Count("prune"), 0);
}

TEST_F(MaintenanceTest, ReadsOnePartAfterTheOther) {
  ReadInParts(3);
  for (const char* part : {"1", "2", "3", "1"}) {
    EXPECT_EQ(Check(),
              fmt::format("check success: no errors found: structure and part {} of 3", part));
    EXPECT_NE(LastCall("check").find(fmt::format("--read-data-subset {}/3", part)),
              std::string::npos);
  }
}

TEST_F(MaintenanceTest, BeginsAnewIfThereAreFewerPartsThanBefore) {
  ReadInParts(30);
  ASSERT_TRUE(facts_.UpdateRepository([](RepositoryFacts& facts) { facts.next_check_part = 7; }));
  ReadInParts(6);
  EXPECT_EQ(Check(), "check success: no errors found: structure and part 1 of 6");
  ASSERT_TRUE(facts_.UpdateRepository([](RepositoryFacts& facts) { facts.next_check_part = 6; }));
  EXPECT_EQ(Check(), "check success: no errors found: structure and part 6 of 6");
  EXPECT_EQ(NextPart(), 1);
}

TEST_F(MaintenanceTest, ChecksTheStructureIfNoDataIsWanted) {
  EXPECT_EQ(Check(), "check success: no errors found: structure");
  EXPECT_EQ(LastCall("check").find("--read-data"), std::string::npos);
  EXPECT_EQ(NextPart(), 1);
}

TEST_F(MaintenanceTest, ReadsTheSamePartAgainAfterAFailure) {
  ReadInParts(3);
  Check();
  fake_.damaged = true;
  EXPECT_EQ(Check(),
            "check failed: Pack ID does not match, want 12, got 34 repository contains errors "
            "(structure and part 2 of 3)");
  EXPECT_EQ(NextPart(), 2);
  EXPECT_TRUE(MarkerOfStage(Stage::kCheck).starts_with("FAILED Pack ID does not match"));
  fake_.damaged = false;
  EXPECT_EQ(Check(), "check success: no errors found: structure and part 2 of 3");
  EXPECT_TRUE(MarkerOfStage(Stage::kCheck).starts_with("SUCCESS"));
}

TEST_F(MaintenanceTest, NotesAfterACheckWhatIsStored) {
  EXPECT_EQ(Check(), "check success: no errors found: structure");
  EXPECT_EQ(facts_.ReadRepository().value().stored_bytes, 1'800'009U);
  fake_.Next("stats", Script().Complains("Fatal: out of luck\n").Exits(1));
  EXPECT_EQ(Check(), "check success: no errors found: structure");
  EXPECT_EQ(facts_.ReadRepository().value().stored_bytes, 1'800'009U);
}

TEST_F(MaintenanceTest, NotesWhichLocksStandInTheWayOfACheck) {
  EXPECT_EQ(facts_.ReadRepository().value().locks, std::nullopt);
  EXPECT_EQ(Check(), "check success: no errors found: structure");
  EXPECT_EQ(facts_.ReadRepository().value().locks, 0U);
  fake_.locks[FullId('1')] = {clock_.Now() - std::chrono::minutes(5), false, "elsewhere", "root",
                              7};
  EXPECT_TRUE(Check().starts_with("check blocked")) << Check();
  EXPECT_EQ(facts_.ReadRepository().value().locks, 1U);
}

TEST_F(MaintenanceTest, ChecksAlsoIfTheLocksCannotBeListed) {
  fake_.Next("list locks", Script().Complains("Fatal: out of luck\n").Exits(1));
  EXPECT_EQ(Check(), "check success: no errors found: structure");
  EXPECT_EQ(facts_.ReadRepository().value().locks, std::nullopt);
}

TEST_F(MaintenanceTest, LeavesAFailedCheckRedWhateverElseSucceeds) {
  fake_.damaged = true;
  Check();
  Prune();
  Probe();
  const targets::Target& photos = AddTarget("photos");
  BackupWave wave(tools_, opener_, gate_, listings_, cleaner_, patience_);
  EXPECT_EQ(wave.Run({&photos}, stop_).front().outcome, JobOutcome::kSuccess);
  EXPECT_TRUE(MarkerOfStage(Stage::kCheck).starts_with("FAILED "));
}

TEST_F(MaintenanceTest, ProbesTheRepositoryItselfEachTime) {
  EXPECT_EQ(Probe(), "probe success: repository aaaaaaaaaa answers");
  EXPECT_EQ(Probe(), "probe success: repository aaaaaaaaaa answers");
  EXPECT_EQ(fake_.Count("cat config"), 2);
  EXPECT_TRUE(EverSucceeded(Stage::kProbe));
}

TEST_F(MaintenanceTest, ProbesNotSuccessfullyIfTheRepositoryIsAnotherOrGone) {
  Probe();
  fake_.repository = FullId('b');
  EXPECT_TRUE(Probe().starts_with("probe failed: /srv/repo holds repository bbbbbbbbbb"));
  fake_.repository.reset();
  EXPECT_TRUE(Probe().starts_with("probe failed: repository aaaaaaaaaa is not at /srv/repo"));
  EXPECT_TRUE(MarkerOfStage(Stage::kProbe).starts_with("FAILED "));
  EXPECT_EQ(fake_.Count("init"), 0);
}

TEST_F(MaintenanceTest, NeverCreatesARepository) {
  fake_.repository.reset();
  EXPECT_TRUE(Prune().starts_with("prune blocked: there is no repository"));
  EXPECT_TRUE(Check().starts_with("check blocked: there is no repository"));
  EXPECT_TRUE(Probe().starts_with("probe failed: there is no repository"));
  EXPECT_EQ(fake_.Count("init"), 0);
}

TEST_F(MaintenanceTest, IsRefusedWhileTheSameStageIsAtWork) {
  const auto prune = state_.TryLockRepositoryStage(Stage::kPrune).value();
  EXPECT_EQ(Prune(), "prune blocked: another prune is at work");
  EXPECT_EQ(MarkerOfStage(Stage::kPrune), "(none)") << "the marker is the other's";
  EXPECT_TRUE(Check().starts_with("check success"));
}

TEST_F(MaintenanceTest, WaitsForTheJobsInTheGate) {
  auto busy = files_.TryLock("/state/repository/gate.lock", LockMode::kShared).value();
  on_pause_ = [&, until = clock_.Monotonic() + std::chrono::hours(9)] {
    if (clock_.Monotonic() >= until) busy.reset();
  };
  EXPECT_TRUE(Prune().starts_with("prune success"));
  busy = files_.TryLock("/state/repository/gate.lock", LockMode::kShared).value();
  on_pause_ = [this] { stop_.Stop(); };
  EXPECT_TRUE(Check().starts_with("check interrupted: "));
  EXPECT_TRUE(MarkerOfStage(Stage::kCheck).starts_with("FAILED "));
}

TEST_F(MaintenanceTest, RemovesDeadLocksAndIsBlockedByLivingOnes) {
  LockBy("elsewhere", minutes(31));
  EXPECT_TRUE(Prune().starts_with("prune success"));
  LockBy("elsewhere", minutes(3));
  EXPECT_EQ(Check(),
            "check blocked: repository is locked exclusively by PID 7 on elsewhere by root, since "
            "2027-01-15T07:57:00Z (180s ago) (structure)");
}

TEST_F(MaintenanceTest, DoesNotBeginWithoutADurableMarker) {
  files_.SetFull(true);
  EXPECT_TRUE(Prune().starts_with("prune failed: "));
  EXPECT_TRUE(processes_.Launched().empty());
}

TEST_F(MaintenanceTest, TellsTheObserver) {
  Check();
  fake_.damaged = true;
  Check();
  const auto lines = events_.lines();
  EXPECT_EQ(lines[0], "repository: done: no errors found: structure");
  EXPECT_TRUE(lines[1].starts_with("repository: failed: Pack ID does not match"));
  EXPECT_TRUE(lines[2].starts_with("repository: hint: "));
}

/// Whatever step a kill falls on: never a success that did not happen, and the next run heals.
TEST_F(MaintenanceTest, MayBeKilledAtAnyStep) {
  ReadInParts(3);
  for (int step = 1;; ++step) {
    ASSERT_TRUE(markers_.Remove({{}, Stage::kCheck}));
    const int before = fake_.Count("check");
    const int part = NextPart();
    files_.StopBeforeStep(step);
    Check();
    const bool stopped = files_.Stopped();
    files_.CrashAndLoseUnsynced();
    const bool checked = fake_.Count("check") > before;
    EXPECT_TRUE(checked || !MarkerOfStage(Stage::kCheck).starts_with("SUCCESS")) << step;
    EXPECT_TRUE(checked || NextPart() == part) << step;
    EXPECT_TRUE(Check().starts_with("check success")) << step;
    if (!stopped) break;
  }
}

TEST_F(MaintenanceTest, KeepsWhatResticComplainedOf) {
  Hold(3);
  Check();
  EXPECT_EQ(error_log_.Read({}, clock_.Now()), KnownErrors{});
  fake_.damaged = true;
  Check();
  const std::vector<ErrorLine> lines = error_log_.Read({}, clock_.Now()).lines;
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.front().stage, Stage::kCheck);
}

}  // namespace
}  // namespace runner
