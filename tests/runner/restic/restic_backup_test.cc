#include <algorithm>

#include "tests/runner/restic/restic_fixture.h"

namespace runner {
namespace {

using std::chrono::milliseconds;
using Kind = BackupOutcome::Kind;

constexpr const char* kStall =
    "Load(<lock/ee37694613>, 0, 0) returned error, retrying after 552.330144ms: <lock/ee37694613> "
    "does not exist\n";
constexpr const char* kUnreadable =
    R"({"message_type":"error","error":{"Op":"open","Err":13},"during":"archival","item":"/d/secret"})"
    "\n"
    "Warning: at least one source file could not be read\n";

class ResticBackup : public ResticFixture {
 protected:
  BackupOutcome Directory(targets::ResticVersion version = {0, 14, 0}) {
    return Make(version).BackupDirectory(target_, nullptr, stop_);
  }

  BackupOutcome Stream(targets::ResticVersion version = {0, 14, 0}) {
    target_.source = targets::CommandSource{{"pg_dump", "app"}, "app.sql"};
    // Two threads wait here: the one that is first must not move the time to the stall of the
    // other.
    target_.limits.stall_timeout = targets::Duration{0};
    ProcessSpec producer;
    producer.argv = {"pg_dump", "app"};
    return Make(version).BackupStream(target_, producer, nullptr, stop_);
  }

  /// restic --stdin: saves at the end of its input, 130 without a snapshot when it is interrupted
  /// before.
  static Script Reader() {
    return Script().ExitsOn(2, 130).AtEndOfInput(Script().Prints(Summary("54f13b08")).Exits(0));
  }
};

TEST_F(ResticBackup, IsCompleteWithASnapshot) {
  Play({Script().Prints(Summary("54f13b08")).Exits(0)});
  const BackupOutcome outcome = Directory();
  EXPECT_EQ(outcome.kind, Kind::kComplete);
  EXPECT_FALSE(outcome.failure.has_value());
  EXPECT_EQ(outcome.summary.snapshot_id, "54f13b08");
}

TEST_F(ResticBackup, ReportsProgress) {
  Play({Script()
            .Prints("{\"message_type\":\"status\",\"percent_done\":0.5}\n")
            .Prints(Summary("54f13b08"), milliseconds{1})
            .Exits(0, milliseconds{2})});
  std::vector<double> seen;
  Make().BackupDirectory(
      target_, [&seen](const BackupStatus& status) { seen.push_back(status.fraction); }, stop_);
  EXPECT_EQ(seen, std::vector<double>{0.5});
}

TEST_F(ResticBackup, IsIncompleteWithUnreadableFiles) {
  Play({Script().Prints(Summary("54f13b08")).Complains(kUnreadable).Exits(3)});
  const BackupOutcome outcome = Directory();
  EXPECT_EQ(outcome.kind, Kind::kIncomplete);
  EXPECT_EQ(outcome.failure->cause, Cause::kIncomplete);
  EXPECT_EQ(outcome.unreadable_count, 1U);
  EXPECT_EQ(outcome.unreadable.front().path, "/d/secret");
}

TEST_F(ResticBackup, FailsOnExitCode3WithoutASnapshot) {
  Play({Script().Complains(kUnreadable).Exits(3)});
  EXPECT_EQ(Directory().kind, Kind::kFailed);
}

TEST_F(ResticBackup, FailsOnSuccessWithoutASnapshot) {
  Play({Script().Exits(0)});
  const BackupOutcome outcome = Directory();
  EXPECT_EQ(outcome.kind, Kind::kFailed);
  EXPECT_EQ(outcome.failure->reason, "restic ended with success, but reported no snapshot");
}

TEST_F(ResticBackup, FailsOnAnUnknownExitCodeEvenWithASnapshot) {
  Play({Script().Prints(Summary("54f13b08")).Exits(4)});
  EXPECT_EQ(Directory().kind, Kind::kFailed);
}

TEST_F(ResticBackup, StartsAgainWhenALockVanishes) {
  Play({Script().Complains(kStall).ExitsOn(2, 130), Script().Prints(Summary("54f13b08")).Exits(0)});
  EXPECT_EQ(Directory().kind, Kind::kComplete);
  EXPECT_EQ(processes_.Launched().size(), 2U);
}

TEST_F(ResticBackup, HasTheLimitsOfItsTarget) {
  target_.limits.max_runtime = targets::Duration{3600};
  target_.limits.stall_timeout = targets::Duration{60};
  target_.limits.nice = 10;
  config_.repository.retry_lock = targets::Duration{0};
  config_.stop_grace = targets::Duration{20};
  Play({Script().Exits(1)});
  Directory();
  const ProcessSpec spec = processes_.Launched().front();
  EXPECT_EQ(spec.watch.max_runtime, milliseconds{3'600'000});
  EXPECT_EQ(spec.watch.stall_timeout, milliseconds{60'000});
  EXPECT_EQ(spec.nice, 10);
  EXPECT_EQ(spec.stop.interrupt_grace, milliseconds{20'000});
}

TEST_F(ResticBackup, HasNoStallWatchIfTheTargetWantsNone) {
  target_.limits.stall_timeout = targets::Duration{0};
  Play({Script().Exits(1)});
  Directory();
  EXPECT_EQ(processes_.Launched().front().watch, WatchPolicy{});
}

TEST_F(ResticBackup, SavesAStreamAfterTheCommandSucceeded) {
  Play({Reader(), Script().Exits(0, milliseconds{10})});
  const BackupOutcome outcome = Stream();
  EXPECT_EQ(outcome.kind, Kind::kComplete) << outcome.failure->reason;
  EXPECT_EQ(outcome.summary.snapshot_id, "54f13b08");
}

TEST_F(ResticBackup, SavesNothingOfAStreamWhoseCommandFailed) {
  Play({Reader(), Script().Complains("connection lost\n").Exits(2, milliseconds{10})});
  const BackupOutcome outcome = Stream();
  EXPECT_EQ(outcome.kind, Kind::kFailed);
  EXPECT_EQ(outcome.summary.snapshot_id, "");
  EXPECT_EQ(outcome.failure->reason, "the command pg_dump ended with exit code 2: connection lost");
}

TEST_F(ResticBackup, NamesAStreamCommandThatIsNotThere) {
  Play({Reader(), Script::Missing("pg_dump: not found in PATH")});
  const BackupOutcome outcome = Stream();
  EXPECT_EQ(outcome.kind, Kind::kFailed);
  EXPECT_EQ(outcome.failure->cause, Cause::kProgramMissing);
  EXPECT_EQ(outcome.summary.snapshot_id, "");
}

TEST_F(ResticBackup, BlamesResticWhenItEndsBeforeTheStreamDoes) {
  Play({Script().Complains("Fatal: wrong password or no key found\n").Exits(1),
        Script().ExitsOn(2, 130)});
  const BackupOutcome outcome = Stream();
  EXPECT_EQ(outcome.kind, Kind::kFailed);
  EXPECT_EQ(outcome.failure->cause, Cause::kWrongPassword);
}

class ResticEmptyStream : public ResticBackup {
 protected:
  static Script SavesNothing() {
    return Script().AtEndOfInput(
        Script()
            .Prints(Summary(kId))
            .Complains(R"({"message_type":"error","error":{"message":"no data read"},"item":"/x"})"
                       "\nWarning: at least one source file could not be read\n")
            .Exits(3));
  }
  static inline const std::string kId = std::string(64, 'a');
};

TEST_F(ResticEmptyStream, FailsAndNamesItsWorthlessSnapshot) {
  Play({SavesNothing(), Script().Exits(0)});
  const BackupOutcome outcome = Stream({0, 19, 1});
  EXPECT_EQ(outcome.kind, Kind::kFailed);
  EXPECT_EQ(outcome.failure->reason, "the command's output could not be stored: no data read");
  EXPECT_EQ(outcome.summary.snapshot_id, kId);
  EXPECT_EQ(processes_.Launched().size(), 2U) << "whoever owns the gate removes it";
}

TEST_F(ResticBackup, NeverStopsAStreamForAVanishedLock) {
  Play({Script().Complains(kStall).ExitsOn(2, 130).AtEndOfInput(
            Script().Prints(Summary("54f13b08")).Exits(0)),
        Script().Exits(0, milliseconds{10})});
  EXPECT_EQ(Stream().kind, Kind::kComplete);
  EXPECT_EQ(processes_.Launched().size(), 2U);
}

TEST_F(ResticBackup, StopsBothEndsOfAStreamOnRequest) {
  Play({Reader(), Script().Does([this] { stop_.Stop(); }, milliseconds{5}).ExitsOn(2, 130)});
  const BackupOutcome outcome = Stream();
  EXPECT_EQ(outcome.kind, Kind::kFailed);
  EXPECT_EQ(outcome.failure->cause, Cause::kInterrupted);
  EXPECT_EQ(outcome.summary.snapshot_id, "");
}

TEST_F(ResticBackup, BeginsNoStreamAfterAStop) {
  Play({});
  stop_.Stop();
  EXPECT_EQ(Stream().failure->cause, Cause::kInterrupted);
  EXPECT_TRUE(processes_.Launched().empty());
}

}  // namespace
}  // namespace runner
