// A runner to be killed in a test: runs its first argument with sh and waits for it.
#include <string_view>

#include "runner/base/clock.h"
#include "runner/process/exec_mode.h"
#include "runner/process/posix_process_runner.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == runner::kExecModeName) {
    return runner::ExecMain(argc, argv);
  }
  if (argc != 2) return 2;
  const runner::SystemClock clock;
  runner::PosixProcessRunner launcher(clock);
  runner::ProcessSpec spec;
  spec.argv = {"sh", "-c", argv[1]};
  return launcher.Run(spec).Succeeded() ? 0 : 1;
}
