#include "runner/process/child.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <utility>
#include <variant>

#include "runner/process/exec_mode.h"
#include "runner/process/memory_kills.h"
#include "runner/process/proc_files.h"

namespace runner {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDrainTime{1'000};
constexpr milliseconds kLookForEnd{50};  // without pidfd
constexpr milliseconds kWriteLook{2'000};
constexpr milliseconds kLongestSleep{
    60'000};  // a clock that a test moves is looked at now and then

/// <sys/pidfd.h> of glibc 2.36 lacks extern "C".
UniqueFd OpenPidfd(pid_t pid) {
  return UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

/// One read of what a pipe can hold; closes `fd` at its end.
std::string_view ReadSome(UniqueFd& fd, std::array<char, 65536>& buffer) {
  if (!fd.Valid()) return {};
  const ssize_t size = read(fd.Get(), buffer.data(), buffer.size());
  if (size > 0) return {buffer.data(), static_cast<std::size_t>(size)};
  if (size == 0 || (errno != EAGAIN && errno != EINTR)) fd.Reset();
  return {};
}

milliseconds ToMilliseconds(const timeval& time) {
  return std::chrono::duration_cast<milliseconds>(std::chrono::seconds(time.tv_sec) +
                                                  std::chrono::microseconds(time.tv_usec));
}

ExitStatus Decode(int status) {
  if (WIFSIGNALED(status)) return Signalled{WTERMSIG(status)};
  return Exited{WEXITSTATUS(status)};
}

void KeepEarlier(std::optional<MonotonicTime>& earliest, std::optional<MonotonicTime> other) {
  if (other && (!earliest || *other < *earliest)) earliest = other;
}

}  // namespace

Child::Child(ProcessSpec spec, LaunchedChild launched, const Clock& clock)
    : spec_(std::move(spec)),
      clock_(clock),
      started_(clock.Monotonic()),
      memory_kills_before_(ReadMemoryKills()),
      launched_(std::move(launched)),
      pidfd_(OpenPidfd(launched_.pid)),
      out_tail_(spec_.stdout_tail),
      err_tail_(spec_.stderr_tail),
      stall_(spec_.watch, started_),
      stop_(spec_.stop) {
  if (spec_.write_limit) next_write_look_ = started_ + kWriteLook;
}

Child::~Child() {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::kDone) return;
  SignalGroup(SIGKILL);
  Reap();
}

void Child::RequestStop(StopCause cause) {
  const std::lock_guard lock(mutex_);
  BeginStop(cause, clock_.Monotonic());
}

void Child::Hurry() {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::kRunning) return;
  const MonotonicTime now = clock_.Monotonic();
  stop_.Hurry(now);
  SendDueSignal(now);
  Notify();
}

void Child::Notify() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(launched_.wake.Get(), &one, sizeof one);
}

/// The group does not exist yet while the child is on its way through the hidden mode; all its
/// signals are blocked there, so that one sent to it alone waits for the command.
void Child::SignalGroup(int signal) const {
  if (kill(-launched_.pid, signal) != 0 && errno == ESRCH) kill(launched_.pid, signal);
}

void Child::BeginStop(StopCause cause, MonotonicTime now) {
  if (phase_ != Phase::kRunning || !stop_.Begin(cause, now)) return;
  SendDueSignal(now);
  Notify();
}

void Child::SendDueSignal(MonotonicTime now) {
  if (const auto signal = stop_.Due(now)) SignalGroup(*signal);
}

bool Child::LeaderEnded() const {
  siginfo_t info{};
  int done = 0;
  do {
    done = waitid(P_PID, static_cast<id_t>(launched_.pid), &info, WEXITED | WNOHANG | WNOWAIT);
  } while (done != 0 && errno == EINTR);
  return done != 0 || info.si_pid == launched_.pid;  // an error: somebody else has reaped it
}

void Child::AddPollDescriptors(std::vector<pollfd>& into) const {
  for (const UniqueFd* fd : {&launched_.out, &launched_.err, &launched_.wake}) {
    if (fd->Valid()) into.push_back({fd->Get(), POLLIN, 0});
  }
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::kRunning && pidfd_.Valid()) into.push_back({pidfd_.Get(), POLLIN, 0});
}

std::optional<MonotonicTime> Child::NextDeadline() const {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::kDraining) return drain_until_;
  std::optional<MonotonicTime> next = stop_.Next();
  if (stop_.Cause() == StopCause::kNone) {
    KeepEarlier(next, stall_.NextLook());
    KeepEarlier(next, next_write_look_);
    if (spec_.watch.max_runtime) KeepEarlier(next, started_ + *spec_.watch.max_runtime);
  }
  if (!pidfd_.Valid()) KeepEarlier(next, clock_.Monotonic() + kLookForEnd);
  return next;
}

void Child::Watch(MonotonicTime now) {
  if (stop_.Cause() != StopCause::kNone) return;
  if (spec_.watch.max_runtime && now - started_ >= *spec_.watch.max_runtime) {
    BeginStop(StopCause::kDeadline, now);
  } else if (stall_.NextLook() && now >= *stall_.NextLook() &&
             stall_.Look(ReadGroupActivity(launched_.pid), received_, now,
                         spec_.prepares && spec_.prepares())) {
    BeginStop(StopCause::kStalled, now);
  } else if (RunsAway(now)) {
    BeginStop(StopCause::kRunaway, now);
  }
}

bool Child::RunsAway(MonotonicTime now) {
  if (!next_write_look_ || now < *next_write_look_) return false;
  next_write_look_ = now + kWriteLook;
  const auto io = ReadIoCounters(launched_.pid);
  return io && io->written > spec_.write_limit(io->read);
}

/// What is left of a group that was told to stop goes with its leader; the leader's id is still
/// ours, as a zombie.
void Child::NoteEnd(MonotonicTime now) {
  phase_ = Phase::kDraining;
  drain_until_ = now + kDrainTime;
  result_.resources.wall = now - started_;
  if (stop_.Cause() != StopCause::kNone) SignalGroup(SIGKILL);
}

void Child::Advance() {
  {
    const std::lock_guard lock(mutex_);
    const MonotonicTime now = clock_.Monotonic();
    if (phase_ == Phase::kDone) return;
    if (phase_ == Phase::kRunning && LeaderEnded()) NoteEnd(now);
    if (phase_ == Phase::kRunning) {
      Watch(now);
      SendDueSignal(now);
    }
  }
  ReadOutput();  // without the lock: handlers may take their time, and may ask for a stop
  ReadErrors();
  const std::lock_guard lock(mutex_);
  const bool drained = !launched_.out.Valid() && !launched_.err.Valid();
  if (phase_ == Phase::kDraining && (drained || clock_.Monotonic() >= drain_until_)) Reap();
}

void Child::ReadOutput() {
  std::array<char, 65536> buffer;
  const std::string_view bytes = ReadSome(launched_.out, buffer);
  received_ += bytes.size();
  out_tail_.Feed(bytes);
  if (spec_.on_stdout_line) out_lines_.Feed(bytes, spec_.on_stdout_line);
}

void Child::ReadErrors() {
  std::array<char, 65536> buffer;
  const std::string_view bytes = ReadSome(launched_.err, buffer);
  received_ += bytes.size();
  const std::string_view own = AfterReadyLine(bytes);
  err_tail_.Feed(own);
  err_lines_.Feed(own, [this](std::string_view line) { OnErrorLine(line); });
}

/// The part of `bytes` (and of what was held back before) that comes from the command.
std::string_view Child::AfterReadyLine(std::string_view bytes) {
  if (opening_over_) return bytes;
  opening_ += bytes;
  const std::string ready = ExecReadyLine(launched_.nonce);
  if (launched_.err.Valid() && opening_.size() < ready.size() && ready.starts_with(opening_)) {
    return {};
  }
  opening_over_ = true;
  ready_ = opening_.starts_with(ready);
  return std::string_view(opening_).substr(ready_ ? ready.size() : 0);
}

void Child::OnErrorLine(std::string_view line) {
  if (std::exchange(first_error_line_, false)) {
    exec_failure_ = ExecFailureReason(line, launched_.nonce, spec_.argv);
    if (!exec_failure_.empty()) return;
  }
  if (!spec_.on_stderr_line || spec_.on_stderr_line(line) == LineVerdict::kContinue) return;
  RequestStop(StopCause::kOutputVerdict);
}

void Child::Finish() {
  out_lines_.Finish(spec_.on_stdout_line);
  err_lines_.Finish([this](std::string_view line) { OnErrorLine(line); });
  result_.stdout_tail = out_tail_.Take();
  result_.stderr_tail = err_tail_.Take();
  if (!exec_failure_.empty()) {
    result_.status = NotStarted{exec_failure_};
    result_.stderr_tail.clear();
  } else if (const auto* exited = std::get_if<Exited>(&result_.status); exited && !ready_) {
    result_.status = NotStarted{fmt::format(
        "cannot start \"{}\": the runner's own hidden mode ended with code {} before; is the "
        "runner's program file still there?",
        spec_.argv.front(), exited->code)};
  }
}

/// The kernel counts before it kills.
void Child::CountMemoryKills() {
  if (result_.status != ExitStatus(Signalled{SIGKILL}) || !memory_kills_before_) return;
  if (const auto now = ReadMemoryKills()) {
    result_.resources.memory_kills = *now - *memory_kills_before_;
  }
}

void Child::Reap() {
  if (const auto io = ReadIoCounters(launched_.pid)) {
    result_.resources.read_bytes = io->read;
    result_.resources.written_bytes = io->written;
  }
  int status = 0;
  rusage usage{};
  pid_t reaped = -1;
  do {
    reaped = wait4(launched_.pid, &status, 0, &usage);
  } while (reaped < 0 && errno == EINTR);
  phase_ = Phase::kDone;
  result_.stop_cause = stop_.Cause();
  result_.status = reaped == launched_.pid ? Decode(status) : ExitStatus(Exited{kLostStatus});
  CountMemoryKills();
  result_.resources.cpu = ToMilliseconds(usage.ru_utime) + ToMilliseconds(usage.ru_stime);
  result_.resources.peak_memory = static_cast<targets::Bytes>(usage.ru_maxrss) * 1024;
}

void Child::ServeOnce(const std::vector<Child*>& children, const Clock& clock) {
  std::vector<pollfd> descriptors;
  std::optional<MonotonicTime> next;
  for (const Child* child : children) {
    child->AddPollDescriptors(descriptors);
    KeepEarlier(next, child->NextDeadline());
  }
  milliseconds timeout = kLongestSleep;
  if (next) timeout = std::clamp(*next - clock.Monotonic(), milliseconds{0}, kLongestSleep);
  poll(descriptors.data(), descriptors.size(), static_cast<int>(timeout.count()));
  for (Child* child : children) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t size = read(child->launched_.wake.Get(), &count, sizeof count);
    child->Advance();
  }
}

ProcessResult Child::Wait(Child* peer) {
  waited_ = true;
  Notify();
  const std::lock_guard lock(serving_);
  while (phase_ != Phase::kDone) {
    std::unique_lock<std::mutex> peer_lock;
    std::vector<Child*> children{this};
    if (peer != nullptr && !peer->waited_) {
      peer_lock = std::unique_lock(peer->serving_, std::try_to_lock);
      if (peer_lock.owns_lock() && peer->phase_ != Phase::kDone) children.push_back(peer);
    }
    ServeOnce(children, clock_);
  }
  Finish();
  return std::move(result_);
}

}  // namespace runner
