// What the commands that the runner gives restic ask of an S3 server, by Backblaze's price classes:
// the figures of targets/plan/costs.cc.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <ostream>

#include "targets/plan/costs.h"
#include "targets/restic/command_lines.h"
#include "tests/integration/backend_test.h"
#include "tests/support/radosgw.h"

namespace runner::testing {
namespace {

using targets::Argv;
using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

/// Requests that are billed. B reads one object; to store and to remove is free; C is all else.
struct Cost {
  int b = 0;
  int c = 0;

  bool operator==(const Cost&) const = default;
  friend void PrintTo(const Cost& cost, std::ostream* out) {
    *out << "{.b = " << cost.b << ", .c = " << cost.c << "}";
  }
};

/// `requests` are like "GET /bucket/key" and "GET /bucket/?list-type=2".
Cost CostOf(std::span<const std::string> requests) {
  Cost cost;
  for (const std::string& request : requests) {
    if (!request.starts_with("GET ") && !request.starts_with("HEAD ")) continue;
    const bool one_object = request.find('?') == std::string::npos && !request.ends_with('/');
    ++(one_object ? cost.b : cost.c);
  }
  return cost;
}

/// Everything once a day, at Backblaze.
targets::Config EverythingDaily() {
  targets::Config config;
  config.timezone = "UTC";
  config.repository.url = "s3:https://s3.us-west-004.backblazeb2.com/bucket/r";
  const targets::Schedule daily{targets::CronTiming{"0 2 * * *"}, "UTC"};
  targets::Target target;
  target.id = targets::TargetId("photos");
  target.source = targets::DirectorySource{"/photos"};
  target.schedule = daily;
  target.retention.last = 1;
  target.drill.emplace().schedule = daily;
  config.targets = {target};
  config.maintenance.probe = targets::ProbeJob{daily};
  config.maintenance.prune = targets::PruneJob{daily, "5%", {}};
  config.maintenance.check = targets::CheckJob{daily};
  return config;
}

class S3CostTest : public BackendTest {
 protected:
  void SetUp() override {
    BackendTest::SetUp();
    if (IsSkipped()) return;
    backend().make_cheap_repository();
    config_.targets.front().source = targets::DirectorySource{ws().Path("photos")};
    ws().Set("RESTIC_REPOSITORY", backend().url);
    ws().Set("RESTIC_PASSWORD", "correct horse");
    ws().Set("RESTIC_CACHE_DIR", ws().Path("cost-cache"));
    Of(commands().Backup(config_.targets.front()));  // the cache is warm from here on
  }

  /// With the options that Backblaze's endpoint gets.
  targets::CommandLines commands() const {
    return {config_, Newest() ? targets::ResticVersion{0, 19, 1} : targets::ResticVersion{0, 14, 0},
            ResticProgram(std::get<1>(GetParam()))};
  }
  Cost Of(const Argv& argv) {
    const std::size_t before = server().Requests().size();
    const Ran ran = ws().Run(argv);
    EXPECT_EQ(ran.code, 0) << ::testing::PrintToString(argv) << "\n" << ran.all();
    const auto requests = server().Requests();
    return CostOf(std::span(requests).subspan(before));
  }
  /// Any of the snapshots.
  targets::SnapshotId Snapshot() {
    const std::string listed = Ask({"list", "snapshots", "--no-lock"});
    return targets::SnapshotId(listed.substr(0, listed.find('\n')));
  }
  Argv Restore() {
    return commands().Restore(
        {Snapshot(), ws().Path(std::string(targets::kStagingName) + "/photos"), {}});
  }
  static Radosgw& server() { return **Radosgw::Shared(); }

  targets::Config config_ = EverythingDaily();
};

TEST_P(S3CostTest, OfEachCommand) {
  EXPECT_EQ(Of(commands().CatConfig()), (Cost{.b = 3, .c = 1}));
  EXPECT_EQ(Of(commands().AllSnapshots()), (Cost{.b = 3, .c = 2}));
  EXPECT_EQ(Of(commands().ListLocks()), (Cost{.b = 3, .c = 2}));
  EXPECT_EQ(Of(commands().Stats()), (Cost{.b = 3, .c = 3}));
  EXPECT_EQ(Of(commands().Ls(Snapshot())), (Cost{.b = 3, .c = 3}));
  EXPECT_EQ(Of(commands().Backup(config_.targets.front())), (Cost{.b = 3, .c = 5}));
  EXPECT_EQ(Of(commands().Forget(std::array{Snapshot()})), (Cost{.b = 3, .c = 4}));
  EXPECT_EQ(Of(commands().Prune({})), (Cost{.b = 3, .c = 6}));
  // More of a larger repository, of which the estimate thinks.
  const Cost check = Of(commands().Check({}, 1));
  EXPECT_THAT(check.b, AllOf(Ge(3), Le(12)));
  EXPECT_EQ(check.c, 6);
  const Cost restore = Of(Restore());
  EXPECT_THAT(restore.b, AllOf(Ge(3), Le(10)));
  EXPECT_EQ(restore.c, Newest() ? 2 : 3) << "new releases do not list for a full id";
}

TEST_P(S3CostTest, OfAMonthIsWhatThePlanEstimates) {
  const std::vector<Argv> a_day = {
      commands().CatConfig(),    commands().Backup(config_.targets.front()),
      commands().AllSnapshots(), commands().Forget(std::array{Snapshot()}),
      commands().AllSnapshots(), commands().AllSnapshots(),
      commands().Prune({}),      commands().Check({}, 1),
      commands().Stats(),        commands().AllSnapshots(),
      commands().ListLocks(),
  };
  Cost day;
  const auto run = [&](const Argv& argv) {
    const Cost cost = Of(argv);
    day.b += cost.b;
    day.c += cost.c;
  };
  std::ranges::for_each(a_day, run);
  run(commands().Ls(Snapshot()));
  run(Restore());
  constexpr int kDays = 30;
  constexpr int kQuestions = 3;  // of our own to Backblaze: two of the probe, one of the wave
  const auto estimate =
      targets::EstimateCosts(config_, targets::ParseRfc3339("2026-11-23T00:00:00Z").value(), {});
  ASSERT_TRUE(estimate && *estimate);
  const double class_c = kDays * (day.c + kQuestions);
  EXPECT_THAT((*estimate)->class_c, AllOf(Ge(class_c), Le(1.03 * class_c)));
  // Of a larger repository check and restore read more: up to a half more in all.
  const double class_b = kDays * day.b;
  EXPECT_THAT((*estimate)->class_b, AllOf(Ge(class_b), Le(1.5 * class_b)));
}

INSTANTIATE_TEST_SUITE_P(On, S3CostTest,
                         ::testing::Combine(::testing::Values("s3"),
                                            ::testing::Values("system", "newest")),
                         BackendName);

}  // namespace
}  // namespace runner::testing
