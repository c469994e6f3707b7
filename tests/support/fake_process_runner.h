#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runner/process/process_runner.h"
#include "runner/process/stall_watch.h"
#include "tests/support/fake_clock.h"

namespace runner::testing {

/// What a pretended program does, and when after its launch. Without an end it runs until a signal
/// ends it.
class Script {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// Bytes to standard output; a newline is not added.
  Script& Prints(std::string text, Milliseconds at = Milliseconds{0});
  /// Bytes to standard error.
  Script& Complains(std::string text, Milliseconds at = Milliseconds{0});
  /// I/O and CPU time that a watcher sees.
  Script& Works(ProcessActivity done, Milliseconds at = Milliseconds{0});
  /// Anything else that the world sees, e.g. a file in a MemoryFileSystem, or a stop that another
  /// thread asks for.
  Script& Does(std::function<void()> effect, Milliseconds at = Milliseconds{0});
  Script& Exits(int code, Milliseconds at = Milliseconds{0});
  Script& Dies(int signal, Milliseconds at = Milliseconds{0});
  /// The reader of a pair: what it does from the end of its input on.
  Script& AtEndOfInput(Script then);
  /// Signals end a program unless it says otherwise (SIGKILL always does).
  Script& Ignores(int signal);
  Script& ExitsOn(int signal, int code);
  /// The same, after one last effect.
  Script& ExitsOn(int signal, int code, std::function<void()> effect);
  /// The program is not there: NotStarted with this reason.
  static Script Missing(std::string reason);

 private:
  friend class FakeProcess;
  friend class FakeProcessRunner;

  struct Step {
    Milliseconds at;
    std::function<void(class FakeProcess&)> act;
  };
  Script& Add(Milliseconds at, std::function<void(class FakeProcess&)> act);

  std::vector<Step> steps_;  // ordered by time; equal times in the order of the calls
  std::shared_ptr<Script> at_end_of_input_;
  struct Reaction {
    std::optional<int> code;  // nothing happens
    std::function<void()> effect;
  };
  std::map<int, Reaction> reactions_;  // by signal
  std::optional<std::string> missing_;
};

/// A small working model of ProcessRunner: programs are scripts, and Wait() moves the FakeClock
/// from event to event. It obeys the same contract as the real one
/// (tests/runner/process/contract_test.cc): lines, tails, deadlines, stalls, the order of a stop,
/// pairs. A program for which no rule was given is NotStarted. Thread-safe, but time makes sense
/// only while one thread waits.
class FakeProcessRunner final : public ProcessRunner {
 public:
  using Matcher = std::function<bool(const ProcessSpec& spec)>;
  using Behaviour = std::function<Script(const ProcessSpec& spec)>;
  /// Returns when the clock has come to `until`, or earlier.
  using Sleep = std::function<void(MonotonicTime until)>;
  using Watcher = std::function<void(pid_t pid, const ProcessSpec& spec)>;

  explicit FakeProcessRunner(FakeClock& clock);
  ~FakeProcessRunner() override;

  /// The newest rule that matches decides.
  void When(Matcher matcher, Behaviour behaviour);
  void When(Matcher matcher, Script script);

  /// Instead of moving the clock Wait() sleeps by this, so that others may act meanwhile. The
  /// reader of a pair then leaves the time to the writer, and must need none after the end of its
  /// input.
  void SleepBy(Sleep sleep) { sleep_ = std::move(sleep); }
  /// Told of every start and of every end.
  void WatchBy(Watcher started, Watcher ended) {
    started_ = std::move(started);
    ended_ = std::move(ended);
  }
  /// The process id of what is launched next; for behaviours.
  [[nodiscard]] pid_t NextPid() const { return last_pid_ + 1; }
  /// The machine is off: whatever runs is dead at once and notices nothing, and nothing starts any
  /// more.
  void PowerOff();

  /// Every specification that was launched, in order (also those that were not started).
  [[nodiscard]] std::vector<ProcessSpec> Launched() const;
  /// What happened, in order: "start ARGV", "signal N PROGRAM", "exit N PROGRAM", "death N
  /// PROGRAM", "end of input".
  [[nodiscard]] std::vector<std::string> History() const;

  std::unique_ptr<Process> Launch(ProcessSpec spec) override;
  std::unique_ptr<StreamPair> LaunchStream(ProcessSpec producer, ProcessSpec consumer) override;
  void StopAll() override;

 private:
  friend class FakeProcess;
  friend class FakeStreamPair;
  struct Pipe;

  std::unique_ptr<Process> Start(ProcessSpec spec, std::shared_ptr<Pipe> in,
                                 std::shared_ptr<Pipe> out);
  [[nodiscard]] Script Find(const ProcessSpec& spec) const;
  void Record(std::string what);
  void Forget(const class FakeProcess* process);

  struct Rule {
    Matcher matcher;
    Behaviour behaviour;
  };

  FakeClock& clock_;
  mutable std::recursive_mutex mutex_;  // handlers, which run under it, may call the runner
  std::condition_variable_any changed_;
  std::vector<Rule> rules_;
  std::vector<ProcessSpec> launched_;
  std::vector<std::string> history_;
  std::vector<class FakeProcess*> running_;
  pid_t last_pid_ = 1000;
  bool stopping_ = false;
  bool off_ = false;
  Sleep sleep_;
  Watcher started_;
  Watcher ended_;
};

/// Matches a program whose argv has all these words, in this order, not necessarily side by side.
FakeProcessRunner::Matcher HasWords(std::vector<std::string> words);

}  // namespace runner::testing
