// What a real child finds when it becomes its command.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <variant>

#include "runner/process/unique_fd.h"
#include "tests/runner/process/posix_fixture.h"

namespace runner {
namespace {

using std::chrono::milliseconds;
using PosixLaunchTest = PosixProcessRunnerTest;

/// The last number of a line "Name:  hex" of /proc/PID/status.
unsigned long long StatusMask(const std::string& status, const std::string& name) {
  const auto at = status.find(name + ":");
  return at == std::string::npos ? ~0ULL
                                 : std::stoull(status.substr(at + name.size() + 1), nullptr, 16);
}

TEST_F(PosixLaunchTest, AChildStartsWithNoSignalBlockedOrIgnored) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD, SIGUSR1}) sigaddset(&blocked, signal);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto hangup = std::signal(SIGHUP, SIG_IGN);
  const auto pipe = std::signal(SIGPIPE, SIG_IGN);
  ProcessSpec spec;
  spec.argv = {"cat", "/proc/self/status"};
  const std::string status = Output(spec);
  std::signal(SIGPIPE, pipe);
  std::signal(SIGHUP, hangup);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(StatusMask(status, "SigBlk"), 0U);
  EXPECT_EQ(StatusMask(status, "SigIgn"), 0U);
}

TEST_F(PosixLaunchTest, NoDescriptorLeaksIntoAChild) {
  const UniqueFd leak(open("/dev/null", O_RDONLY));
  const UniqueFd high(fcntl(leak.Get(), F_DUPFD, 900));
  ASSERT_TRUE(high.Valid());
  const auto other = runner_.Launch(Shell("exec sleep 1000"));
  ProcessSpec spec;
  spec.argv = {"ls", "/proc/self/fd"};
  EXPECT_EQ(Output(spec), "0\n1\n2\n3\n");  // 3 is ls reading the folder
}

TEST_F(PosixLaunchTest, TheDescriptorsOfAPairReachNobodyElse) {
  const std::string list = "ls /proc/self/fd | wc -l | tr -d ' \\n'";
  const auto pair = runner_.LaunchStream(Shell(list + " >&2"), Shell(list + "; exec cat"));
  EXPECT_EQ(pair->Producer().Wait().stderr_tail, "4");
  pair->CloseWriteEnd();
  EXPECT_EQ(pair->Consumer().Wait().stdout_tail, "4");
}

TEST_F(PosixLaunchTest, StandardInputIsEmpty) { EXPECT_EQ(Output(Shell("cat")), ""); }

TEST_F(PosixLaunchTest, AddsReplacesAndRemovesVariables) {
  for (const char* name : {"RT_PLAIN", "RT_SECRET", "RT_KEEP", "OTHER_RT", "RT"})
    setenv(name, "old", 1);
  ProcessSpec spec = Shell("env | grep -E '^(RT|OTHER_RT|ADDED_RT)' | sort");
  spec.environment = {{"RT_KEEP", "new value"}, {"OTHER_RT", "replaced"}, {"ADDED_RT", "a=b\nc"}};
  spec.unset = {"RT_*", "NOT_THERE"};
  EXPECT_EQ(Output(spec), "ADDED_RT=a=b\nOTHER_RT=replaced\nRT=old\nRT_KEEP=new value\n");
  for (const char* name : {"RT_PLAIN", "RT_SECRET", "RT_KEEP", "OTHER_RT", "RT"}) unsetenv(name);
}

TEST_F(PosixLaunchTest, AppliesFolderUmaskNiceAndGroup) {
  ProcessSpec spec = Shell("pwd -P; umask; nice; cut -d' ' -f1,5 /proc/$$/stat");
  spec.working_directory = folder_;
  spec.umask = 027;
  spec.nice = 7;
  const auto process = runner_.Launch(spec);
  const std::string pid = std::to_string(process->Pid());
  EXPECT_EQ(process->Wait().stdout_tail,
            std::filesystem::canonical(folder_).string() + "\n0027\n7\n" + pid + " " + pid + "\n");
}

TEST_F(PosixLaunchTest, RestoresTheLimitOfOpenFiles) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_LE(limit.rlim_cur, 1024U);
  const std::string inside = Output(Shell("ulimit -n"));
  EXPECT_GE(std::stoull(inside), limit.rlim_cur);
}

TEST_F(PosixLaunchTest, DropsToAnotherUserForGood) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ProcessSpec spec;
  spec.argv = {"cat", "/proc/self/status"};
  spec.uid = 12345;
  spec.gid = 23456;
  const std::string status = Output(spec);
  EXPECT_NE(status.find("Uid:\t12345\t12345\t12345\t12345\n"), std::string::npos) << status;
  EXPECT_NE(status.find("Gid:\t23456\t23456\t23456\t23456\n"), std::string::npos);
  EXPECT_NE(status.find("Groups:\t23456 \n"), std::string::npos);
  EXPECT_EQ(StatusMask(status, "CapEff"), 0U);
}

/// Removes CAP_SYS_PTRACE from the calling thread: so it is with a container's root.
bool DropTraceCapability() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return false;
  data[0].effective &= ~(1U << CAP_SYS_PTRACE);
  data[0].permitted &= ~(1U << CAP_SYS_PTRACE);
  return syscall(SYS_capset, &header, data.data()) == 0;
}

TEST_F(PosixLaunchTest, CountsTheBytesOfAnotherUserInAContainerToo) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ProcessResult result;
  bool open_to_root = true;
  bool root_again = false;
  std::thread container([&] {
    ASSERT_TRUE(DropTraceCapability());
    ProcessSpec spec = Shell("echo look >&2; printf '%04096d' 1; exec sleep 1000");
    spec.uid = 12345;
    spec.gid = 23456;
    std::unique_ptr<Process> process;
    spec.on_stderr_line = [&](std::string_view) {
      std::ifstream io("/proc/" + std::to_string(process->Pid()) + "/io");
      std::string line;
      open_to_root = static_cast<bool>(std::getline(io, line));
      return LineVerdict::kContinue;
    };
    spec.watch.stall_timeout = milliseconds{500};
    process = runner_.Launch(spec);
    result = process->Wait();
    root_again = setfsuid(static_cast<uid_t>(-1)) == 0 && setfsgid(static_cast<gid_t>(-1)) == 0;
  });
  container.join();
  EXPECT_FALSE(open_to_root);
  EXPECT_TRUE(root_again);
  EXPECT_EQ(result.stop_cause, StopCause::kStalled);
  EXPECT_GE(result.resources.written_bytes, 4096U);
}

TEST_F(PosixLaunchTest, StopsAndWatchesAChildOfAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ProcessSpec spec = Shell("exec sleep 1000");
  spec.uid = 12345;
  spec.watch.stall_timeout = milliseconds{500};
  const ProcessResult result = runner_.Run(spec);
  EXPECT_EQ(result.stop_cause, StopCause::kStalled);
  EXPECT_EQ(result.status, ExitStatus(Signalled{SIGINT}));
}

TEST_F(PosixLaunchTest, StopsWhatWritesFarMoreThanItShould) {
  ProcessSpec spec = Program({"dd", "if=/dev/zero", "of=/dev/null", "bs=1M"});
  targets::Bytes last_read = 0;
  spec.write_limit = [&](targets::Bytes read) {
    last_read = read;
    return targets::Bytes{10'000'000};
  };
  const ProcessResult result = runner_.Run(spec);
  EXPECT_EQ(result.stop_cause, StopCause::kRunaway);
  EXPECT_EQ(result.status, ExitStatus(Signalled{SIGINT}));
  EXPECT_GT(last_read, 10'000'000U);
}

TEST_F(PosixLaunchTest, LetsWriteWhatMayBeWritten) {
  ProcessSpec spec = Shell("printf '%04096d' 1; exec sleep 1000");
  int looks = 0;
  spec.write_limit = [&](targets::Bytes) {
    return targets::Bytes{++looks < 2 ? 1'000'000'000U : 0};
  };
  const ProcessResult result = runner_.Run(spec);
  EXPECT_EQ(result.stop_cause, StopCause::kRunaway);
  EXPECT_EQ(looks, 2);
}

TEST_F(PosixLaunchTest, SaysWhichStepFailed) {
  EXPECT_EQ(Reason(Program({"/no/such/program"})),
            "cannot start \"/no/such/program\": cannot run it: No such file or directory; install "
            "it, or give its full path");
  EXPECT_EQ(Reason(Program({"/etc/passwd"})),
            "cannot start \"/etc/passwd\": cannot run it: Permission denied");
  ProcessSpec nowhere = Shell("true");
  nowhere.working_directory = "/no/such/folder";
  EXPECT_EQ(Reason(nowhere),
            "cannot start \"sh\": cannot enter the working folder: No such file or directory");
}

TEST_F(PosixLaunchTest, AProgramThatPrintsAFailureLineWasStartedAllTheSame) {
  const ProcessResult result =
      runner_.Run(Shell("echo 'runner-exec-failure 0 2 run it' >&2; exit 72"));
  EXPECT_EQ(result.status, ExitStatus(Exited{72}));
  EXPECT_EQ(result.stderr_tail, "runner-exec-failure 0 2 run it\n");
}

TEST_F(PosixLaunchTest, SaysSoWhenTheHiddenModeItselfCannotRun) {
  PosixProcessRunner broken(clock_, "/no/such/runner");
  const ProcessResult result = broken.Run(Shell("true"));
  const auto* reason = std::get_if<NotStarted>(&result.status);
  ASSERT_NE(reason, nullptr) << "Poco's child ended with code 72";
  EXPECT_EQ(reason->reason,
            "cannot start \"sh\": the runner's own hidden mode ended with code 72 before; is the "
            "runner's program file still there?");
}

}  // namespace
}  // namespace runner
