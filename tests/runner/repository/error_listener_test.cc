#include "runner/repository/error_listener.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/fake_process_runner.h"
#include "tests/support/memory_file_system.h"

namespace runner {
namespace {

using targets::Stage;
using targets::TargetId;
using testing::Script;

const MarkerKey kBackup{TargetId("photos"), Stage::kBackup};
const MarkerKey kCheck{{}, Stage::kCheck};

class ErrorListenerTest : public ::testing::Test {
 protected:
  ErrorListenerTest() { EXPECT_TRUE(folder_.Prepare(clock_.Now())); }

  static ProcessSpec Spec(const std::string& program) {
    ProcessSpec spec;
    spec.argv = {program};
    return spec;
  }
  void Says(const std::string& program, const std::string& text, int code = 1) {
    processes_.When(testing::HasWords({program}), Script().Complains(text).Exits(code));
  }
  /// "backup: text" of each line.
  std::vector<std::string> Log(const TargetId& target) {
    std::vector<std::string> lines;
    const std::vector<ErrorLine> known = log_.Read(target, clock_.Now()).lines;
    for (const ErrorLine& line : known)
      lines.push_back(std::string(targets::StageName(line.stage)) + ": " + line.text);
    return lines;
  }

  testing::FakeClock clock_;
  testing::FakeProcessRunner processes_{clock_};
  testing::MemoryFileSystem files_;
  targets::Redactor redactor_;
  StateFolder folder_{files_, "/state"};
  ErrorLog log_{files_, redactor_, folder_};
  ErrorListener listener_{processes_, log_, clock_};
};

using Lines = std::vector<std::string>;

TEST_F(ErrorListenerTest, KeepsWhatTheChildrenOfARunSaid) {
  Says("one", "first\n");
  Says("two", "second\nthird\n", 0);
  {
    const ErrorListener::Listening listening(listener_, kBackup);
    EXPECT_EQ(listener_.Run(Spec("one")).stderr_tail, "first\n") << "nothing is taken away";
    listener_.Run(Spec("two"));
    EXPECT_EQ(Log(kBackup.target), Lines{}) << "written at the end";
  }
  EXPECT_EQ(Log(kBackup.target), (Lines{"backup: first", "backup: second", "backup: third"}));
}

TEST_F(ErrorListenerTest, DoesNotListenOutsideOfARun) {
  Says("one", "first\n");
  { const ErrorListener::Listening listening(listener_, kBackup); }
  listener_.Run(Spec("one"));
  { const ErrorListener::Listening listening(listener_, kCheck); }
  EXPECT_EQ(Log(kBackup.target), Lines{});
  EXPECT_EQ(Log({}), Lines{});
}

TEST_F(ErrorListenerTest, TellsTheRunsOfThreadsApart) {
  Says("one", "of the backup\n");
  Says("two", "of the check\n");
  const ErrorListener::Listening listening(listener_, kBackup);
  std::thread([this] {
    const ErrorListener::Listening other(listener_, kCheck);
    listener_.Run(Spec("two"));
  }).join();
  EXPECT_EQ(Log({}), Lines{"check: of the check"});
  EXPECT_EQ(Log(kBackup.target), Lines{});
}

TEST_F(ErrorListenerTest, OfAStreamHearsTheReaderInWhateverThreadItIsWaitedFor) {
  Says("dump", "of the user's command\n", 0);
  processes_.When(testing::HasWords({"restic"}),
                  Script().Complains("of restic\n").AtEndOfInput(Script().Exits(0)));
  {
    const ErrorListener::Listening listening(listener_, kBackup);
    const auto pair = listener_.LaunchStream(Spec("dump"), Spec("restic"));
    pair->Producer().Wait();
    pair->CloseWriteEnd();
    std::thread([&] { pair->Consumer().Wait(); }).join();
  }
  EXPECT_EQ(Log(kBackup.target), Lines{"backup: of restic"});
}

TEST_F(ErrorListenerTest, TellsWhatWasHeardInThisThreadsRun) {
  Says("one", "first\n");
  Says("two", "second\n", 0);
  listener_.Run(Spec("one"));
  EXPECT_EQ(listener_.Heard(), RunOutput{}) << "nobody listens";
  const ErrorListener::Listening listening(listener_, kBackup);
  EXPECT_EQ(listener_.Heard(), RunOutput{});
  listener_.Run(Spec("one"));
  listener_.Run(Spec("two"));
  EXPECT_EQ(listener_.Heard().programs, 2);
  EXPECT_EQ(listener_.Heard().tail,
            (Lines{"restic: exit code 1", "first", "restic: exit code 0", "second"}));
  std::thread([this] { EXPECT_EQ(listener_.Heard(), RunOutput{}); }).join();
}

TEST_F(ErrorListenerTest, HearsBothEndsOfAStreamForTheHistory) {
  Says("dump", "of the user's command\n", 0);
  processes_.When(testing::HasWords({"restic"}),
                  Script().Complains("of restic\n").AtEndOfInput(Script().Exits(0)));
  const ErrorListener::Listening listening(listener_, kBackup);
  const auto pair = listener_.LaunchStream(Spec("dump"), Spec("restic"));
  pair->Producer().Wait();
  pair->CloseWriteEnd();
  pair->Consumer().Wait();
  EXPECT_EQ(listener_.Heard().tail, (Lines{"command dump: exit code 0", "of the user's command",
                                           "restic: exit code 0", "of restic"}));
}

TEST_F(ErrorListenerTest, LeavesOutWhatIsSaidBecauseOfAStop) {
  processes_.When(testing::HasWords({"one"}),
                  Script().Complains("Fatal: context canceled\n").ExitsOn(2, 130));
  {
    const ErrorListener::Listening listening(listener_, kBackup);
    const auto process = listener_.Launch(Spec("one"));
    process->RequestStop(StopCause::kRequested);
    process->Wait();
  }
  EXPECT_EQ(Log(kBackup.target), Lines{});
}

}  // namespace
}  // namespace runner
