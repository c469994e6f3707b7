// One suite for every ProcessRunner that starts something. Each test tells the same story twice: as
// a shell script for the real one, as a Script for the fake.
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/process/posix_process_runner.h"
#include "runner/process/process_runner.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_process_runner.h"

namespace runner {
namespace {

using std::chrono::milliseconds;
using testing::Script;
using Lines = std::vector<std::string>;

class World {
 public:
  virtual ~World() = default;
  virtual ProcessRunner& Runner() = 0;
  virtual void Teach(const targets::Argv& argv, Script script) = 0;
};

class RealWorld final : public World {
 public:
  ProcessRunner& Runner() override { return runner_; }
  void Teach(const targets::Argv& /*argv*/, Script /*script*/) override {}

 private:
  SystemClock clock_;
  PosixProcessRunner runner_{clock_};
};

class FakeWorld final : public World {
 public:
  ProcessRunner& Runner() override { return runner_; }
  void Teach(const targets::Argv& argv, Script script) override {
    runner_.When(testing::HasWords(argv), std::move(script));
  }

 private:
  testing::FakeClock clock_;
  testing::FakeProcessRunner runner_{clock_};
};

enum class Kind { kReal, kFake };

class ProcessRunnerContract : public ::testing::TestWithParam<Kind> {
 protected:
  ProcessRunnerContract() {
    if (GetParam() == Kind::kReal) world_ = std::make_unique<RealWorld>();
    if (GetParam() == Kind::kFake) world_ = std::make_unique<FakeWorld>();
  }
  ProcessRunner& Runner() { return world_->Runner(); }
  ProcessSpec Command(targets::Argv argv, Script script) {
    world_->Teach(argv, std::move(script));
    ProcessSpec spec;
    spec.argv = std::move(argv);
    return spec;
  }
  ProcessSpec Program(const std::string& shell, Script script) {
    return Command({"sh", "-c", shell}, std::move(script));
  }
  ProcessSpec Sleeper(const std::string& seconds) { return Command({"sleep", seconds}, Script()); }
  /// Reads its input to the end, then says "complete".
  ProcessSpec Reader() {
    return Command({"perl", "-e", "1 while <STDIN>; print \"complete\\n\""},
                   Script().AtEndOfInput(Script().Prints("complete\n").Exits(0)));
  }
  /// Says "ready" on standard error, then runs until a signal ends it as `trap` says.
  ProcessSpec Endless(const std::string& trap, Script script) {
    return Program(trap + "; echo ready >&2; while :; do sleep 0.02; done",
                   script.Complains("ready\n", milliseconds{5}));
  }
  /// Launches, asks for a stop as soon as the program said something, and waits.
  ProcessResult StopWhenReady(ProcessSpec spec) {
    std::unique_ptr<Process> process;
    spec.on_stderr_line = [&process](std::string_view) {
      process->RequestStop(StopCause::kRequested);
      return LineVerdict::kContinue;
    };
    process = Runner().Launch(std::move(spec));
    return process->Wait();
  }

  std::unique_ptr<World> world_;
};

INSTANTIATE_TEST_SUITE_P(, ProcessRunnerContract, ::testing::Values(Kind::kReal, Kind::kFake),
                         [](const auto& instance) {
                           return instance.param == Kind::kReal ? "Real" : "Fake";
                         });

TEST_P(ProcessRunnerContract, HandsOverEachLineOfBothOutputs) {
  ProcessSpec spec = Program("printf 'a\\n\\nb'; printf 'x\\ny\\n' >&2",
                             Script().Prints("a\n\nb").Complains("x\ny\n").Exits(0));
  Lines out;
  Lines err;
  spec.on_stdout_line = [&](std::string_view line) { out.emplace_back(line); };
  spec.on_stderr_line = [&](std::string_view line) {
    err.emplace_back(line);
    return LineVerdict::kContinue;
  };
  const ProcessResult result = Runner().Run(spec);
  EXPECT_EQ(out, (Lines{"a", "", "b"}));
  EXPECT_EQ(err, (Lines{"x", "y"}));
  EXPECT_EQ(result.stdout_tail, "a\n\nb");
  EXPECT_EQ(result.stderr_tail, "x\ny\n");
  EXPECT_TRUE(result.Succeeded());
}

TEST_P(ProcessRunnerContract, KeepsOnlyTheEndOfLongOutput) {
  ProcessSpec spec = Program("printf 0123456789; printf abcdef >&2",
                             Script().Prints("0123456789").Complains("abcdef").Exits(0));
  spec.stdout_tail = 4;
  spec.stderr_tail = 6;
  const ProcessResult result = Runner().Run(spec);
  EXPECT_EQ(result.stdout_tail, "6789");
  EXPECT_EQ(result.stderr_tail, "abcdef");
}

TEST_P(ProcessRunnerContract, ReportsEveryExitCodeAsItIs) {
  for (const int code : {0, 1, 3, 72, 126, 127, 130, 255}) {
    const auto spec = Program("exit " + std::to_string(code), Script().Exits(code));
    const ProcessResult result = Runner().Run(spec);
    EXPECT_EQ(result.status, ExitStatus(Exited{code}));
    EXPECT_EQ(result.Succeeded(), code == 0);
  }
}

TEST_P(ProcessRunnerContract, ReportsDeathByASignalThatItDidNotSend) {
  const ProcessResult result = Runner().Run(Program("kill -KILL $$", Script().Dies(SIGKILL)));
  EXPECT_EQ(result.status, ExitStatus(Signalled{SIGKILL}));
  EXPECT_EQ(result.stop_cause, StopCause::kNone);
}

TEST_P(ProcessRunnerContract, SaysWhyAProgramCannotBeStarted) {
  ProcessSpec spec;
  spec.argv = {"no-such-program-anywhere"};
  const auto process = Runner().Launch(spec);
  const ProcessResult result = process->Wait();
  const auto* reason = std::get_if<NotStarted>(&result.status);
  ASSERT_NE(reason, nullptr);
  EXPECT_TRUE(reason->reason.starts_with("cannot start \"no-such-program-anywhere\": "))
      << reason->reason;
  EXPECT_FALSE(result.Succeeded());
}

TEST_P(ProcessRunnerContract, DoesNotStartAnEmptyArgumentList) {
  const ProcessResult result = Runner().Run(ProcessSpec{});
  EXPECT_EQ(result.status, ExitStatus(NotStarted{"cannot start a program without a name"}));
}

TEST_P(ProcessRunnerContract, StopsAProgramThatRunsTooLong) {
  ProcessSpec spec = Sleeper("1000");
  spec.watch.max_runtime = milliseconds{300};
  const ProcessResult result = Runner().Run(spec);
  EXPECT_EQ(result.status, ExitStatus(Signalled{SIGINT}));
  EXPECT_EQ(result.stop_cause, StopCause::kDeadline);
  EXPECT_GE(result.resources.wall, milliseconds{300});
}

TEST_P(ProcessRunnerContract, LeavesAProgramThatEndsInTimeAlone) {
  ProcessSpec spec = Program("exit 4", Script().Exits(4, milliseconds{300}));
  spec.watch.max_runtime = milliseconds{600'000};
  spec.watch.stall_timeout = milliseconds{600'000};
  const ProcessResult result = Runner().Run(spec);
  EXPECT_EQ(result.status, ExitStatus(Exited{4}));
  EXPECT_EQ(result.stop_cause, StopCause::kNone);
}

TEST_P(ProcessRunnerContract, StopsAProgramThatOnlyPrintsStatusLines) {
  Script hung;
  for (int i = 0; i < 100; ++i) hung.Prints(std::string(2000, '.') + "\n", milliseconds{20 * i});
  ProcessSpec spec = Program(
      "exec perl -e '$| = 1; while (1) { print q(.) x 2000, qq(\\n); "
      "select(undef, undef, undef, 0.02) }'",
      hung);
  spec.watch.stall_timeout = milliseconds{1500};
  spec.watch.stall_bytes = 4096;
  const ProcessResult result = Runner().Run(spec);
  EXPECT_EQ(result.stop_cause, StopCause::kStalled);
  EXPECT_EQ(result.status, ExitStatus(Signalled{SIGINT}));
}

TEST_P(ProcessRunnerContract, SendsTerminateAfterAnInterruptWithoutEffect) {
  ProcessSpec spec =
      Endless("trap '' INT; trap 'exit 5' TERM", Script().Ignores(SIGINT).ExitsOn(SIGTERM, 5));
  spec.stop = {milliseconds{50}, milliseconds{600'000}};
  const ProcessResult result = StopWhenReady(spec);
  EXPECT_EQ(result.status, ExitStatus(Exited{5}));
  EXPECT_EQ(result.stop_cause, StopCause::kRequested);
}

TEST_P(ProcessRunnerContract, KillsAProgramThatIgnoresEveryRequest) {
  ProcessSpec spec = Endless("trap '' INT TERM", Script().Ignores(SIGINT).Ignores(SIGTERM));
  spec.stop = {milliseconds{50}, milliseconds{50}};
  const ProcessResult result = StopWhenReady(spec);
  EXPECT_EQ(result.status, ExitStatus(Signalled{SIGKILL}));
  EXPECT_GE(result.resources.wall, milliseconds{100});
}

TEST_P(ProcessRunnerContract, AProgramMayAnswerAStopWithItsOwnExitCode) {
  ProcessSpec spec = Endless("trap 'exit 130' INT", Script().ExitsOn(SIGINT, 130));
  const ProcessResult result = StopWhenReady(spec);
  EXPECT_EQ(result.status, ExitStatus(Exited{130}));
  EXPECT_FALSE(result.Succeeded());
}

TEST_P(ProcessRunnerContract, AStoppedProgramHasNotSucceededEvenWithExitCodeZero) {
  ProcessSpec spec = Endless("trap 'exit 0' INT", Script().ExitsOn(SIGINT, 0));
  const ProcessResult result = StopWhenReady(spec);
  EXPECT_EQ(result.status, ExitStatus(Exited{0}));
  EXPECT_FALSE(result.Succeeded());
}

TEST_P(ProcessRunnerContract, AnErrorLineMayStopTheProgram) {
  ProcessSpec spec = Program("echo fine >&2; echo cap exceeded >&2; exec sleep 1000",
                             Script().Complains("fine\ncap exceeded\n"));
  Lines seen;
  spec.on_stderr_line = [&](std::string_view line) {
    seen.emplace_back(line);
    return line == "cap exceeded" ? LineVerdict::kStop : LineVerdict::kContinue;
  };
  const ProcessResult result = Runner().Run(spec);
  EXPECT_EQ(seen, (Lines{"fine", "cap exceeded"}));
  EXPECT_EQ(result.stop_cause, StopCause::kOutputVerdict);
}

TEST_P(ProcessRunnerContract, AStopBeforeTheWaitCountsAndTheFirstCauseStays) {
  const auto process = Runner().Launch(Sleeper("1000"));
  process->RequestStop(StopCause::kDeadline);
  process->RequestStop(StopCause::kRequested);
  const ProcessResult result = process->Wait();
  EXPECT_EQ(result.status, ExitStatus(Signalled{SIGINT}));
  EXPECT_EQ(result.stop_cause, StopCause::kDeadline);
}

TEST_P(ProcessRunnerContract, StopAllStopsWhatRunsAndStartsNothingMore) {
  const auto first = Runner().Launch(Sleeper("1001"));
  const auto second = Runner().Launch(Sleeper("1002"));
  Runner().StopAll();
  EXPECT_EQ(first->Wait().stop_cause, StopCause::kRequested);
  EXPECT_EQ(second->Wait().status, ExitStatus(Signalled{SIGINT}));
  const ExitStatus stopping = NotStarted{"the runner is stopping"};
  EXPECT_EQ(Runner().Run(Program("exit 0", Script().Exits(0))).status, stopping);
  const auto pair = Runner().LaunchStream(Program("exit 0", Script().Exits(0)), Reader());
  EXPECT_FALSE(pair->Producer().Wait().Succeeded());
  EXPECT_EQ(pair->Consumer().Wait().status, stopping);
}

TEST_P(ProcessRunnerContract, AReaderEndsOnlyAfterTheRunnerClosedItsEnd) {
  bool closed = false;
  ProcessSpec reader = Reader();
  reader.on_stdout_line = [&](std::string_view) { EXPECT_TRUE(closed); };
  const auto pair = Runner().LaunchStream(Program("echo data", Script().Prints("data\n").Exits(0)),
                                          std::move(reader));
  EXPECT_TRUE(pair->Producer().Wait().Succeeded());
  closed = true;
  pair->CloseWriteEnd();
  const ProcessResult consumed = pair->Consumer().Wait();
  EXPECT_TRUE(consumed.Succeeded());
  EXPECT_EQ(consumed.stdout_tail, "complete\n");
}

TEST_P(ProcessRunnerContract, AReaderOfAFailedWriterIsStoppedBeforeItSeesTheEnd) {
  const auto pair = Runner().LaunchStream(
      Program("echo half; exit 2", Script().Prints("half\n").Exits(2)), Reader());
  EXPECT_EQ(pair->Producer().Wait().status, ExitStatus(Exited{2}));
  pair->Consumer().RequestStop(StopCause::kRequested);
  const ProcessResult consumed = pair->Consumer().Wait();
  pair->CloseWriteEnd();
  EXPECT_EQ(consumed.status, ExitStatus(Signalled{SIGINT}));
  EXPECT_EQ(consumed.stdout_tail, "");
}

TEST_P(ProcessRunnerContract, AWriterWithoutAReaderDiesOfTheBrokenPipe) {
  const auto pair =
      Runner().LaunchStream(Program("exec perl -e 'while (1) { print \"y\\n\" }'",
                                    Script().Prints("y\n").Prints("y\n", milliseconds{50})),
                            Program("exit 7", Script().Exits(7, milliseconds{10})));
  EXPECT_EQ(pair->Producer().Wait().status, ExitStatus(Signalled{SIGPIPE}));
  EXPECT_EQ(pair->Consumer().Wait().status, ExitStatus(Exited{7}));
}

TEST_P(ProcessRunnerContract, WaitingForTheWriterKeepsTheReaderTalking) {
  const std::string line(1000, 'r');
  Script chatty;
  for (int i = 0; i < 1000; ++i) chatty.Prints(line + "\n");
  chatty.AtEndOfInput(Script().Exits(0));
  int lines = 0;
  ProcessSpec reader =
      Program("perl -e 'print \"r\" x 1000, \"\\n\" for 1..1000'; exec cat >/dev/null", chatty);
  reader.on_stdout_line = [&](std::string_view) { ++lines; };
  const auto pair =
      Runner().LaunchStream(Program("perl -e 'print \"w\" x 1000, \"\\n\" for 1..1000'",
                                    Script()
                                        .Prints(std::string(1'001'000, 'w'), milliseconds{10})
                                        .Exits(0, milliseconds{10})),
                            std::move(reader));
  EXPECT_TRUE(pair->Producer().Wait().Succeeded());
  pair->CloseWriteEnd();
  EXPECT_TRUE(pair->Consumer().Wait().Succeeded());
  EXPECT_EQ(lines, 1000);
}

TEST_P(ProcessRunnerContract, ReportsTimeProcessorAndBytes) {
  const ProcessResult result =
      Runner().Run(Program("perl -e '$x += $_ for 1..3000000; print \"x\" x 5000'",
                           Script()
                               .Works({0, milliseconds{100}, false})
                               .Prints(std::string(5000, 'x'))
                               .Exits(0, milliseconds{1})));
  EXPECT_GT(result.resources.wall, milliseconds{0});
  EXPECT_GT(result.resources.cpu, milliseconds{0});
  EXPECT_GE(result.resources.written_bytes, 5000U);
}

}  // namespace
}  // namespace runner
