// What only real processes can show. No test decides by time: limits are generous, and events say
// when to go on.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "runner/process/unique_fd.h"
#include "tests/runner/process/posix_fixture.h"

namespace runner {
namespace {

TEST_F(PosixProcessRunnerTest, AGrandchildThatKeepsTheOutputOpenDoesNotHoldTheWait) {
  std::string grandchild;
  ProcessSpec spec = Shell("sleep 1000 & echo $!");
  spec.on_stdout_line = [&](std::string_view line) { grandchild = line; };
  const ProcessResult result = runner_.Run(spec);
  EXPECT_EQ(result.status, ExitStatus(Exited{0}));
  EXPECT_EQ(result.stdout_tail, grandchild + "\n");
  ASSERT_FALSE(grandchild.empty());
  EXPECT_EQ(kill(std::stoi(grandchild), SIGKILL), 0) << "it was left alone";
}

/// Returns once every process that inherited the write end of the fifo has gone; the fifo was
/// opened before.
bool EverybodyLeft(int fifo) {
  pollfd watched{fifo, POLLIN, 0};
  std::array<char, 256> bytes{};
  while (poll(&watched, 1, 60'000) == 1) {
    const ssize_t size = read(fifo, bytes.data(), bytes.size());
    if (size == 0) return true;
  }
  return false;
}

/// poll() waits for the first writer too, read() would not.
std::string ReadLine(int fifo) {
  std::string line;
  pollfd watched{fifo, POLLIN, 0};
  char byte = 0;
  while (poll(&watched, 1, 60'000) == 1 && read(fifo, &byte, 1) == 1 && byte != '\n') {
    line.push_back(byte);
  }
  return line;
}

class FifoTest : public PosixProcessRunnerTest {
 protected:
  FifoTest() : fifo_(folder_ + "/fifo") {
    mkfifo(fifo_.c_str(), 0600);
    reader_.Reset(open(fifo_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    fcntl(reader_.Get(), F_SETFL, 0);
  }
  std::string fifo_;
  UniqueFd reader_;
};

TEST_F(FifoTest, AStopReachesTheWholeGroup) {
  std::unique_ptr<Process> process;
  ProcessSpec spec = Shell("exec 9>" + fifo_ +
                           "; (trap '' INT TERM; while :; do sleep 0.05; done) & "
                           "(exec sleep 1000) & echo ready >&2; wait");
  spec.on_stderr_line = [&](std::string_view) {
    process->RequestStop(StopCause::kRequested);
    return LineVerdict::kContinue;
  };
  process = runner_.Launch(spec);
  EXPECT_EQ(process->Wait().status, ExitStatus(Signalled{SIGINT}));
  EXPECT_TRUE(EverybodyLeft(reader_.Get()));
}

TEST_F(FifoTest, DestroyingARunningProcessKillsItsGroup) {
  {
    ProcessSpec spec =
        Shell("trap '' INT TERM; exec 9>" + fifo_ + "; echo x >&9; sleep 1000 & sleep 1000");
    const auto process = runner_.Launch(spec);
    EXPECT_EQ(ReadLine(reader_.Get()), "x");
  }
  EXPECT_TRUE(EverybodyLeft(reader_.Get()));
}

TEST_F(FifoTest, AChildIsToldWhenItsRunnerIsKilled) {
  ProcessSpec spec;
  spec.argv = {KILLED_RUNNER, "exec 9>" + fifo_ +
                                  "; trap 'echo told >&9; exit 0' INT; echo started >&9"
                                  "; while :; do sleep 0.02; done"};
  const auto helper = runner_.Launch(spec);
  EXPECT_EQ(ReadLine(reader_.Get()), "started");
  kill(helper->Pid(), SIGKILL);
  EXPECT_EQ(ReadLine(reader_.Get()), "told");
  EXPECT_EQ(helper->Wait().status, ExitStatus(Signalled{SIGKILL}));
}

TEST_F(PosixProcessRunnerTest, ALineOfAMegabyteIsCutAndTheNextOneIsWhole) {
  std::vector<std::size_t> sizes;
  ProcessSpec spec;
  spec.argv = {"perl", "-e", R"(print "x" x 1048576, "\nnext\n")"};
  spec.on_stdout_line = [&](std::string_view line) { sizes.push_back(line.size()); };
  EXPECT_EQ(Output(spec).size(), spec.stdout_tail);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{65'536, 4}));
}

TEST_F(PosixProcessRunnerTest, BinaryOutputArrivesUnchanged) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  ProcessSpec spec;
  spec.argv = {"perl", "-e", "print pack('C*', 0..255)"};
  EXPECT_EQ(Output(spec), all);
}

TEST_F(PosixProcessRunnerTest, ASlowHandlerLosesNothingOfAFlood) {
  std::promise<void> go_on;
  long long sum = 0;
  ProcessSpec spec;
  spec.argv = {"perl", "-e", R"(print "$_\n" for 1..200000; print STDERR "done\n" x 20000)"};
  spec.on_stdout_line = [&](std::string_view line) {
    if (sum == 0) go_on.get_future().wait();  // while the pipe is full
    sum += std::stoll(std::string(line));
  };
  const auto process = runner_.Launch(spec);
  std::thread releaser([&] {
    // The child sleeps in write() on a full pipe: then, and only then, the handler goes on.
    const std::string path = "/proc/" + std::to_string(process->Pid()) + "/wchan";
    for (int i = 0; i < 20'000; ++i) {
      std::ifstream file(path);
      std::string where;
      if (file >> where && where.find("pipe") != std::string::npos) break;
      std::this_thread::yield();
    }
    go_on.set_value();
  });
  const ProcessResult result = process->Wait();
  releaser.join();
  EXPECT_EQ(sum, 200'000LL * 200'001 / 2);
  EXPECT_EQ(result.stderr_tail.size(), 65'536U);
}

TEST_F(PosixProcessRunnerTest, AFloodAfterTheEndOfTheProgramIsBounded) {
  std::string grandchild;
  ProcessSpec spec = Shell("perl -e 'while (1) { print \"flood\\n\" }' & echo $! >&2");
  spec.on_stderr_line = [&](std::string_view line) {
    grandchild = line;
    return LineVerdict::kContinue;
  };
  const ProcessResult result = runner_.Run(spec);
  EXPECT_EQ(result.status, ExitStatus(Exited{0}));
  EXPECT_LE(result.stdout_tail.size(), spec.stdout_tail);
  ASSERT_FALSE(grandchild.empty());
  kill(std::stoi(grandchild), SIGKILL);
}

TEST_F(PosixProcessRunnerTest, TakesNoOtherChildsStatus) {
  const pid_t own = fork();
  ASSERT_GE(own, 0);
  if (own == 0) _exit(42);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Output(Shell("echo x")), "x\n");
  int status = 0;
  ASSERT_EQ(waitpid(own, &status, 0), own);
  EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST_F(PosixProcessRunnerTest, AStatusThatSomebodyElseTookIsAFailure) {
  const auto process = runner_.Launch(Shell("exit 0"));
  ASSERT_EQ(waitpid(process->Pid(), nullptr, 0), process->Pid());
  const ProcessResult result = process->Wait();
  EXPECT_EQ(result.status, ExitStatus(Exited{-1}));
  EXPECT_FALSE(result.Succeeded());
}

TEST_F(PosixProcessRunnerTest, ReportsPeakMemoryAndBytes) {
  ProcessSpec spec;
  spec.argv = {"perl", "-e", R"($x = "x" x 50_000_000; print substr($x, 0, 100_000))"};
  const ProcessResult result = runner_.Run(spec);
  EXPECT_TRUE(result.Succeeded());
  EXPECT_GT(result.resources.peak_memory, 50'000'000U);
  EXPECT_LT(result.resources.peak_memory, 5'000'000'000U);
  EXPECT_GE(result.resources.written_bytes, 100'000U);
  EXPECT_GT(result.resources.read_bytes, 0U);
}

TEST_F(PosixProcessRunnerTest, ManyThreadsLaunchAtOnce) {
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<std::string> seen;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      ProcessSpec spec = Shell("echo $NUMBER");
      spec.environment = {{"NUMBER", std::to_string(i)}};
      const std::string output = runner_.Run(spec).stdout_tail;
      const std::lock_guard lock(mutex);
      seen.insert(output);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seen.size(), 16U);
}

TEST_F(PosixProcessRunnerTest, StopAllFromAnotherThreadEndsAWait) {
  std::thread stopper;
  ProcessSpec spec = Shell("echo ready; exec sleep 1000");
  spec.on_stdout_line = [&](std::string_view) {
    stopper = std::thread([&] { runner_.StopAll(); });
  };
  EXPECT_EQ(runner_.Run(spec).stop_cause, StopCause::kRequested);
  stopper.join();
}

TEST_F(PosixProcessRunnerTest, TwoThreadsMayWaitForTheTwoEndsOfAPair) {
  const auto pair = runner_.LaunchStream(Shell("perl -e 'print \"w\" x 3000000'"),
                                         Shell("perl -e 'print STDOUT \"r\" x 3000000'; wc -c"));
  ProcessResult consumed;
  std::thread reader([&] { consumed = pair->Consumer().Wait(); });
  EXPECT_TRUE(pair->Producer().Wait().Succeeded());
  pair->CloseWriteEnd();
  reader.join();
  EXPECT_TRUE(consumed.Succeeded());
  EXPECT_TRUE(consumed.stdout_tail.ends_with("3000000\n"));
}

/// Reads its input to the end, then makes a file. No shell: dash drops an interrupt that comes
/// while it starts a command.
ProcessSpec Completing(const std::string& file) {
  return Program({"perl", "-e", "1 while <STDIN>; open(F, '>', $ARGV[0])", file});
}

TEST_F(PosixProcessRunnerTest, AReaderLeavesItsFileOnlyIfTheWriterSucceeded) {
  const std::string file = folder_ + "/complete";
  for (const auto& [writer, complete] :
       {std::pair{"echo half; exit 2", false}, {"echo all", true}}) {
    const auto pair = runner_.LaunchStream(Shell(writer), Completing(file));
    if (pair->Producer().Wait().Succeeded()) {
      pair->CloseWriteEnd();
    } else {
      pair->Consumer().RequestStop(StopCause::kRequested);
    }
    EXPECT_EQ(pair->Consumer().Wait().Succeeded(), complete);
    EXPECT_EQ(std::filesystem::exists(file), complete);
  }
}

TEST_F(PosixProcessRunnerTest, AnAbandonedPairKillsTheReaderBeforeItsInputEnds) {
  const std::string file = folder_ + "/complete";
  runner_.LaunchStream(Shell("echo all"), Completing(file));
  EXPECT_FALSE(std::filesystem::exists(file));
}

/// Waits until some child of this process is dead and not yet reaped; its id.
pid_t AnyDeadChild() {
  siginfo_t dead{};
  return waitid(P_ALL, 0, &dead, WEXITED | WNOWAIT) == 0 ? dead.si_pid : -1;
}

TEST_F(PosixProcessRunnerTest, ReapsOrphansAndLeavesTheStatusOfItsOwnChildrenAlone) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  EXPECT_EQ(Output(Shell("sh -c 'sleep 0.2' >/dev/null 2>&1 & echo left")), "left\n");
  EXPECT_GT(AnyDeadChild(), 0);
  runner_.ReapOrphans();
  siginfo_t nobody{};
  EXPECT_EQ(waitid(P_ALL, 0, &nobody, WEXITED | WNOHANG | WNOWAIT), -1);
  EXPECT_EQ(errno, ECHILD);

  const auto own = runner_.Launch(Shell("exit 7"));
  EXPECT_EQ(AnyDeadChild(), own->Pid());
  runner_.ReapOrphans();
  EXPECT_EQ(own->Wait().status, ExitStatus(Exited{7}));
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_F(PosixProcessRunnerTest, AHurriedStopDoesNotSitOutTheGrace) {
  ProcessSpec spec = Shell("trap '' INT; echo ready; while :; do sleep 0.05; done");
  std::promise<void> ready;
  spec.on_stdout_line = [&](std::string_view) { ready.set_value(); };
  const auto process = runner_.Launch(std::move(spec));
  std::future<ProcessResult> result = std::async([&] { return process->Wait(); });
  ready.get_future().wait();
  runner_.StopAll();
  runner_.HurryAll();
  EXPECT_EQ(result.get().status, ExitStatus(Signalled{SIGTERM}));
}

}  // namespace
}  // namespace runner
