#include "runner/jobs/forget_wave.h"

#include "tests/runner/jobs/wave_fixture.h"

namespace runner {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using targets::SnapshotId;
using testing::FakeRestic;
using testing::FullId;

class ForgetWaveTest : public WaveFixture {
 protected:
  /// A target with so many daily snapshots, the newest proven and good, that keeps the last two.
  targets::Target& AddWithSnapshots(const std::string& id, int count) {
    targets::Target& target = AddTarget(id);
    target.retention.last = 2;
    for (int day = count - 1; day >= 0; --day) Store(id, clock_.Now() - hours(24 * day));
    if (count > 0) ProveNewest(id);
    return target;
  }
  std::string Store(const std::string& target, targets::UnixTime time,
                    const std::string& host = "server1") {
    fake_.snapshots.push_back(
        {fmt::format("{:064x}", ++stored_), time, host, {"target:" + target}});
    return fake_.snapshots.back().id;
  }
  void ProveNewest(const std::string& target) {
    TargetFacts facts = FactsOf(target);
    const SnapshotId id(fake_.snapshots.back().id);
    facts.newest_proven = id;
    facts.newest_good = GoodSnapshot{id, fake_.snapshots.back().time, 1, 1};
    ASSERT_TRUE(facts_.WriteTarget(targets::TargetId(target), facts));
  }
  void Remember(std::uint64_t listed) {
    ASSERT_TRUE(facts_.UpdateRepository([&](RepositoryFacts& facts) {
      facts.snapshots_listed = listed;
      facts.listed_at = clock_.Now();
    }));
  }

  std::vector<JobReport> Run() {
    std::vector<const targets::Target*> all;
    for (const targets::Target& target : targets_) all.push_back(&target);
    return wave_.Run(all, stop_);
  }
  /// "photos success kept 2, ..." for each report.
  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    for (const JobReport& report : Run()) {
      EXPECT_EQ(report.stage, targets::Stage::kForget);
      lines.push_back(fmt::format("{} {}: {}", report.target.str(), JobOutcomeName(report.outcome),
                                  report.reason));
    }
    return lines;
  }
  std::string Only() { return targets::Join(Lines(), "\n"); }
  std::string ForgetMarkerOf(const std::string& id) {
    const auto marker = markers_.Read({targets::TargetId(id), targets::Stage::kForget}).value();
    if (!marker) return "(none)";
    return std::string(MarkerStatusName(marker->status)) + " " + marker->reason;
  }
  std::size_t CountOf(const std::string& target) {
    return static_cast<std::size_t>(std::count_if(
        fake_.snapshots.begin(), fake_.snapshots.end(),
        [&](const auto& stored) { return stored.tags.front() == "target:" + target; }));
  }
  void ExpectNothingRemoved(std::size_t stored) {
    EXPECT_EQ(fake_.Count("forget"), 0);
    EXPECT_EQ(fake_.snapshots.size(), stored);
  }

  ForgetWave wave_{tools_, opener_, gate_, listings_, cleaner_, patience_};
  int stored_ = 0;
};

TEST_F(ForgetWaveTest, ForgetsForAllTargetsWithOneCall) {
  AddWithSnapshots("a", 5);
  AddWithSnapshots("b", 3).retention.last = 1;
  EXPECT_EQ(Lines(), (std::vector<std::string>{
                         "a success: kept 2, removed 3 (snapshots 00000000, 00000000, 00000000)",
                         "b success: kept 1, removed 2 (snapshots 00000000, 00000000)"}));
  EXPECT_EQ(fake_.Count("forget"), 1);
  EXPECT_EQ(fake_.Count("snapshots"), 2) << "before and after";
  EXPECT_EQ(CountOf("a"), 2U);
  EXPECT_EQ(CountOf("b"), 1U);
  EXPECT_TRUE(ForgetMarkerOf("a").starts_with("SUCCESS kept 2, removed 3"));
  EXPECT_TRUE(
      markers_.LastSuccess({targets::TargetId("a"), targets::Stage::kForget}).value().has_value());
  EXPECT_EQ(facts_.ReadRepository().value().snapshots_listed, 3U);
}

TEST_F(ForgetWaveTest, NamesFiveOfMany) {
  AddWithSnapshots("a", 9);
  EXPECT_TRUE(Only().ends_with("00000000 and 2 more)")) << ForgetMarkerOf("a");
}

TEST_F(ForgetWaveTest, ForgetsByFullIdsOnly) {
  AddWithSnapshots("a", 3);
  Run();
  const std::string call = Launched("restic")[2];
  EXPECT_NE(call.find(" forget --json " + fmt::format("{:064x}", 1)), std::string::npos) << call;
  EXPECT_EQ(call.find("--keep"), std::string::npos);
}

TEST_F(ForgetWaveTest, StartsNoResticIfNothingIsToBeRemovedAndTheListingIsThere) {
  AddWithSnapshots("a", 2);
  ASSERT_TRUE(opener_.Open(stop_));
  ASSERT_TRUE(listings_.Take(stop_));
  const std::size_t before = processes_.Launched().size();
  EXPECT_EQ(Only(), "a success: kept 2, nothing to remove");
  EXPECT_EQ(processes_.Launched().size(), before);
  EXPECT_TRUE(ForgetMarkerOf("a").starts_with("SUCCESS"));
}

TEST_F(ForgetWaveTest, ListsAnewIfAProvenSnapshotIsYoungerThanTheListing) {
  AddWithSnapshots("a", 2);
  ASSERT_TRUE(listings_.Take(stop_));
  Store("a", clock_.Now() + seconds(1));
  ProveNewest("a");
  EXPECT_TRUE(Only().starts_with("a success: kept 2, removed 1"));
}

TEST_F(ForgetWaveTest, ListsAnewIfTheListingIsOld) {
  AddWithSnapshots("a", 2);
  ASSERT_TRUE(listings_.Take(stop_));
  clock_.Advance(minutes(10));
  Run();
  EXPECT_EQ(fake_.Count("snapshots"), 2);
}

TEST_F(ForgetWaveTest, DecidesAnewIfItWaitedLongForTheGate) {
  AddWithSnapshots("a", 5);
  auto busy = files_.TryLock("/state/repository/gate.lock", LockMode::kShared).value();
  on_pause_ = [&, waited = clock_.Monotonic() + minutes(2)] {
    if (busy == nullptr || clock_.Monotonic() < waited) return;
    fake_.snapshots.back().tags.emplace_back("quarantine");  // by whoever was in there
    busy.reset();
  };
  EXPECT_EQ(Only(), "a skipped: nothing removed: the newest snapshot 00000000 is quarantined");
  ExpectNothingRemoved(5);
}

TEST_F(ForgetWaveTest, KeepsItsDecisionIfItHardlyWaited) {
  AddWithSnapshots("a", 5);
  auto busy = files_.TryLock("/state/repository/gate.lock", LockMode::kShared).value();
  on_pause_ = [&, waited = clock_.Monotonic() + seconds(30)] {
    if (clock_.Monotonic() >= waited) busy.reset();
  };
  EXPECT_TRUE(Only().starts_with("a success"));
  EXPECT_EQ(fake_.Count("snapshots"), 2);
}

TEST_F(ForgetWaveTest, LeavesTargetsWithoutRetentionAlone) {
  AddWithSnapshots("a", 5).retention = {};
  ASSERT_TRUE(markers_.Write({targets::TargetId("a"), targets::Stage::kForget},
                             {MarkerStatus::kFailed, clock_.Now(), "of an old retention", {}}));
  EXPECT_TRUE(Run().empty());
  EXPECT_EQ(ForgetMarkerOf("a"), "(none)");
  EXPECT_TRUE(processes_.Launched().empty());
}

TEST_F(ForgetWaveTest, SuspendsOneTargetWithoutStoppingTheOthers) {
  AddWithSnapshots("a", 5);
  fake_.snapshots.back().tags.emplace_back("quarantine");
  AddWithSnapshots("b", 5);
  EXPECT_EQ(Lines()[0], "a skipped: nothing removed: the newest snapshot 00000000 is quarantined");
  EXPECT_EQ(CountOf("a"), 5U);
  EXPECT_EQ(CountOf("b"), 2U);
  EXPECT_EQ(ForgetMarkerOf("a"),
            "WARNING nothing removed: the newest snapshot 00000000 is quarantined");
}

TEST_F(ForgetWaveTest, SuspendsATargetWhoseFactsAreDamaged) {
  AddWithSnapshots("a", 5);
  files_.AddFile("/state/targets/a/facts.json", "{");
  EXPECT_TRUE(Only().starts_with("a skipped: nothing removed: cannot understand"));
  ExpectNothingRemoved(5);
}

TEST_F(ForgetWaveTest, SuspendsATargetWhoseBackupMarkerCannotBeRead) {
  AddWithSnapshots("a", 5);
  files_.AddFile("/state/targets/a/backup_status", "SUCCESS\n");
  files_.SetUnreadable("/state/targets/a/backup_status", true);
  EXPECT_TRUE(Only().starts_with("a skipped: nothing removed: "));
  ExpectNothingRemoved(5);
}

TEST_F(ForgetWaveTest, SuspendsATargetThatIsBackedUpRightNow) {
  AddWithSnapshots("a", 5);
  ASSERT_TRUE(markers_.Write(KeyOf("a"), {MarkerStatus::kRunning, clock_.Now(), "", {}}));
  auto lock = state_.TryLockTarget(targets::TargetId("a")).value();
  EXPECT_EQ(Only(), "a skipped: nothing removed: a backup of the target is running");
  lock.reset();
  EXPECT_TRUE(Only().starts_with("a success"));
}

TEST_F(ForgetWaveTest, RefusesEverythingIfHalfOfTheSnapshotsVanished) {
  AddWithSnapshots("a", 5);
  AddWithSnapshots("b", 2);
  Remember(15);
  EXPECT_EQ(Lines()[0],
            "a blocked: the repository lists 7 snapshots of this instance, but there were 15: "
            "nothing is removed");
  EXPECT_TRUE(ForgetMarkerOf("b").starts_with("BLOCKED "));
  ExpectNothingRemoved(7);
  ASSERT_TRUE(listings_.Accept(stop_));
  EXPECT_TRUE(Lines()[0].starts_with("a success"));
}

TEST_F(ForgetWaveTest, IsNotAfraidOfItsOwnRemovals) {
  AddWithSnapshots("a", 9).retention.last = 1;
  EXPECT_TRUE(Only().starts_with("a success: kept 1, removed 8"));
  EXPECT_EQ(Only(), "a success: kept 1, nothing to remove");
}

TEST_F(ForgetWaveTest, IsBlockedIfTheRepositoryIsUnknown) {
  AddWithSnapshots("a", 5);
  fake_.Next("cat config", Script().Complains("Fatal: dial tcp: no route\n").Exits(1));
  EXPECT_TRUE(Only().starts_with("a blocked: "));
  EXPECT_TRUE(ForgetMarkerOf("a").starts_with("BLOCKED "));
}

TEST_F(ForgetWaveTest, NeverCreatesARepository) {
  AddWithSnapshots("a", 0);
  fake_.repository.reset();
  EXPECT_TRUE(Only().starts_with("a blocked: there is no repository"));
  EXPECT_EQ(fake_.Count("init"), 0);
}

TEST_F(ForgetWaveTest, IsBlockedIfTheListingFails) {
  AddWithSnapshots("a", 5);
  for (int i = 0; i < 2; ++i)
    fake_.Next("snapshots", Script().Prints("[]\n").Complains("could not load\n").Exits(0));
  EXPECT_TRUE(Only().starts_with("a blocked: the listing is not to be trusted"));
  ExpectNothingRemoved(5);
}

TEST_F(ForgetWaveTest, WaitsWhileAnotherIsAtWork) {
  AddWithSnapshots("a", 5);
  auto other = state_.TryLockRepositoryStage(targets::Stage::kForget).value();
  on_pause_ = [&] { other.reset(); };
  EXPECT_TRUE(Only().starts_with("a success"));
  EXPECT_EQ(CountOf("a"), 2U);
}

TEST_F(ForgetWaveTest, IsRefusedIfAnotherDoesNotEnd) {
  AddWithSnapshots("a", 5);
  const auto other = state_.TryLockRepositoryStage(targets::Stage::kForget).value();
  const MonotonicTime began = clock_.Monotonic();
  EXPECT_EQ(Only(), "a blocked: another forget is at work");
  EXPECT_GE(clock_.Monotonic() - began, ForgetWave::kPatience);
  EXPECT_EQ(ForgetMarkerOf("a"), "(none)") << "the marker is the other's";
  EXPECT_TRUE(processes_.Launched().empty());
}

TEST_F(ForgetWaveTest, FailsIfARemovedSnapshotIsStillThere) {
  AddWithSnapshots("a", 5);
  for (int i = 0; i < 3; ++i) fake_.Next("forget", Script().Exits(0));
  EXPECT_EQ(Only(),
            "a failed: restic says that it removed snapshots 00000000, 00000000, 00000000, but the "
            "repository still lists them");
  EXPECT_EQ(facts_.ReadRepository().value().snapshots_listed, 5U);
}

/// A lost reply made a storage that keeps versions store a snapshot twice.
TEST_F(ForgetWaveTest, RemovesAgainWhatCameBack) {
  AddWithSnapshots("a", 5);
  for (int i = 0; i < 2; ++i) fake_.Next("forget", Script().Exits(0));
  EXPECT_EQ(Only(), "a success: kept 2, removed 3 (snapshots 00000000, 00000000, 00000000)");
  EXPECT_EQ(fake_.Count("forget"), 3);
  EXPECT_EQ(fake_.snapshots.size(), 2U);
}

TEST_F(ForgetWaveTest, FailsIfAKeptSnapshotIsGone) {
  AddWithSnapshots("a", 5);
  fake_.Next("forget", Script()
                           .Does([this] {
                             fake_.snapshots.erase(fake_.snapshots.begin(),
                                                   fake_.snapshots.end() - 1);
                           })
                           .Exits(0));
  EXPECT_EQ(Only(),
            "a failed: snapshot 00000000 should be kept, but the repository does not list it any "
            "more");
}

TEST_F(ForgetWaveTest, FailsIfTheResultCannotBeProven) {
  AddWithSnapshots("a", 5);
  ASSERT_TRUE(listings_.Take(stop_));
  for (int i = 0; i < 2; ++i) fake_.Next("snapshots", Script().Complains("odd\n").Exits(1));
  EXPECT_TRUE(Only().starts_with("a failed: the removal could not be proven: "));
}

TEST_F(ForgetWaveTest, TellsWhatAFailedCallRemoved) {
  AddWithSnapshots("a", 5);
  fake_.Next("forget", Script()
                           .Does([this] { fake_.snapshots.erase(fake_.snapshots.begin()); })
                           .Complains("Fatal: no space left on device\n")
                           .Exits(1));
  EXPECT_EQ(Only(), "a failed: removed 1 of 3, then: no space left on device");
  EXPECT_EQ(error_log_.Read({}, clock_.Now()).lines,
            (std::vector<ErrorLine>{
                {clock_.Now(), targets::Stage::kForget, "Fatal: no space left on device"}}));
  EXPECT_TRUE(Only().starts_with("a success: kept 2, removed 2")) << "the rest at the next time";
}

TEST_F(ForgetWaveTest, CallsResticAgainForEachThousandIds) {
  AddWithSnapshots("a", 2003);
  EXPECT_TRUE(Only().starts_with("a success: kept 2, removed 2001"));
  EXPECT_EQ(fake_.Count("forget"), 3);
}

TEST_F(ForgetWaveTest, IsBlockedByALivingLockAndNamesItsHolder) {
  AddWithSnapshots("a", 5);
  LockBy("elsewhere", minutes(5));
  EXPECT_EQ(Only(),
            "a blocked: repository is locked exclusively by PID 7 on elsewhere by root, since "
            "2027-01-15T07:55:00Z (300s ago)");
  EXPECT_EQ(fake_.Count("unlock"), 0);
  EXPECT_EQ(fake_.snapshots.size(), 5U);
}

TEST_F(ForgetWaveTest, RemovesADeadLockAndGoesOn) {
  AddWithSnapshots("a", 5);
  LockBy("elsewhere", minutes(31));
  EXPECT_TRUE(Only().starts_with("a success"));
  EXPECT_EQ(fake_.Count("unlock"), 1);
  EXPECT_EQ(fake_.Count("forget"), 2);
}

TEST_F(ForgetWaveTest, UsesTheRulesOfAnOldRestic) {
  targets::Target& a = AddWithSnapshots("a", 0);
  a.retention = {};
  a.retention.yearly = 3;
  for (int day : {300, 200, 1}) Store("a", clock_.Now() - hours(24 * day));
  ProveNewest("a");
  Restic old(config_, {targets::Secret("sesame"), {}, {}}, {0, 14, 0}, processes_);
  JobTools tools{config_,  clock_, files_,     processes_, old,     state_,
                 markers_, facts_, inspector_, events_,    errors_, recorder_};
  ForgetWave wave(tools, opener_, gate_, listings_, cleaner_, patience_);
  // New: also the oldest of 2026, as long as the rule has count left.
  const auto before = wave.Run({&a}, stop_);
  EXPECT_TRUE(before[0].reason.starts_with("kept 2, removed 1")) << before[0].reason;
}

TEST_F(ForgetWaveTest, IsInterruptedWhileItWaitsForTheGate) {
  AddWithSnapshots("a", 5);
  const auto busy = files_.TryLock("/state/repository/gate.lock", LockMode::kShared).value();
  on_pause_ = [this] { stop_.Stop(); };
  EXPECT_TRUE(Only().starts_with("a interrupted: "));
  EXPECT_TRUE(ForgetMarkerOf("a").starts_with("FAILED "));
  ExpectNothingRemoved(5);
}

TEST_F(ForgetWaveTest, ProvesWhatItDidEvenIfItIsStoppedMeanwhile) {
  AddWithSnapshots("a", 5);
  fake_.Next("forget", Script().Does([this] { stop_.Stop(); }).ExitsOn(2, 130));
  EXPECT_EQ(Only(), "a interrupted: stopped on request");
  EXPECT_EQ(facts_.ReadRepository().value().snapshots_listed, 5U);
}

TEST_F(ForgetWaveTest, DoesNotBeginWithoutADurableMarker) {
  AddWithSnapshots("a", 5);
  files_.SetFull(true);
  EXPECT_TRUE(Only().starts_with("a failed: "));
  EXPECT_TRUE(processes_.Launched().empty());
}

TEST_F(ForgetWaveTest, CleansUpAfterACrashBeforeItForgets) {
  AddWithSnapshots("a", 5);
  files_.AddFile("/proc/77/stat",
                 "77 (restic) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 5 20");
  ledger_.Started(77);
  ASSERT_TRUE(files_.Remove("/proc/77/stat"));
  fake_.locks[FullId('1')] = {clock_.Now(), false, kHere, "root", 77};
  EXPECT_TRUE(Only().starts_with("a success"));
  EXPECT_EQ(fake_.Count("unlock"), 1);
  EXPECT_EQ(fake_.Count("forget"), 1);
  EXPECT_TRUE(ledger_.Dead().empty());
}

/// Whatever step a kill falls on, the target keeps its good snapshots, no marker lies, and the next
/// wave puts everything right.
TEST_F(ForgetWaveTest, MayBeKilledAtAnyStep) {
  for (int step = 1;; ++step) {
    fake_.snapshots.clear();
    targets_.clear();
    AddWithSnapshots("a", 9);
    Remember(9);
    ASSERT_TRUE(markers_.Remove({targets::TargetId("a"), targets::Stage::kForget}));
    files_.StopBeforeStep(step);
    Run();
    const bool stopped = files_.Stopped();
    files_.CrashAndLoseUnsynced();
    const std::string marker = ForgetMarkerOf("a");
    const bool forgotten = fake_.snapshots.size() == 2;
    EXPECT_TRUE(forgotten || fake_.snapshots.size() == 9) << step;
    EXPECT_TRUE(forgotten || !marker.starts_with("SUCCESS")) << step << marker;
    EXPECT_TRUE(Only().starts_with("a success: kept 2")) << step << ForgetMarkerOf("a");
    EXPECT_EQ(facts_.ReadRepository().value().snapshots_listed, 2U) << step;
    if (!stopped) break;
  }
}

}  // namespace
}  // namespace runner
