#include "runner/restic/failure.h"

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "tests/runner/restic/failure_case.h"

namespace runner {
namespace {

using targets::ResticVersion;

TEST(Classify, NamesWhatARunWasStoppedAt) {
  const auto stopped = [](const std::string& text, StopCause cause) {
    return *Classify(Ended(130, text, cause), kOld);
  };
  const std::string cap =
      "Save(<lock/ab>) returned error, retrying after 1s: Close: b2_upload_file: 403: Cannot "
      "upload "
      "files, storage cap exceeded. See the Caps & Alerts page to increase your cap.\n";
  EXPECT_EQ(stopped(cap, StopCause::kStalled).cause, Cause::kCapExceeded);
  const std::string busy =
      "List(key) returned error, retrying after 1s: b2_list_file_names: 502: \n";
  EXPECT_EQ(stopped(busy, StopCause::kDeadline).cause, Cause::kDeadline);
  EXPECT_NE(stopped(busy, StopCause::kDeadline).reason.find("b2_list_file_names: 502"),
            std::string::npos);
  EXPECT_EQ(stopped(cap + busy, StopCause::kStalled).cause, Cause::kStalled)
      << "the last one counts";
  EXPECT_EQ(stopped(cap, StopCause::kRequested).cause, Cause::kInterrupted);
}

TEST(Failure, IsNoneAfterSuccess) {
  EXPECT_FALSE(Classify(Ended(0, "anything: 403"), kOld).has_value());
  EXPECT_FALSE(Classify(Ended(0, ""), kNew).has_value());
}

constexpr const char* kLockText =
    "unable to create lock in backend: repository is already locked exclusively by PID 1509 on vm "
    "by root (UID 0, "
    "GID 0)\nlock was created at 2026-11-23 03:27:01 (4.59s ago)\nstorage ID 3e272dea\nthe "
    "`unlock` command can be "
    "used to remove stale locks\n";

TEST(Failure, SaysWhoHoldsTheLockSinceWhen) {
  const auto failure = Classify(Ended(1, kLockText), kOld);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->cause, Cause::kLocked);
  EXPECT_EQ(failure->reason,
            "repository is locked exclusively by PID 1509 on vm by root, since 2026-11-23 03:27:01 "
            "(4.59s ago)");
  const LockHolder expected{"vm", "root", 1509, true, "2026-11-23 03:27:01 (4.59s ago)"};
  EXPECT_EQ(failure->lock, expected);
}

TEST(Failure, ReadsTheHolderOfASharedLockFromTheExitError) {
  const auto failure = Classify(
      Ended(
          11,
          R"({"message_type":"exit_error","code":11,"message":"unable to create lock in backend: repository is )"
          R"(already locked by PID 24909 on vm by root (UID 0, GID 0)\nlock was created at 2026-11-23 06:03:08 )"
          R"((2.79s ago)\nstorage ID 561c66d9"})"),
      kNew);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(
      failure->reason,
      "repository is locked by PID 24909 on vm by root, since 2026-11-23 06:03:08 (2.79s ago)");
  ASSERT_TRUE(failure->lock.has_value());
  EXPECT_FALSE(failure->lock->exclusive);
}

TEST(Failure, IsLockedOnExitCode11EvenWithoutText) {
  EXPECT_EQ(Classify(Ended(11, ""), kNew)->cause, Cause::kLocked);
  EXPECT_EQ(Classify(Ended(11, ""), ResticVersion{0, 16, 5})->cause, Cause::kUnknown);
}

TEST(Failure, SurvivesABrokenLockText) {
  for (const char* text :
       {"repository is already locked ", "repository is already locked by PID x on  by ",
        "repository is already locked exclusively by PID 99999999999999999999999 on"}) {
    EXPECT_EQ(Classify(Ended(1, text), kOld)->cause, Cause::kLocked) << text;
  }
}

TEST(Failure, BelievesTheWatcherFirst) {
  EXPECT_EQ(Classify(Ended(1, kLockText, StopCause::kStalled), kOld)->cause, Cause::kStalled);
  EXPECT_EQ(Classify(Ended(130, "", StopCause::kDeadline), kOld)->cause, Cause::kDeadline);
  EXPECT_EQ(Classify(Ended(130, "", StopCause::kRequested), kOld)->cause, Cause::kInterrupted);
  EXPECT_EQ(Classify(Ended(0, "", StopCause::kRequested), kOld)->cause, Cause::kInterrupted);
}

TEST(Failure, TakesAForeignSigkillForMemory) {
  ProcessResult result;
  result.status = Signalled{SIGKILL};
  const auto foreign = Classify(result, kOld);
  EXPECT_EQ(foreign->cause, Cause::kOutOfMemory);
  EXPECT_NE(foreign->reason.find("probably the machine is out of memory"), std::string::npos);
  result.stop_cause = StopCause::kStalled;
  EXPECT_EQ(Classify(result, kOld)->cause, Cause::kStalled);
}

TEST(Failure, IsSureOfMemoryWhereTheKernelCountedTheKill) {
  ProcessResult result;
  result.status = Signalled{SIGKILL};
  result.resources.memory_kills = 1;
  result.resources.peak_memory = 61 * 1024 * 1024;
  const auto failure = Classify(result, kOld);
  EXPECT_EQ(failure->cause, Cause::kOutOfMemory);
  EXPECT_EQ(failure->reason, "the kernel killed restic for want of memory; it had taken 61.0 MiB");
  EXPECT_NE(failure->hint.find("max_parallel"), std::string::npos);
  result.status = Signalled{SIGTERM};
  EXPECT_EQ(Classify(result, kOld)->cause, Cause::kInterrupted);
}

TEST(Failure, NamesOtherSignals) {
  ProcessResult result;
  result.status = Signalled{SIGTERM};
  EXPECT_EQ(Classify(result, kOld)->cause, Cause::kInterrupted);
  EXPECT_EQ(Classify(result, kOld)->reason, "restic was ended by signal 15 SIGTERM");
  result.status = Signalled{SIGSEGV};
  EXPECT_EQ(Classify(result, kOld)->cause, Cause::kUnknown);
}

TEST(Failure, TellsHowToInstallAMissingProgram) {
  ProcessResult result;
  result.status = NotStarted{"restic: not found in PATH"};
  const auto failure = Classify(result, kOld);
  EXPECT_EQ(failure->cause, Cause::kProgramMissing);
  EXPECT_NE(failure->hint.find("apt install restic"), std::string::npos);
}

TEST(Failure, HasAReasonOfAtMost500Bytes) {
  const auto failure = Classify(Ended(1, "Fatal: " + std::string(5000, 'x')), kOld);
  EXPECT_LE(failure->reason.size(), 500U);
}

TEST(Failure, NamesEveryCauseDifferently) {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Cause::kUnknown); ++i)
    names.push_back(CauseName(static_cast<Cause>(i)));
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

}  // namespace
}  // namespace runner
