#include "runner/app/signals.h"

#include <pthread.h>

#include <utility>

namespace runner {
namespace {

constexpr int kEnd = SIGUSR2;  // from the destructor to the thread

}  // namespace

void SignalRelay::Set(Handler handler) {
  const std::lock_guard lock(mutex_);
  handler_ = std::move(handler);
}

void SignalRelay::Deliver(int signal) const {
  const std::lock_guard lock(mutex_);
  if (handler_) handler_(signal);
}

SignalWatcher::SignalWatcher(Handler handler) : handler_(std::move(handler)) {
  std::signal(SIGPIPE, SIG_IGN);
  sigemptyset(&watched_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, kEnd}) sigaddset(&watched_, signal);
  pthread_sigmask(SIG_BLOCK, &watched_, nullptr);
  thread_ = std::thread([this] { Watch(); });
}

SignalWatcher::~SignalWatcher() {
  pthread_kill(thread_.native_handle(), kEnd);
  thread_.join();
}

void SignalWatcher::Watch() {
  while (true) {
    int signal = 0;
    if (sigwait(&watched_, &signal) != 0) continue;
    if (signal == kEnd) return;
    handler_(signal);
  }
}

}  // namespace runner
