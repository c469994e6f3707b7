// The restore stage is killed, or loses its power, before every single step that it takes on the
// disk. Afterwards the source is untouched, complete, or known to be neither; and the next run
// makes it complete.
#include <gtest/gtest.h>

#include <random>

#include "runner/jobs/restore_if_empty.h"
#include "targets/restic/command_lines.h"
#include "tests/runner/jobs/job_fixture.h"
#include "tests/support/fake_restore.h"

namespace runner {
namespace {

using targets::SourceState;

enum class Crash { kKilled, kPowerCut };

/// An installation that starts on a new machine: nothing in its state, a snapshot in the
/// repository.
class Installation : public JobFixture {
 public:
  void TestBody() override {}

  Installation() {
    target_ = &AddTarget("photos");
    target_->restore.if_empty = true;
    files_.AddFolder("/data/photos/lost+found");
    restore_.AddFolder("/data");
    restore_.AddFolder("/data/photos", 0750);
    for (const char* name : {"a", "b", "c"})
      restore_.AddFile(std::string("/data/photos/") + name, std::string("content of ") + name);
    restore_.AddFolder("/data/photos/sub");
    restore_.AddFile("/data/photos/sub/d", "content of d");
    restore_.AddLink("/data/photos/link", "a");
    fake_.snapshots.push_back({testing::FullId('1'), clock_.Now(), "server1", {"target:photos"}});
    processes_.When(testing::HasWords({"snapshots"}), [this](const ProcessSpec&) {
      return Script()
          .Prints(fmt::format(R"([{{"id":"{}","time":"{}","hostname":"server1",)"
                              R"("tags":["target:photos"],"paths":["/data/photos"]}}])",
                              testing::FullId('1'), targets::FormatRfc3339(clock_.Now())))
          .Exits(0);
    });
    processes_.When(testing::HasWords({"inspect-source"}), [this](const ProcessSpec&) {
      const SourceReport report = Look();
      return Script()
          .Prints(fmt::format(R"({{"state":"{}","detail":"","path":"{}"}})",
                              targets::SourceStateName(report.state), report.path))
          .Exits(0);
    });
  }

  SourceReport Look() { return InspectSource(files_, {"/data/photos"}, {}); }

  /// One run of the stage in a process of its own.
  JobReport Run() {
    RepositoryGate gate(files_, clock_, state_.RepositoryFolder(),
                        [this](std::chrono::milliseconds by) { clock_.Advance(by); });
    RepositoryOpener opener(config_, restic_, gate, facts_, clock_, events_);
    Restorer restorer(files_, restic_, true);
    return RestoreIfEmpty(tools_, opener, gate, restorer).Run(*target_, stop_);
  }

  /// Steps of an undisturbed run.
  int Steps() {
    files_.StopBeforeStep(0);
    EXPECT_EQ(Run().outcome, JobOutcome::kSuccess);
    return files_.Steps();
  }

  void RunUntil(int step, Crash crash) {
    files_.StopBeforeStep(step);
    Run();
    if (crash == Crash::kKilled) {
      files_.CrashAndKeepUnsynced();
    } else {
      files_.CrashAndLoseUnsynced();
    }
    files_.StopBeforeStep(0);
  }

  /// Everything of the snapshot, and nothing else.
  bool Complete() {
    auto names = files_.List("/data/photos", 100).value();
    std::erase(names, std::string(targets::kStagingName));
    if (names != std::vector<std::string>{"a", "b", "c", "link", "lost+found", "sub"}) return false;
    for (const auto& entry : restore_.tree) {
      if (entry.node.type != targets::NodeType::kFile) continue;
      if (files_.Read(entry.node.path, 1000).value() != entry.content) return false;
    }
    return true;
  }

  bool MarkerIsSuccess() {
    const auto marker = markers_.Read({target_->id, targets::Stage::kRestore}).value();
    return marker && marker->status == MarkerStatus::kSuccess;
  }

  /// What a backup that runs now may take for data is the whole snapshot.
  void ExpectNothingInBetween() {
    const SourceState state = Look().state;
    if (state == SourceState::kHasData) {
      EXPECT_TRUE(Complete());
    } else {
      EXPECT_TRUE(state == SourceState::kEmpty || state == SourceState::kHalfRestored);
      // An older success may stand beside a staging folder whose removal a power cut undid.
      EXPECT_TRUE(!MarkerIsSuccess() || Complete());
    }
  }

  void ExpectTheNextRunToFinish() {
    const JobReport report = Run();
    EXPECT_EQ(report.outcome, JobOutcome::kSuccess) << report.reason;
    EXPECT_TRUE(Complete());
    EXPECT_EQ(Look().state, SourceState::kHasData);
    EXPECT_TRUE(MarkerIsSuccess());
  }

 private:
  targets::Target* target_;
  testing::FakeRestore restore_{processes_, files_};
};

TEST(RestoreCrash, BeforeEachStepLeavesNothingInBetween) {
  const int steps = Installation().Steps();
  ASSERT_GT(steps, 40);
  for (const Crash crash : {Crash::kKilled, Crash::kPowerCut}) {
    for (int step = 1; step <= steps; ++step) {
      SCOPED_TRACE(
          fmt::format("{} before step {}", crash == Crash::kKilled ? "killed" : "power cut", step));
      Installation installation;
      installation.RunUntil(step, crash);
      installation.ExpectNothingInBetween();
      installation.ExpectTheNextRunToFinish();
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST(RestoreCrash, AgainAndAgainAtRandomLeavesNothingInBetween) {
  const int steps = Installation().Steps();
  constexpr int kRounds = 1000;
  std::mt19937 random(20'260'901);
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    Installation installation;
    const int crashes = 1 + static_cast<int>(random() % 6);
    for (int i = 0; i < crashes; ++i) {
      const int step = 1 + static_cast<int>(random() % static_cast<unsigned>(steps));
      installation.RunUntil(step, random() % 2 == 0 ? Crash::kKilled : Crash::kPowerCut);
      installation.ExpectNothingInBetween();
    }
    installation.ExpectTheNextRunToFinish();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace runner
