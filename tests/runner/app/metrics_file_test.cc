#include "runner/app/metrics_file.h"

#include <gmock/gmock.h>

#include "tests/support/fake_process_runner.h"

namespace runner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Script;

class MetricsFileTest : public ::testing::Test, public Observer {
 protected:
  void OnEvent(const Event& event) override { said_.push_back(event.message); }
  void Answer(const Script& script) {
    processes_.When([](const ProcessSpec&) { return true; },
                    [this, script](const ProcessSpec& spec) {
                      launched_.push_back(spec.argv);
                      return script;
                    });
  }
  void Write() { file_.Write("/prom/runner.prom", *this); }

  std::vector<targets::Argv> launched_;
  std::vector<std::string> said_;
  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
  MetricsFile file_{processes_, "/usr/bin/runner", {.config = "/etc/backup.yaml"}};
};

TEST_F(MetricsFileTest, IsWrittenByTheProgramItselfWithTheSameConfiguration) {
  Answer(Script().Exits(0));
  Write();
  EXPECT_THAT(launched_,
              ElementsAre(targets::Argv{"/usr/bin/runner", "--config", "/etc/backup.yaml",
                                        "metrics", "--output", "/prom/runner.prom"}));
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(MetricsFileTest, SaysOnceWhyItIsNotWritten) {
  Answer(Script()
             .Complains("warning: a short password\nrunner: cannot write the file: no space\n")
             .Exits(1));
  Write();
  Write();
  EXPECT_THAT(said_,
              ElementsAre("/prom/runner.prom is not written: cannot write the file: no space"));
  Answer(Script().Exits(0));
  Write();
  Answer(Script().Exits(1));
  Write();
  EXPECT_EQ(said_.size(), 2U);
  EXPECT_EQ(said_.back(), "/prom/runner.prom is not written: exit code 1");
}

TEST_F(MetricsFileTest, RepeatsAMistakeInTheConfiguration) {
  Answer(Script().Complains("backup.yaml:3:1: unknown key\n").Exits(2));
  Write();
  EXPECT_THAT(said_, ElementsAre("/prom/runner.prom is not written: backup.yaml:3:1: unknown key"));
}

TEST_F(MetricsFileTest, WaitsNoLongerThanAMinute) {
  const auto began = clock_.Monotonic();
  Answer(Script());
  Write();
  EXPECT_THAT(said_, ElementsAre("/prom/runner.prom is not written: no answer in 60 s"));
  EXPECT_LE(clock_.Monotonic() - began, std::chrono::seconds(70));
}

}  // namespace
}  // namespace runner
