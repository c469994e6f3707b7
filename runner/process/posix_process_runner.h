#pragma once

#include <memory>
#include <string>

#include "runner/base/clock.h"
#include "runner/process/process_runner.h"

namespace runner {

/// Runs real programs: Poco::Process starts this very program in its hidden mode (exec_mode.h),
/// which becomes the command.
///
/// All launches happen in one thread of its own, since the parent-death signal follows the thread
/// that forked; it lives as long as this object, which therefore must outlive every Process and
/// lives as long as the program itself. The first one lowers the soft limit of open files of the
/// whole process to 1024: Poco closes every possible descriptor in each child, one by one. Children
/// get the old limit back. The caller ignores SIGPIPE if it writes to pipes; children start with
/// every signal at its default and unblocked.
class PosixProcessRunner final : public ProcessRunner {
 public:
  /// `program` is called with kExecModeName as its first argument. `clock` outlives the runner.
  explicit PosixProcessRunner(const Clock& clock, std::string program = "/proc/self/exe");
  /// Stops what runs.
  ~PosixProcessRunner() override;

  std::unique_ptr<Process> Launch(ProcessSpec spec) override;
  std::unique_ptr<StreamPair> LaunchStream(ProcessSpec producer, ProcessSpec consumer) override;
  void StopAll() override;

  /// StopAll() for somebody who does not want to wait: each stop goes on with its next signal.
  void HurryAll();
  /// As process 1: takes the exit status of every dead process that is no child of ours, and leaves
  /// those of our children to whoever waits for them. Call it on SIGCHLD. A dead child of ours that
  /// nobody has waited for yet may hide orphans; the next call finds them.
  void ReapOrphans();

 private:
  class Launcher;
  std::unique_ptr<Launcher> launcher_;
};

}  // namespace runner
