// `runner metrics` of the built program, and what Prometheus' own tool says of it.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <csignal>

#include "tests/integration/program_test.h"

namespace runner::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class MetricsTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    MakeCheapRepository();
    ws().Write("photos/a.jpg", "aaa");
    Configure("");
  }
  void Configure(const std::string& head) {
    ws().Write("backup.yaml", ws().ConfigHead() + head +
                                  "targets:\n  photos:\n    source: " + ws().Path("photos") +
                                  "\n    schedule: {cron: '0 3 1 1 *', on_start: true}\n");
  }
  std::string Metrics() {
    const Ran ran = ws().Runner({"metrics"});
    EXPECT_EQ(ran.code, 0) << ran.all();
    EXPECT_EQ(ran.err, "");
    return ran.out;
  }
};

TEST_P(MetricsTest, TellWhatARunLeft) {
  EXPECT_THAT(Metrics(), AllOf(HasSubstr("runner_target_state{target=\"photos\",state=\"new\"} 1"),
                               Not(HasSubstr("runner_backup_files"))));
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
  EXPECT_THAT(Metrics(),
              AllOf(HasSubstr("runner_healthy 1\n"),
                    HasSubstr("runner_last_run_success{target=\"photos\",stage=\"backup\"} 1\n"),
                    HasSubstr("runner_backup_files{target=\"photos\",kind=\"new\"} 1\n"),
                    HasSubstr("runner_backup_size_bytes{target=\"photos\"} 3\n"),
                    HasSubstr("runner_last_run_processes{target=\"photos\",stage=\"backup\"} "),
                    HasSubstr("runner_repository_snapshots 1\n")));
}

TEST_P(MetricsTest, AreAsPrometheusWantsThem) {
  EXPECT_EQ(ws().Runner({"run"}).code, 0);
  const std::string file = ws().Path("runner.prom");
  EXPECT_EQ(ws().Runner({"metrics", "--output", file}).code, 0);
  EXPECT_EQ(ws().Read("runner.prom"), Metrics());
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0644U) << "others must read it";
  const Ran check = ws().Run({"sh", "-c", "promtool check metrics < " + file});
  if (check.code == 127) GTEST_SKIP() << "no promtool here (tools/packages.txt)";
  EXPECT_EQ(check.code, 0) << check.all();
  EXPECT_EQ(check.all(), "") << "not even advice";
}

TEST_P(MetricsTest, SayWhyTheFileCannotBeWritten) {
  const Ran ran = ws().Runner({"metrics", "--output", ws().Path("nowhere/runner.prom")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("nowhere/runner.prom"));
}

TEST_P(MetricsTest, AreKeptInAFileByTheDaemon) {
  const std::string file = ws().Path("runner.prom");
  Configure("metrics: {textfile: " + file + "}\n");
  const auto daemon = ws().StartRunner({"daemon"});
  EXPECT_TRUE(Eventually([&] {
    return ws().Read("runner.prom")
               .find("runner_last_run_success{target=\"photos\",stage=\"forget\"} 1\n") !=
           std::string::npos;
  })) << ws().Read("runner.prom");
  EXPECT_THAT(ws().Read("runner.prom"),
              AllOf(HasSubstr("runner_daemon_running 1\n"),
                    HasSubstr("runner_backup_size_bytes{target=\"photos\"} 3\n")));
  daemon->Signal(SIGTERM);
  EXPECT_EQ(daemon->Wait().code, 0);
}

TEST_P(MetricsTest, AFileThatCannotBeWrittenIsAWarningAndNoMore) {
  Configure("metrics: {textfile: " + ws().Path("nowhere/runner.prom") + "}\n");
  const auto daemon = ws().StartRunner({"daemon"});
  EXPECT_TRUE(Eventually([&] {
    return ws().Read("state/targets/photos/forget_status").starts_with("SUCCESS") &&
           ws().Runner({"status"}).out.find("running since") != std::string::npos;
  }));
  daemon->Signal(SIGTERM);
  const Ran ran = daemon->Wait();
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.all(), HasSubstr("nowhere/runner.prom is not written: "));
}

RUNNER_FOR_EACH_RESTIC(MetricsTest);

}  // namespace
}  // namespace runner::testing
