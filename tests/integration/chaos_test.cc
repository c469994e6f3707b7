// Eight targets, a daemon, three people who type `runner run` beside it, and somebody with
// `kill -9`: of daemons, of runs, of restic itself. Afterwards nothing blocks, nothing is damaged,
// and every marker tells the truth. Ten seconds; RUNNER_TEST_LONG=1: five minutes.
#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

/// Process ids of the children of a process, by any of its threads.
std::vector<pid_t> ChildrenOf(pid_t parent) {
  std::vector<pid_t> children;
  std::error_code gone;
  const std::string tasks = "/proc/" + std::to_string(parent) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
    std::ifstream list(task.path() / "children");
    for (pid_t child = 0; list >> child;) children.push_back(child);
  }
  return children;
}

class ChaosTest : public ProgramTest {
 protected:
  static constexpr int kTargets = 8;

  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    MakeCheapRepository();
    std::string targets =
        "max_parallel: 3\ndefaults: {retention: {last: 3}, schedule: {cron: '0 3 1 "
        "1 *', on_start: true}}\ntargets:\n";
    for (int i = 1; i < kTargets; ++i) {
      const std::string id = "t" + std::to_string(i);
      ws().Write(id + "/data", std::string(100'000, static_cast<char>('a' + i)));
      targets += "  " + id + ": {source: " + ws().Path(id) + "}\n";
      targets_.push_back(id);
    }
    targets += "  stream: {command: [sh, -c, 'echo one; sleep 0.1; echo two'], filename: dump}\n";
    targets_.push_back("stream");
    ws().Write("backup.yaml", ws().ConfigHead("  retry_lock: 10s\n") + targets);
  }

  [[nodiscard]] static steady_clock::duration Lasts() {
    return std::chrono::seconds(std::getenv("RUNNER_TEST_LONG") == nullptr ? 10 : 300);
  }
  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  void KeepAlive(std::unique_ptr<Background>& program, const std::vector<std::string>& arguments) {
    if (program && program->Alive()) return;
    if (program) program->Wait();
    program = ws().StartRunner(arguments);
    ++started_;
  }
  /// Data changes, so that runs differ.
  void ChangeSomething() {
    std::ofstream(ws().Path("t" + std::to_string(1 + Below(kTargets - 1)) + "/data"), std::ios::app)
        << Below(1'000'000) << "\n";
  }
  void KillSomething(const std::vector<Background*>& programs) {
    const Background& victim = *programs[static_cast<std::size_t>(Below(4))];
    const std::vector<pid_t> children = ChildrenOf(victim.pid());
    if (!children.empty() && Below(2) == 0) {
      kill(children[static_cast<std::size_t>(Below(static_cast<int>(children.size())))], SIGKILL);
    } else {
      victim.Signal(Below(4) == 0 ? SIGTERM : SIGKILL);
    }
    ++kills_;
  }
  void Rage() {
    std::unique_ptr<Background> daemon;
    std::vector<std::unique_ptr<Background>> people(3);
    const auto end = steady_clock::now() + Lasts();
    while (steady_clock::now() < end) {
      KeepAlive(daemon, {"daemon"});
      for (auto& person : people) {
        KeepAlive(person, {"run", targets_[static_cast<std::size_t>(Below(kTargets))],
                           targets_[static_cast<std::size_t>(Below(kTargets))]});
      }
      ChangeSomething();
      std::this_thread::sleep_for(milliseconds(50 + Below(700)));
      if (Below(3) != 0) continue;
      KillSomething({daemon.get(), people[0].get(), people[1].get(), people[2].get()});
    }
    // Whoever is left goes on to its end; the daemon is killed in whatever it does.
    for (auto& person : people) person->Wait();
    daemon->Signal(SIGKILL);
    daemon->Wait();
  }

  std::string Marker(const std::string& target) {
    return ws().Read("state/targets/" + target + "/backup_status");
  }
  void ExpectTruth(const std::string& target) {
    const std::string marker = Marker(target);
    EXPECT_TRUE(marker.starts_with("SUCCESS")) << target << ": " << marker;
    const std::size_t at = marker.find("snapshot: ");
    ASSERT_NE(at, std::string::npos) << marker;
    EXPECT_THAT(ws().SnapshotIds("target:" + target),
                ::testing::Contains(marker.substr(at + 10, 64)));
  }

  std::mt19937 random_{20261123};
  std::vector<std::string> targets_;
  int started_ = 0;
  int kills_ = 0;
};

TEST_P(ChaosTest, LeavesNothingThatBlocksLiesOrIsDamaged) {
  Rage();
  EXPECT_GT(kills_, 3);
  const Ran run = ws().Runner({"run"});
  EXPECT_EQ(run.code, 0) << run.all();
  for (const std::string& target : targets_) ExpectTruth(target);
  EXPECT_EQ(ws().Runner({"healthcheck"}).code, 1) << "the daemon was killed";
  {
    const auto daemon = ws().StartRunner({"daemon"});
    EXPECT_TRUE(Eventually([&] {
      return ws().Runner({"healthcheck", "--require-daemon"}).code == 0;
    })) << ws().Runner({"healthcheck"}).all();
    daemon->Signal(SIGTERM);
    EXPECT_EQ(daemon->Wait().code, 0);
  }
  const Ran prune = ws().Runner({"prune"});
  EXPECT_EQ(prune.code, 0) << prune.all() << "a lock was left";
  const Ran check = ws().Restic({"check", "--read-data"});
  EXPECT_EQ(check.code, 0) << check.all();
  EXPECT_EQ(ws().Restic({"list", "locks"}).out, "");
  RecordProperty("started", started_);
  RecordProperty("kills", kills_);
  std::printf("%d programs started, %d kills\n", started_, kills_);
}

RUNNER_FOR_EACH_RESTIC(ChaosTest);

}  // namespace
}  // namespace runner::testing
