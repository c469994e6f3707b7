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

std::optional<MonotonicTime> RepositoryGate::After(
    std::optional<std::chrono::milliseconds> patience) const {
  if (!patience) return std::nullopt;
  return clock_.Monotonic() + *patience;
}

RepositoryGate::Lock RepositoryGate::Try(const std::function<Lock()>& attempt, StopHandle& stop,
                                         std::optional<MonotonicTime> deadline) {
  std::chrono::milliseconds wait = kFirstPause;
  while (true) {
    auto lock = attempt();
    if (!lock || *lock != nullptr || stop.Stopped()) return lock;
    if (deadline && clock_.Monotonic() >= *deadline) return lock;
    pause_(wait);
    wait = std::min(wait * 2, kLongestPause);
  }
}

RepositoryGate::Lock RepositoryGate::Await(const std::function<Lock()>& attempt, StopHandle& stop,
                                           std::optional<std::chrono::milliseconds> patience) {
  return Try(attempt, stop, After(patience));
}

RepositoryGate::Lock RepositoryGate::LockWhenFree(const std::string& name, LockMode mode,
                                                  StopHandle& stop,
                                                  std::optional<MonotonicTime> deadline) {
  auto lock = Try([&] { return files_.TryLock(folder_ + "/" + name, mode); }, stop, deadline);
  if (!lock || *lock != nullptr) return lock;
  if (stop.Stopped())
    return targets::Fail("stopped while waiting for other jobs of this repository");
  return targets::Fail("other jobs of this repository did not finish in time",
                       "`runner status` shows what runs; try again later");
}

targets::Result<std::unique_ptr<GatePass>> RepositoryGate::Enter(
    LockMode mode, StopHandle& stop, std::optional<std::chrono::milliseconds> patience) {
  const std::optional<MonotonicTime> deadline = After(patience);
  const auto turnstile = LockWhenFree("turnstile.lock", LockMode::kExclusive, stop, deadline);
  if (!turnstile) return targets::Fail(turnstile.error());
  auto lock = LockWhenFree("gate.lock", mode, stop, deadline);
  if (!lock) return targets::Fail(lock.error());
  return std::make_unique<GatePass>(std::move(*lock));
}

void SleepFor(std::chrono::milliseconds duration) { std::this_thread::sleep_for(duration); }

}  // namespace runner
