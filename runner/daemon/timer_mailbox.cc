#include "runner/daemon/timer_mailbox.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include "targets/base/time.h"

namespace runner {
namespace {

/// The year 2200: a timer without a time of its own still tells that the clock was set.
constexpr std::int64_t kFarAway = 7'258'118'400;

}  // namespace

targets::Result<std::unique_ptr<TimerMailbox>> TimerMailbox::Make() {
  UniqueFd posted(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  UniqueFd timer(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!posted.Valid() || !timer.Valid()) {
    return targets::Fail("cannot make a timer: " + std::generic_category().message(errno));
  }
  return std::unique_ptr<TimerMailbox>(new TimerMailbox(std::move(posted), std::move(timer)));
}

void TimerMailbox::Post(DaemonEvent event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(posted_.Get(), &one, sizeof one);
}

std::optional<DaemonEvent> TimerMailbox::Take() {
  const std::lock_guard lock(mutex_);
  if (events_.empty()) return std::nullopt;
  DaemonEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

bool TimerMailbox::Arm(std::optional<targets::UnixTime> wake_at) {
  itimerspec at{};
  at.it_value.tv_sec = kFarAway;
  // Zero would disarm it; every earlier time has come already.
  if (wake_at)
    at.it_value.tv_sec = std::clamp<std::int64_t>(targets::ToUnixSeconds(*wake_at), 1, kFarAway);
  constexpr int kFlags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
  return timerfd_settime(timer_.Get(), kFlags, &at, nullptr) == 0 || errno != ECANCELED;
}

std::optional<TimerFired> TimerMailbox::ReadTimer() {
  std::uint64_t count = 0;
  if (read(timer_.Get(), &count, sizeof count) == sizeof count) return TimerFired{};
  if (errno == ECANCELED) return TimerFired{true};
  return std::nullopt;
}

DaemonEvent TimerMailbox::Wait(std::optional<targets::UnixTime> wake_at) {
  if (!Arm(wake_at)) return TimerFired{true};
  while (true) {
    if (auto event = Take()) return *std::move(event);
    std::array<pollfd, 2> waiting{pollfd{posted_.Get(), POLLIN, 0},
                                  pollfd{timer_.Get(), POLLIN, 0}};
    poll(waiting.data(), waiting.size(), -1);
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t size = read(posted_.Get(), &count, sizeof count);
    if (auto event = Take()) return *std::move(event);
    if (const auto fired = ReadTimer()) return *fired;
  }
}

}  // namespace runner
