#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "targets/base/result.h"
#include "targets/base/size.h"
#include "targets/model/target.h"

namespace runner {

/// How a stop proceeds: each signal goes to the whole process group; after its grace the next one
/// follows.
struct StopPolicy {
  std::chrono::milliseconds interrupt_grace{60'000};  // after SIGINT
  std::chrono::milliseconds terminate_grace{10'000};  // after SIGTERM; then SIGKILL

  bool operator==(const StopPolicy&) const = default;
};

/// When the watcher stops a child by itself. Absent: never.
struct WatchPolicy {
  std::optional<std::chrono::milliseconds> max_runtime;
  /// Neither I/O (more than `stall_bytes` read or written) nor CPU time (more than a tenth of a
  /// second and 1 % of the timeout) of the group in so long. Output that the runner received does
  /// not count: restic prints a status line every second while it hangs (docs/decisions).
  std::optional<std::chrono::milliseconds> stall_timeout;
  targets::Bytes stall_bytes = 64 * 1024;

  bool operator==(const WatchPolicy&) const = default;
};

/// Called with each whole line (without its newline; cut at 64 KiB) in the thread that waits for
/// the child.
using LineHandler = std::function<void(std::string_view line)>;

/// What a watcher of the output wants next; see ProcessSpec::on_stderr_line.
enum class LineVerdict { kContinue, kStop };

/// One program to run. Plain data, comparable where it matters: `plan` prints what `run` launches.
struct ProcessSpec {
  targets::Argv argv;                              // argv[0] is looked up in PATH
  std::map<std::string, std::string> environment;  // added to the runner's own, or replacing
  std::vector<std::string> unset;  // names (or "PREFIX*") removed from the runner's own environment
  std::string working_directory;   // empty: the runner's
  std::optional<uid_t> uid;        // needs root
  std::optional<gid_t> gid;
  std::optional<int> nice;
  std::optional<mode_t> umask;
  /// Sent to the child when the runner dies. 0: none.
  int parent_death_signal = 2;  // SIGINT: restic then removes its lock
  WatchPolicy watch;
  StopPolicy stop;

  LineHandler on_stdout_line;                                        // may be empty
  std::function<LineVerdict(std::string_view line)> on_stderr_line;  // may be empty
  /// True: it has not come to its work yet, and must within six times WatchPolicy::stall_timeout,
  /// however busy it looks. Asked in the thread that waits. Empty: it works from its start.
  std::function<bool()> prepares;
  /// How many bytes the program itself (not its children) may have written by now, of which it gets
  /// told how many it has read; looked at every few seconds in the thread that waits. Empty: no
  /// limit.
  std::function<targets::Bytes(targets::Bytes read)> write_limit;
  std::size_t stdout_tail = 64 * 1024;  // bytes of the end that are kept in the result
  std::size_t stderr_tail = 64 * 1024;
};

struct Exited {
  int code = 0;
  bool operator==(const Exited&) const = default;
};
struct Signalled {
  int signal = 0;
  bool operator==(const Signalled&) const = default;
};
/// The program could not be started: not found, not executable, no such user, no memory.
struct NotStarted {
  std::string reason;
  bool operator==(const NotStarted&) const = default;
};
using ExitStatus = std::variant<Exited, Signalled, NotStarted>;

/// Why the runner itself asked the child to stop.
/// kRunaway: it wrote more than its write_limit.
enum class StopCause { kNone, kRequested, kDeadline, kStalled, kRunaway, kOutputVerdict };

struct ResourceUse {
  std::chrono::milliseconds wall{};
  std::chrono::milliseconds cpu{};  // user and system, the child and what it waited for
  targets::Bytes peak_memory = 0;
  targets::Bytes read_bytes = 0;  // rchar/wchar of /proc/PID/io, last sample before the end
  targets::Bytes written_bytes = 0;
  /// Processes of the runner's control group that the kernel killed for want of memory between this
  /// one's launch and its end by SIGKILL; 0 also where nobody counts.
  long memory_kills = 0;
};

struct ProcessResult {
  ExitStatus status;
  StopCause stop_cause = StopCause::kNone;
  std::string stdout_tail;
  std::string stderr_tail;
  ResourceUse resources;

  [[nodiscard]] bool Succeeded() const {
    const auto* exited = std::get_if<Exited>(&status);
    return exited != nullptr && exited->code == 0 && stop_cause == StopCause::kNone;
  }
};

/// A running child. Destroying it while it runs stops the group with SIGKILL and waits.
class Process {
 public:
  virtual ~Process() = default;
  /// Blocks until the process has ended and its pipes are drained (for a bounded time: a grandchild
  /// may hold them). REQUIRES: called once, from one thread.
  virtual ProcessResult Wait() = 0;
  /// Asks for the graceful stop of ProcessSpec::stop and returns at once. Any thread; again: no
  /// effect.
  virtual void RequestStop(StopCause cause) = 0;
  /// -1 if it was never started.
  [[nodiscard]] virtual pid_t Pid() const = 0;
};

/// Two programs joined by a pipe of which the runner keeps its own copy of the write end: the
/// reader sees the end of its input only after CloseWriteEnd(). Destroying it kills what still
/// runs, then closes the copy.
///
/// One thread is enough: Producer().Wait() serves the consumer's output, handlers and limits
/// meanwhile, and the other way round. So the whole story is
///
///     const ProcessResult produced = pair->Producer().Wait();
///     if (produced.Succeeded()) pair->CloseWriteEnd();
///     else pair->Consumer().RequestStop(StopCause::kRequested);  // its input is still open
///     const ProcessResult consumed = pair->Consumer().Wait();
class StreamPair {
 public:
  virtual ~StreamPair() = default;
  virtual Process& Producer() = 0;
  virtual Process& Consumer() = 0;
  virtual void CloseWriteEnd() = 0;
};

/// Runs programs. One real implementation (Poco::Process through the hidden `exec` mode), a fake
/// with time that a test moves, and one that refuses (for `plan`). Thread-safe.
class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;

  /// Never fails: a program that cannot be started is a Process whose result says NotStarted.
  /// Standard input is /dev/null.
  virtual std::unique_ptr<Process> Launch(ProcessSpec spec) = 0;

  /// Starts `consumer` first (so that it is told first when the runner dies), then `producer` into
  /// its standard input.
  virtual std::unique_ptr<StreamPair> LaunchStream(ProcessSpec producer, ProcessSpec consumer) = 0;

  /// Stops every child that runs and makes every later Launch return NotStarted. Any thread.
  virtual void StopAll() = 0;

  ProcessResult Run(ProcessSpec spec) { return Launch(std::move(spec))->Wait(); }
};

}  // namespace runner
