#include "runner/repository/gate.h"

#include <algorithm>
#include <thread>

namespace runner {
namespace {

constexpr std::chrono::milliseconds kFirstPause{10};
constexpr std::chrono::milliseconds kLongestPause{250};

}  // namespace

RepositoryGate::RepositoryGate(FileSystem& files, const Clock& clock, std::string folder,
                               Pause pause)
    : files_(files), clock_(clock), folder_(std::move(folder)), pause_(std::move(pause)) {}

targets::Result<std::unique_ptr<FileLock>> RepositoryGate::LockWhenFree(
    const std::string& name, LockMode mode, StopHandle& stop,
    std::optional<MonotonicTime> deadline) {
  std::chrono::milliseconds wait = kFirstPause;
  while (true) {
    auto lock = files_.TryLock(folder_ + "/" + name, mode);
    if (!lock || *lock != nullptr) return lock;
    if (stop.Stopped())
      return targets::Fail("stopped while waiting for other jobs of this repository");
    if (deadline && clock_.Monotonic() >= *deadline) {
      return targets::Fail("other jobs of this repository did not finish in time",
                           "`runner status` shows what runs; try again later");
    }
    pause_(wait);
    wait = std::min(wait * 2, kLongestPause);
  }
}

targets::Result<std::unique_ptr<GatePass>> RepositoryGate::Enter(
    LockMode mode, StopHandle& stop, std::optional<std::chrono::milliseconds> patience) {
  std::optional<MonotonicTime> deadline;
  if (patience) deadline = clock_.Monotonic() + *patience;
  const auto turnstile = LockWhenFree("turnstile.lock", LockMode::kExclusive, stop, deadline);
  if (!turnstile) return targets::Fail(turnstile.error());
  auto lock = LockWhenFree("gate.lock", mode, stop, deadline);
  if (!lock) return targets::Fail(lock.error());
  return std::make_unique<GatePass>(std::move(*lock));
}

void SleepFor(std::chrono::milliseconds duration) { std::this_thread::sleep_for(duration); }

}  // namespace runner
