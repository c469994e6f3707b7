#include "runner/process/posix_process_runner.h"

#include <Poco/Exception.h>
#include <Poco/Pipe.h>
#include <Poco/Process.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "runner/process/child.h"
#include "runner/process/exec_mode.h"
#include "runner/process/launch_thread.h"
#include "runner/process/unstarted_process.h"

namespace runner {
namespace {

constexpr rlim_t kOpenFiles = 1024;
constexpr const char* kStopping = "the runner is stopping";

/// The soft limit that the program was started with; 0: it was low enough and stays.
unsigned long LowerOpenFilesOnce() {
  static const unsigned long before = [] {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= kOpenFiles) return 0UL;
    const rlim_t old = std::exchange(limit.rlim_cur, kOpenFiles);
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<unsigned long>(old) : 0UL;
  }();
  return before;
}

std::string MakeNonce() {
  std::array<std::uint64_t, 2> random{};
  if (getrandom(random.data(), sizeof random, 0) != static_cast<ssize_t>(sizeof random)) {
    random = {static_cast<std::uint64_t>(getpid()), reinterpret_cast<std::uintptr_t>(&random)};
  }
  return fmt::format("{:016x}{:016x}", random[0], random[1]);
}

targets::Result<UniqueFd> Duplicate(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (copy.Valid()) return copy;
  return targets::Fail(std::generic_category().message(errno));
}

/// A copy of a pipe's read end that never blocks; the write end, which the child has, is not
/// affected.
targets::Result<UniqueFd> ReadEnd(const Poco::Pipe& pipe) {
  auto copy = Duplicate(pipe.readHandle());
  if (copy) fcntl(copy->Get(), F_SETFL, fcntl(copy->Get(), F_GETFL) | O_NONBLOCK);
  return copy;
}

class PosixProcess final : public Process {
 public:
  explicit PosixProcess(std::shared_ptr<Child> child) : child_(std::move(child)) {}

  ProcessResult Wait() override { return child_->Wait(peer_); }
  void RequestStop(StopCause cause) override { child_->RequestStop(cause); }
  [[nodiscard]] pid_t Pid() const override { return child_->Pid(); }
  void SetPeer(Child* peer) { peer_ = peer; }

 private:
  std::shared_ptr<Child> child_;
  Child* peer_ = nullptr;  // owned by the other process of the pair
};

using StartedChild = targets::Result<std::shared_ptr<Child>>;

std::unique_ptr<Process> Wrap(StartedChild started, Child* peer) {
  if (!started) return MakeUnstarted(started.error().message);
  auto process = std::make_unique<PosixProcess>(*std::move(started));
  process->SetPeer(peer);
  return process;
}

class PosixStreamPair final : public StreamPair {
 public:
  PosixStreamPair(StartedChild producer, StartedChild consumer, UniqueFd write_end)
      : write_end_(std::move(write_end)) {
    Child* const producing = producer ? producer->get() : nullptr;
    Child* const consuming = consumer ? consumer->get() : nullptr;
    producer_ = Wrap(std::move(producer), consuming);
    consumer_ = Wrap(std::move(consumer), producing);
  }

  Process& Producer() override { return *producer_; }
  Process& Consumer() override { return *consumer_; }
  void CloseWriteEnd() override { write_end_.Reset(); }

 private:
  UniqueFd write_end_;  // closed last: a consumer must not take the end of this object for the end
                        // of its input
  std::unique_ptr<Process> producer_;
  std::unique_ptr<Process> consumer_;
};

targets::Error CannotStart(const ProcessSpec& spec, const std::string& reason) {
  return {"cannot start " + QuotedProgram(spec) + ": " + reason};
}

}  // namespace

/// Owns the thread that forks, and knows the children that live.
class PosixProcessRunner::Launcher {
 public:
  Launcher(const Clock& clock, std::string program)
      : clock_(clock), program_(std::move(program)), open_files_(LowerOpenFilesOnce()) {}

  StartedChild Launch(ProcessSpec spec) {
    StartedChild started;
    thread_.Run([&] { started = StartSafely(std::move(spec), nullptr, nullptr); });
    return started;
  }

  std::unique_ptr<StreamPair> LaunchPair(ProcessSpec producer, ProcessSpec consumer) {
    std::unique_ptr<StreamPair> pair;
    thread_.Run([&] { pair = StartPairSafely(std::move(producer), std::move(consumer)); });
    return pair;
  }

  void StopAll() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& weak : children_) {
      if (const auto child = weak.lock()) child->RequestStop(StopCause::kRequested);
    }
  }

  bool Stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }

  void HurryAll() {
    StopAll();
    const std::lock_guard lock(mutex_);
    for (const auto& weak : children_) {
      if (const auto child = weak.lock()) child->Hurry();
    }
  }

  /// In the thread that forks: no child of ours is alive that is not registered.
  void ReapOrphans() {
    thread_.Run([this] {
      siginfo_t dead{};
      while (waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) == 0 && dead.si_pid != 0) {
        if (IsOurs(dead.si_pid)) return;
        waitpid(dead.si_pid, nullptr, WNOHANG);
        dead = {};
      }
    });
  }

 private:
  bool IsOurs(pid_t pid) {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(children_, [pid](const auto& weak) {
      const auto child = weak.lock();
      return child != nullptr && child->Pid() == pid;
    });
  }

  StartedChild StartSafely(ProcessSpec spec, Poco::Pipe* in, Poco::Pipe* out) {
    try {
      return Start(spec, in, out);
    } catch (const Poco::Exception& error) {
      return tl::unexpected(CannotStart(spec, error.displayText()));
    } catch (const std::exception& error) {
      return tl::unexpected(CannotStart(spec, error.what()));
    }
  }

  std::unique_ptr<StreamPair> StartPairSafely(ProcessSpec producer, ProcessSpec consumer) {
    try {
      return StartPair(std::move(producer), std::move(consumer));
    } catch (const Poco::Exception& error) {
      return MakeUnstartedPair("cannot make a pipe: " + error.displayText());
    } catch (const std::exception& error) {
      return MakeUnstartedPair(std::string("cannot make a pipe: ") + error.what());
    }
  }

  std::unique_ptr<StreamPair> StartPair(ProcessSpec producer, ProcessSpec consumer) {
    Poco::Pipe stream;
    auto write_end = Duplicate(stream.writeHandle());
    if (!write_end)
      return MakeUnstartedPair("cannot keep a pipe open: " + write_end.error().message);
    auto consuming = StartSafely(std::move(consumer), &stream, nullptr);
    StartedChild producing = targets::Fail(CannotStart(producer, "its reader was not started"));
    if (consuming) producing = StartSafely(std::move(producer), nullptr, &stream);
    return std::make_unique<PosixStreamPair>(std::move(producing), std::move(consuming),
                                             *std::move(write_end));
  }

  /// `in` and `out`: a pipe of a pair, or nullptr for /dev/null and a pipe that the runner reads.
  StartedChild Start(ProcessSpec& spec, Poco::Pipe* in, Poco::Pipe* out) {
    if (spec.argv.empty()) return targets::Fail("cannot start a program without a name");
    Poco::Pipe own_out;
    Poco::Pipe err;
    auto launched = Prepare(out == nullptr ? &own_out : nullptr, err);
    if (!launched) return targets::Fail(CannotStart(spec, launched.error().message));
    const ExecRequest request{launched->nonce, getpid(), in != nullptr, open_files_};
    launched->pid = Poco::Process::launch(program_, ExecArguments(spec, request), in,
                                          out == nullptr ? &own_out : out, &err, spec.environment)
                        .id();
    auto child = std::make_shared<Child>(std::move(spec), *std::move(launched), clock_);
    Register(child);
    return child;
  }

  /// Everything that may fail for want of descriptors, before the fork.
  static targets::Result<LaunchedChild> Prepare(const Poco::Pipe* out, const Poco::Pipe& err) {
    LaunchedChild launched;
    launched.nonce = MakeNonce();
    launched.wake = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!launched.wake.Valid()) return targets::Fail(std::generic_category().message(errno));
    auto error_end = ReadEnd(err);
    if (!error_end) return targets::Fail(error_end.error());
    launched.err = *std::move(error_end);
    if (out == nullptr) return launched;
    auto output_end = ReadEnd(*out);
    if (!output_end) return targets::Fail(output_end.error());
    launched.out = *std::move(output_end);
    return launched;
  }

  /// A stop of all that came during the launch reaches this child as well.
  void Register(const std::shared_ptr<Child>& child) {
    const std::lock_guard lock(mutex_);
    std::erase_if(children_, [](const auto& weak) { return weak.expired(); });
    children_.push_back(child);
    if (stopping_) child->RequestStop(StopCause::kRequested);
  }

  const Clock& clock_;
  const std::string program_;
  const unsigned long open_files_;
  std::mutex mutex_;
  bool stopping_ = false;
  std::vector<std::weak_ptr<Child>> children_;
  LaunchThread thread_;  // last: it ends before what it uses
};

PosixProcessRunner::PosixProcessRunner(const Clock& clock, std::string program)
    : launcher_(std::make_unique<Launcher>(clock, std::move(program))) {}

PosixProcessRunner::~PosixProcessRunner() { StopAll(); }

std::unique_ptr<Process> PosixProcessRunner::Launch(ProcessSpec spec) {
  if (launcher_->Stopping()) return MakeUnstarted(kStopping, StopCause::kRequested);
  return Wrap(launcher_->Launch(std::move(spec)), nullptr);
}

std::unique_ptr<StreamPair> PosixProcessRunner::LaunchStream(ProcessSpec producer,
                                                             ProcessSpec consumer) {
  if (launcher_->Stopping()) return MakeUnstartedPair(kStopping, StopCause::kRequested);
  return launcher_->LaunchPair(std::move(producer), std::move(consumer));
}

void PosixProcessRunner::StopAll() { launcher_->StopAll(); }

void PosixProcessRunner::HurryAll() { launcher_->HurryAll(); }

void PosixProcessRunner::ReapOrphans() { launcher_->ReapOrphans(); }

}  // namespace runner
