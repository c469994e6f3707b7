#include "runner/app/exit_of_cause.h"

#include <gtest/gtest.h>

#include <map>

namespace runner {
namespace {

TEST(ExitOfCause, IsPartOfTheOneTable) {
  const std::map<Cause, ExitCode> table = {
      {Cause::kNone, ExitCode::kDone},
      {Cause::kIncomplete, ExitCode::kIncomplete},
      {Cause::kLocked, ExitCode::kBlocked},
      {Cause::kCapExceeded, ExitCode::kBlocked},
      {Cause::kInterrupted, ExitCode::kInterrupted},
  };
  for (int i = 0; i <= static_cast<int>(Cause::kUnknown); ++i) {
    const auto cause = static_cast<Cause>(i);
    const auto found = table.find(cause);
    EXPECT_EQ(ExitOfCause(cause), found == table.end() ? ExitCode::kFailed : found->second)
        << CauseName(cause);
  }
}

TEST(ExitOfCause, TakesACauseFromTheFutureForAFailure) {
  EXPECT_EQ(ExitOfCause(static_cast<Cause>(999)), ExitCode::kFailed);
}

TEST(ExitCodes, AreTheNumbersThatScriptsRelyOn) {
  EXPECT_EQ(static_cast<int>(ExitCode::kDone), 0);
  EXPECT_EQ(static_cast<int>(ExitCode::kFailed), 1);
  EXPECT_EQ(static_cast<int>(ExitCode::kUsage), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::kIncomplete), 3);
  EXPECT_EQ(static_cast<int>(ExitCode::kBlocked), 4);
  EXPECT_EQ(static_cast<int>(ExitCode::kInterrupted), 130);
}

}  // namespace
}  // namespace runner
