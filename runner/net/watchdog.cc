#include "runner/net/watchdog.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace runner {

Watchdog::Watchdog(int socket, Time deadline, Stopped stopped)
    : socket_(fcntl(socket, F_DUPFD_CLOEXEC, 0)),
      thread_([this, deadline, stopped = std::move(stopped)] { Watch(deadline, stopped); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  done_.notify_all();
  thread_.join();
  if (socket_ >= 0) close(socket_);
}

Watchdog::Bite Watchdog::bite() const {
  const std::lock_guard lock(mutex_);
  return bite_;
}

void Watchdog::Watch(Time deadline, const Stopped& stopped) {
  constexpr std::chrono::milliseconds kLook{100};
  std::unique_lock lock(mutex_);
  while (!finished_ && bite_ == Bite::kNone) {
    const Time now = std::chrono::steady_clock::now();
    if (stopped && stopped()) {
      bite_ = Bite::kStopped;
    } else if (now >= deadline) {
      bite_ = Bite::kTimeout;
    } else {
      done_.wait_until(lock, std::min(deadline, now + kLook));
    }
  }
  if (bite_ != Bite::kNone) shutdown(socket_, SHUT_RDWR);
}

}  // namespace runner
