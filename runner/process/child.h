#pragma once

#include <poll.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/process/output.h"
#include "runner/process/process_runner.h"
#include "runner/process/stall_watch.h"
#include "runner/process/stop_sequence.h"
#include "runner/process/unique_fd.h"

namespace runner {

/// What is known of a child at its launch.
struct LaunchedChild {
  pid_t pid = -1;
  std::string nonce;  // see ExecRequest
  UniqueFd out;       // read end of its standard output; may be empty
  UniqueFd err;
  UniqueFd wake;  // eventfd, wakes the thread that serves the child
};

/// The code of Exited when the status was taken by a foreign wait for any child: unknown, hence a
/// failure.
inline constexpr int kLostStatus = -1;

/// One running child: reads its pipes, watches it, stops it, reaps it (and only it).
/// RequestStop(), Hurry() and Notify() from any thread; everything else from one thread at a time.
/// Destroying it while it runs kills its group and waits.
class Child {
 public:
  Child(ProcessSpec spec, LaunchedChild launched, const Clock& clock);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t Pid() const { return launched_.pid; }
  void RequestStop(StopCause cause);
  /// A stop that was requested goes on with its next signal at once.
  void Hurry();
  /// Makes a poll on this child's descriptors return.
  void Notify();

  /// Serves this child until it is done, and `peer` (may be null) meanwhile, so that one thread can
  /// wait for both ends of a pipe without either blocking on output that nobody reads. Another
  /// thread may wait for the peer as well.
  ProcessResult Wait(Child* peer);

 private:
  enum class Phase { kRunning, kDraining, kDone };

  void AddPollDescriptors(std::vector<pollfd>& into) const;
  [[nodiscard]] std::optional<MonotonicTime> NextDeadline() const;
  void Advance();
  void ReadOutput();
  void ReadErrors();
  std::string_view AfterReadyLine(std::string_view bytes);
  void OnErrorLine(std::string_view line);
  void Finish();
  void BeginStop(StopCause cause, MonotonicTime now);
  void SendDueSignal(MonotonicTime now);
  void Watch(MonotonicTime now);
  bool RunsAway(MonotonicTime now);
  void NoteEnd(MonotonicTime now);
  void CountMemoryKills();
  void Reap();
  [[nodiscard]] bool LeaderEnded() const;
  void SignalGroup(int signal) const;
  static void ServeOnce(const std::vector<Child*>& children, const Clock& clock);

  const ProcessSpec spec_;
  const Clock& clock_;
  const MonotonicTime started_;
  const std::optional<long> memory_kills_before_;
  LaunchedChild launched_;
  UniqueFd pidfd_;  // empty on kernels before 5.3: the end is then looked for every 50 ms

  LineSplitter out_lines_;
  LineSplitter err_lines_;
  Tail out_tail_;
  Tail err_tail_;
  targets::Bytes received_ = 0;
  std::string opening_;  // the first bytes of standard error, until it is known what they are
  bool opening_over_ = false;
  bool ready_ = false;  // the hidden mode has done its part
  bool first_error_line_ = true;
  std::string exec_failure_;
  StallWatch stall_;
  std::optional<MonotonicTime> next_write_look_;  // empty: no limit
  MonotonicTime drain_until_{};
  ProcessResult result_;

  std::atomic<bool> waited_ = false;  // its own Wait() has begun: a peer's leaves it alone
  std::mutex serving_;                // held by the thread that serves it

  mutable std::mutex mutex_;  // guards what follows, and the process id against reuse
  Phase phase_ = Phase::kRunning;
  StopSequence stop_;
};

}  // namespace runner
