#pragma once

#include <functional>
#include <map>
#include <string>

#include "runner/app/console.h"
#include "runner/app/signals.h"
#include "runner/base/clock.h"
#include "runner/base/file_system.h"
#include "runner/process/process_runner.h"
#include "runner/restic/restic.h"

namespace runner {

/// The four seams and what else a command may touch of the world. Owned by main, outlives every
/// command.
struct Machine {
  const Clock& clock;
  FileSystem& files;
  ProcessRunner& processes;
  Console& console;
  StopHandle& stop;                                // used by Ctrl-C and SIGTERM
  std::map<std::string, std::string> environment;  // of this process
  std::string self;                                // this very program, for its hidden modes
  std::string host_name;
  SignalRelay& signals;
  std::function<void()> hurry;  // ends every child without waiting for its grace
  /// Set by a command that leaves a thread in a system call which may never return: the program
  /// then ends without waiting for it and without destroying what it uses.
  bool leave_at_once = false;
};

}  // namespace runner
