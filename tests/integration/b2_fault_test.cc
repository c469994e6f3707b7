// What native B2 can do to a run, one row each: it ends in bounded time, names the cause, leaves
// the good snapshot, never makes a repository, and all is well again when B2 is.
//
// restic itself waits up to three quarters of a minute in many rows, so all rows of a release run
// side by side; each is a test of its own that waits for its row.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <tuple>
#include <vector>

#include "tests/integration/b2_fault_rows.h"
#include "tests/integration/b2_test.h"
#include "tests/support/workspace.h"

namespace runner::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ContainsRegex;
using Seconds = std::chrono::duration<double>;

constexpr const char* kBucket = B2World::kBucket;
/// Rows at work at the same time: they mostly wait.
constexpr int kAtOnce = 12;
/// Without a watch the worst rows never end, with 100,000 requests a minute.
constexpr std::chrono::minutes kLongest{5};
constexpr int kMostRequests = 400'000;

struct Outcome {
  Ran run;
  Seconds took{};
  std::string marker;
  int requests = 0;
  Ran after;
  std::size_t configs = 0;
  std::size_t locks = 0;
  std::size_t snapshots = 0;
};

/// A machine with one target, a B2 of its own, and one good backup behind it.
class Installation {
 public:
  explicit Installation(const std::string& restic)
      : ws_(restic), b2_(ws_, {.folder = {}, .plain_after_authorize = true}) {
    b2_.server().AddBucket("another-bucket");
    b2_.MakeCheapRepository();
    b2_.Use(good_);
    ws_.Write("data/a.txt", "alpha");
    ws_.Write("backup.yaml",
              "version: 1\ninstance: test\ntimezone: UTC\nstop_grace: 2s\nstate_dir: " +
                  ws_.Path("state") +
                  "\nrepository:\n  machine_key: off\n  url: b2:test-bucket:r\n  password: correct "
                  "horse\n"
                  "  b2: {account_id: '${B2_ACCOUNT_ID}', account_key: '${B2_ACCOUNT_KEY}'}\n"
                  "  retry_lock: 0s\n  limits: {stall_timeout: 20s}\n"
                  "targets:\n  data:\n    source: " +
                  ws_.Path("data") +
                  "\n    retention: {last: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0}\n    "
                  "restore_if_empty: true\n"
                  "    limits: {stall_timeout: 20s, max_runtime: 5m}\n");
  }

  Outcome Live(const Row& row) {
    Outcome outcome;
    const Ran before = ws_.Runner({"run"});
    EXPECT_EQ(before.code, 0) << row.name << " before: " << before.all();
    Prepare(row);
    b2_.server().log().Clear();
    const auto began = std::chrono::steady_clock::now();
    outcome.run = ws_.Runner(Command(row.doing));
    outcome.took = std::chrono::steady_clock::now() - began;
    outcome.marker = Marker(row.doing);
    outcome.requests = b2_.server().log().Total();
    b2_.server().ClearFaults();
    b2_.Use(good_);
    ws_.Write("data/later.txt", "omega");
    outcome.after = ws_.Runner({"run"});
    outcome.configs = b2_.server().Versions(kBucket, "r/config").size();
    outcome.locks = b2_.server().Versions(kBucket, "r/locks/").size();
    outcome.snapshots = b2_.server().Versions(kBucket, "r/snapshots/").size();
    return outcome;
  }

 private:
  void Prepare(const Row& row) {
    const KeyRights& rights = row.key;
    if (!rights.secret.empty()) b2_.Use({good_.id, rights.secret});
    if (!rights.lacks.empty() || !rights.prefix.empty() || !rights.bucket.empty()) {
      B2Server::NewKey key;
      std::erase(key.capabilities, rights.lacks);
      key.prefix = rights.prefix;
      key.buckets = {rights.bucket.empty() ? kBucket : rights.bucket};
      b2_.Use(b2_.server().AddKey(key));
    }
    ws_.Write("data/b.bin", std::string(2'000'000, 'b'));
    if (row.doing == Doing::kRestore) {
      fs::remove_all(ws_.Path("data"));
      fs::remove_all(ws_.Path("state"));
      ws_.MakeFolder("data");
    }
    for (const b2::Fault& fault : row.faults) b2_.server().Inject(fault);
  }

  static std::vector<std::string> Command(Doing doing) {
    switch (doing) {
      case Doing::kRun:
        return {"run"};
      case Doing::kRestore:
        return {"run", "--stage", "restore"};
      case Doing::kCheck:
        return {"check"};
      case Doing::kPrune:
        return {"prune"};
    }
    return {};
  }

  std::string Marker(Doing doing) {
    switch (doing) {
      case Doing::kRun:
        return ws_.Read("state/targets/data/backup_status") +
               ws_.Read("state/targets/data/forget_status");
      case Doing::kRestore:
        return ws_.Read("state/targets/data/restore_status");
      case Doing::kCheck:
        return ws_.Read("state/repository/check_status");
      case Doing::kPrune:
        return ws_.Read("state/repository/prune_status");
    }
    return {};
  }

  Workspace ws_;
  B2World b2_;
  const B2Server::Credentials good_ = b2_.server().AddKey({.buckets = {kBucket}});
};

/// Lives all rows of one release, many at a time, from the first question on.
class Lives {
 public:
  explicit Lives(const std::string& release) : rows_(Rows()), outcomes_(rows_.size()) {
    for (int i = 0; i < kAtOnce; ++i) threads_.emplace_back([this, release] { Work(release); });
  }
  ~Lives() {
    for (std::thread& thread : threads_) thread.join();
  }
  Lives(const Lives&) = delete;
  Lives& operator=(const Lives&) = delete;

  Outcome Of(std::size_t row) { return outcomes_[row].get_future().get(); }

 private:
  void Work(const std::string& release) {
    for (std::size_t row = next_++; row < rows_.size(); row = next_++)
      outcomes_[row].set_value(Installation(ResticProgram(release)).Live(rows_[row]));
  }

  const std::vector<Row> rows_;
  std::vector<std::promise<Outcome>> outcomes_;
  std::atomic<std::size_t> next_ = 0;
  std::vector<std::thread> threads_;
};

class B2FaultTest : public ::testing::TestWithParam<std::tuple<const char*, std::size_t>> {
 protected:
  static void TearDownTestSuite() { lives_.clear(); }
  static Outcome Live(const std::string& release, std::size_t row) {
    auto& lives = lives_[release];
    if (lives == nullptr) lives = std::make_unique<Lives>(release);
    return lives->Of(row);
  }

 private:
  static inline std::map<std::string, std::unique_ptr<Lives>> lives_;
};

TEST_P(B2FaultTest, EndsAndNamesTheCauseAndHeals) {
  const auto& [release, number] = GetParam();
  if (ResticProgram(release).empty())
    GTEST_SKIP() << "no newest restic here: RESTIC_BIN_NEW is not set (tools/newest-restic.sh)";
  const Row row = Rows()[number];
  const bool newest = std::string(release) == "newest";
  const Expected expected = newest ? row.newest.value_or(row.expected) : row.expected;
  const Outcome outcome = Live(release, number);
  EXPECT_EQ(outcome.run.code, expected.code) << outcome.run.all();
  EXPECT_THAT(outcome.marker,
              ContainsRegex(expected.cause.empty() ? "SUCCESS" : "cause: " + expected.cause + "\n"))
      << outcome.run.all();
  EXPECT_LT(outcome.took, kLongest) << "an end, however slow this machine is";
  EXPECT_LT(outcome.requests, kMostRequests);
  EXPECT_EQ(outcome.after.code, expected.after) << outcome.after.all();
  EXPECT_EQ(outcome.configs, 1U) << "never an init";
  EXPECT_EQ(outcome.locks > 0, expected.locks_stay);
  EXPECT_GE(outcome.snapshots, 1U);
}

std::string NameOf(const ::testing::TestParamInfo<std::tuple<const char*, std::size_t>>& instance) {
  return std::string(std::get<0>(instance.param)) + "_" + Rows()[std::get<1>(instance.param)].name;
}

INSTANTIATE_TEST_SUITE_P(Rows, B2FaultTest,
                         ::testing::Combine(::testing::Values("system", "newest"),
                                            ::testing::Range(std::size_t{0}, Rows().size())),
                         NameOf);

}  // namespace
}  // namespace runner::testing
