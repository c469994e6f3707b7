#include "runner/process/refusing_process_runner.h"

#include <gtest/gtest.h>

namespace runner {
namespace {

TEST(RefusingProcessRunner, StartsNothingAndSaysSo) {
  RefusingProcessRunner refusing;
  ProcessSpec spec;
  spec.argv = {"true"};
  const ExitStatus refused = NotStarted{"plan starts no process"};
  const auto process = refusing.Launch(spec);
  process->RequestStop(StopCause::kRequested);
  EXPECT_EQ(process->Pid(), -1);
  EXPECT_EQ(process->Wait().status, refused);
  const auto pair = refusing.LaunchStream(spec, spec);
  pair->CloseWriteEnd();
  EXPECT_EQ(pair->Producer().Wait().status, refused);
  EXPECT_EQ(pair->Consumer().Wait().status, refused);
}

}  // namespace
}  // namespace runner
