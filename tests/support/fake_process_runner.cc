#include "tests/support/fake_process_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "runner/process/output.h"
#include "runner/process/stop_sequence.h"
#include "runner/process/unstarted_process.h"

namespace runner::testing {

using std::chrono::milliseconds;

/// The model of a pipe between two programs, of which the runner holds one write end.
struct FakeProcessRunner::Pipe {
  bool writer_ended = false;
  bool runner_closed = false;
  bool reader_ended = false;

  [[nodiscard]] bool AtEnd() const { return writer_ended && runner_closed; }
};

class FakeProcess final : public Process {
 public:
  using PipePtr = std::shared_ptr<FakeProcessRunner::Pipe>;

  FakeProcess(FakeProcessRunner& runner, ProcessSpec spec, Script script, pid_t pid, PipePtr in,
              PipePtr out)
      : runner_(runner),
        spec_(std::move(spec)),
        script_(std::move(script)),
        pid_(pid),
        in_(std::move(in)),
        out_(std::move(out)),
        started_(Now()),
        steps_from_(started_),
        out_tail_(spec_.stdout_tail),
        err_tail_(spec_.stderr_tail),
        stall_(spec_.watch, started_),
        stop_(spec_.stop) {}

  ~FakeProcess() override {
    if (!ended_) Receive(SIGKILL);
    runner_.Forget(this);
  }

  ProcessResult Wait() override {
    std::unique_lock lock(runner_.mutex_);
    while (!ended_) {
      if (runner_.sleep_ && LeavesTimeToPeer()) {
        runner_.changed_.wait(lock, [this] { return !LeavesTimeToPeer(); });
        continue;
      }
      const auto next = Next();
      if (!next && !AnotherThreadActs(lock)) {
        ADD_FAILURE() << "fake program waits for ever: " << QuotedProgram(spec_);
        Receive(SIGKILL);
      }
      if (next) SleepUntil(*next, lock);
      if (peer_ != nullptr) peer_->Advance();
      Advance();
    }
    return Finish();
  }

  void RequestStop(StopCause cause) override {
    const std::lock_guard lock(runner_.mutex_);
    if (!ended_) stop_.Begin(cause, Now());
    runner_.changed_.notify_all();
  }
  [[nodiscard]] pid_t Pid() const override { return pid_; }
  [[nodiscard]] const ProcessSpec& Spec() const { return spec_; }
  void Kill() {
    if (!ended_) Receive(SIGKILL);
  }
  void SetPeer(FakeProcess* peer) { peer_ = peer; }

  // What the steps of a script do.
  void Print(const std::string& text) {
    if (out_ == nullptr) return Output(text, out_tail_, out_lines_, spec_.on_stdout_line);
    if (out_->reader_ended) return Receive(SIGPIPE);
    activity_.io += text.size();
  }
  void Complain(const std::string& text) {
    Output(text, err_tail_, err_lines_, [this](std::string_view line) { OnErrorLine(line); });
  }
  void Work(const ProcessActivity& done) {
    activity_.io += done.io;
    activity_.cpu += done.cpu;
  }
  void End(ExitStatus status) {
    if (std::exchange(ended_, true)) return;
    ended_at_ = Now();
    if (in_ != nullptr) in_->reader_ended = true;
    if (out_ != nullptr) out_->writer_ended = true;
    if (runner_.ended_ && !runner_.off_) runner_.ended_(pid_, spec_);
    runner_.changed_.notify_all();
    const auto* exited = std::get_if<Exited>(&status);
    runner_.Record((exited != nullptr
                        ? "exit " + std::to_string(exited->code)
                        : "death " + std::to_string(std::get<Signalled>(status).signal)) +
                   " " + spec_.argv.front());
    result_.status = std::move(status);
  }

 private:
  static std::optional<MonotonicTime> Earlier(std::optional<MonotonicTime> a,
                                              std::optional<MonotonicTime> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
  }
  [[nodiscard]] std::optional<MonotonicTime> Next() const {
    return peer_ != nullptr ? Earlier(NextEvent(), peer_->NextEvent()) : NextEvent();
  }
  /// Nothing can happen by itself. True: a stop or the end of the input came from another thread;
  /// real time passes only in a test that is about to fail.
  bool AnotherThreadActs(std::unique_lock<std::recursive_mutex>& lock) {
    return runner_.changed_.wait_for(lock, std::chrono::seconds(20),
                                     [this] { return Next().has_value(); });
  }
  /// The reader of a pair: while the writer lives, whoever waits for that one serves both.
  [[nodiscard]] bool LeavesTimeToPeer() const {
    return !ended_ && peer_ != nullptr && in_ != nullptr && !peer_->ended_;
  }
  void SleepUntil(MonotonicTime until, std::unique_lock<std::recursive_mutex>& lock) {
    if (!runner_.sleep_) return runner_.clock_.AdvanceTo(until);
    lock.unlock();
    runner_.sleep_(until);
    lock.lock();
  }
  [[nodiscard]] MonotonicTime Now() const { return runner_.clock_.Monotonic(); }

  void Output(const std::string& text, Tail& tail, LineSplitter& lines,
              const LineSplitter::Sink& sink) {
    activity_.io += text.size();
    received_ += text.size();
    tail.Feed(text);
    lines.Feed(text, sink);
  }

  void OnErrorLine(std::string_view line) {
    if (spec_.on_stderr_line && spec_.on_stderr_line(line) == LineVerdict::kStop) {
      RequestStop(StopCause::kOutputVerdict);
    }
  }

  void Receive(int signal) {
    if (ended_) return;
    const auto reaction = script_.reactions_.find(signal);
    if (signal == SIGKILL || reaction == script_.reactions_.end()) return End(Signalled{signal});
    if (!reaction->second.code) return;
    if (reaction->second.effect) reaction->second.effect();
    End(Exited{*reaction->second.code});
  }

  [[nodiscard]] std::optional<MonotonicTime> NextEvent() const {
    if (ended_) return std::nullopt;
    std::optional<MonotonicTime> next = stop_.Next();
    if (in_ != nullptr && in_->AtEnd() && script_.at_end_of_input_) return Now();
    if (next_step_ < script_.steps_.size()) {
      next = Earlier(next, steps_from_ + script_.steps_[next_step_].at);
    }
    if (stop_.Cause() != StopCause::kNone) return next;
    if (spec_.watch.max_runtime) next = Earlier(next, started_ + *spec_.watch.max_runtime);
    return Earlier(next, stall_.NextLook());
  }

  void Advance() {
    FollowInput();
    while (!ended_ && next_step_ < script_.steps_.size() &&
           steps_from_ + script_.steps_[next_step_].at <= Now()) {
      script_.steps_[next_step_++].act(*this);
    }
    if (ended_) return;
    Watch();
    if (const auto signal = stop_.Due(Now())) {
      runner_.Record("signal " + std::to_string(*signal) + " " + spec_.argv.front());
      Receive(*signal);
    }
  }

  void FollowInput() {
    if (ended_ || in_ == nullptr || !in_->AtEnd() || !script_.at_end_of_input_) return;
    const auto then = std::exchange(script_.at_end_of_input_, nullptr);
    script_.steps_ = then->steps_;
    steps_from_ = Now();
    next_step_ = 0;
  }

  void Watch() {
    if (stop_.Cause() != StopCause::kNone) return;
    if (spec_.watch.max_runtime && Now() - started_ >= *spec_.watch.max_runtime) {
      RequestStop(StopCause::kDeadline);
    } else if (stall_.NextLook() && Now() >= *stall_.NextLook() &&
               stall_.Look({{pid_, activity_}}, received_, Now(),
                           spec_.prepares && spec_.prepares())) {
      RequestStop(StopCause::kStalled);
    }
  }

  ProcessResult Finish() {
    out_lines_.Finish(spec_.on_stdout_line);
    err_lines_.Finish([this](std::string_view line) { OnErrorLine(line); });
    result_.stop_cause = stop_.Cause();
    result_.stdout_tail = out_tail_.Take();
    result_.stderr_tail = err_tail_.Take();
    result_.resources.wall = ended_at_ - started_;
    result_.resources.cpu = activity_.cpu;
    result_.resources.written_bytes = activity_.io;
    return result_;
  }

  FakeProcessRunner& runner_;
  const ProcessSpec spec_;
  Script script_;
  const pid_t pid_;
  const PipePtr in_;
  const PipePtr out_;
  FakeProcess* peer_ = nullptr;

  const MonotonicTime started_;
  MonotonicTime steps_from_;
  MonotonicTime ended_at_{};
  std::size_t next_step_ = 0;
  bool ended_ = false;
  ProcessActivity activity_;
  targets::Bytes received_ = 0;
  LineSplitter out_lines_;
  LineSplitter err_lines_;
  Tail out_tail_;
  Tail err_tail_;
  StallWatch stall_;
  StopSequence stop_;
  ProcessResult result_;
};

class FakeStreamPair final : public StreamPair {
 public:
  FakeStreamPair(FakeProcessRunner& runner, std::unique_ptr<Process> producer,
                 std::unique_ptr<Process> consumer, std::shared_ptr<FakeProcessRunner::Pipe> pipe)
      : runner_(runner),
        pipe_(std::move(pipe)),
        producer_(std::move(producer)),
        consumer_(std::move(consumer)) {
    auto* producing = dynamic_cast<FakeProcess*>(producer_.get());
    auto* consuming = dynamic_cast<FakeProcess*>(consumer_.get());
    if (producing == nullptr) pipe_->writer_ended = true;
    if (consuming == nullptr) pipe_->reader_ended = true;
    if (producing != nullptr) producing->SetPeer(consuming);
    if (consuming != nullptr) consuming->SetPeer(producing);
  }

  Process& Producer() override { return *producer_; }
  Process& Consumer() override { return *consumer_; }
  void CloseWriteEnd() override {
    const std::lock_guard lock(runner_.mutex_);
    runner_.changed_.notify_all();
    if (!std::exchange(pipe_->runner_closed, true)) runner_.Record("end of input");
  }

 private:
  FakeProcessRunner& runner_;
  std::shared_ptr<FakeProcessRunner::Pipe> pipe_;
  std::unique_ptr<Process> producer_;
  std::unique_ptr<Process> consumer_;
};

Script& Script::Add(Milliseconds at, std::function<void(FakeProcess&)> act) {
  const auto later =
      std::find_if(steps_.begin(), steps_.end(), [&](const Step& step) { return step.at > at; });
  steps_.insert(later, Step{at, std::move(act)});
  return *this;
}

Script& Script::Prints(std::string text, Milliseconds at) {
  return Add(at, [text = std::move(text)](FakeProcess& self) { self.Print(text); });
}
Script& Script::Complains(std::string text, Milliseconds at) {
  return Add(at, [text = std::move(text)](FakeProcess& self) { self.Complain(text); });
}
Script& Script::Works(ProcessActivity done, Milliseconds at) {
  return Add(at, [done](FakeProcess& self) { self.Work(done); });
}
Script& Script::Does(std::function<void()> effect, Milliseconds at) {
  return Add(at, [effect = std::move(effect)](FakeProcess& /*self*/) { effect(); });
}
Script& Script::Exits(int code, Milliseconds at) {
  return Add(at, [code](FakeProcess& self) { self.End(Exited{code}); });
}
Script& Script::Dies(int signal, Milliseconds at) {
  return Add(at, [signal](FakeProcess& self) { self.End(Signalled{signal}); });
}
Script& Script::AtEndOfInput(Script then) {
  at_end_of_input_ = std::make_shared<Script>(std::move(then));
  return *this;
}
Script& Script::Ignores(int signal) {
  reactions_[signal] = {};
  return *this;
}
Script& Script::ExitsOn(int signal, int code) { return ExitsOn(signal, code, {}); }
Script& Script::ExitsOn(int signal, int code, std::function<void()> effect) {
  reactions_[signal] = {code, std::move(effect)};
  return *this;
}
Script Script::Missing(std::string reason) {
  Script script;
  script.missing_ = std::move(reason);
  return script;
}

FakeProcessRunner::FakeProcessRunner(FakeClock& clock) : clock_(clock) {}
FakeProcessRunner::~FakeProcessRunner() = default;

void FakeProcessRunner::When(Matcher matcher, Behaviour behaviour) {
  const std::lock_guard lock(mutex_);
  rules_.push_back({std::move(matcher), std::move(behaviour)});
}

void FakeProcessRunner::When(Matcher matcher, Script script) {
  When(std::move(matcher), [script = std::move(script)](const ProcessSpec&) { return script; });
}

std::vector<ProcessSpec> FakeProcessRunner::Launched() const {
  const std::lock_guard lock(mutex_);
  return launched_;
}

std::vector<std::string> FakeProcessRunner::History() const {
  const std::lock_guard lock(mutex_);
  return history_;
}

Script FakeProcessRunner::Find(const ProcessSpec& spec) const {
  const auto rule = std::find_if(rules_.rbegin(), rules_.rend(),
                                 [&](const Rule& candidate) { return candidate.matcher(spec); });
  if (rule != rules_.rend()) return rule->behaviour(spec);
  return Script::Missing("cannot start " + QuotedProgram(spec) + ": no fake program of this name");
}

void FakeProcessRunner::Record(std::string what) {
  const std::lock_guard lock(mutex_);
  history_.push_back(std::move(what));
}

void FakeProcessRunner::Forget(const FakeProcess* process) {
  const std::lock_guard lock(mutex_);
  std::erase(running_, process);
}

std::unique_ptr<Process> FakeProcessRunner::Start(ProcessSpec spec, std::shared_ptr<Pipe> in,
                                                  std::shared_ptr<Pipe> out) {
  const std::lock_guard lock(mutex_);
  if (off_) return MakeUnstarted("the machine is off");
  if (stopping_) return MakeUnstarted("the runner is stopping", StopCause::kRequested);
  if (spec.argv.empty()) return MakeUnstarted("cannot start a program without a name");
  std::string started = "start";
  for (const std::string& word : spec.argv) started += " " + word;
  launched_.push_back(spec);
  Script script = Find(spec);
  if (script.missing_) return MakeUnstarted(*script.missing_);
  Record(std::move(started));
  auto process = std::make_unique<FakeProcess>(*this, std::move(spec), std::move(script),
                                               ++last_pid_, std::move(in), std::move(out));
  running_.push_back(process.get());
  if (started_) started_(last_pid_, running_.back()->Spec());
  return process;
}

std::unique_ptr<Process> FakeProcessRunner::Launch(ProcessSpec spec) {
  return Start(std::move(spec), nullptr, nullptr);
}

std::unique_ptr<StreamPair> FakeProcessRunner::LaunchStream(ProcessSpec producer,
                                                            ProcessSpec consumer) {
  auto pipe = std::make_shared<Pipe>();
  auto consuming = Start(std::move(consumer), pipe, nullptr);
  auto producing = Start(std::move(producer), nullptr, pipe);
  return std::make_unique<FakeStreamPair>(*this, std::move(producing), std::move(consuming), pipe);
}

void FakeProcessRunner::StopAll() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  for (FakeProcess* process : running_) process->RequestStop(StopCause::kRequested);
}

void FakeProcessRunner::PowerOff() {
  const std::lock_guard lock(mutex_);
  off_ = true;
  for (FakeProcess* process : running_) process->Kill();
}

}  // namespace runner::testing
