// The main of test programs that run real processes: the program itself is the hidden `exec` mode
// of its children.
#include <gtest/gtest.h>

#include <csignal>
#include <string_view>

#include "runner/process/exec_mode.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == runner::kExecModeName) {
    return runner::ExecMain(argc, argv);
  }
  std::signal(SIGPIPE, SIG_IGN);  // as the runner does
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
