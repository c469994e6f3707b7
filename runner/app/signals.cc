#include "runner/app/signals.h"

#include <pthread.h>

#include <utility>

namespace runner {
namespace {

constexpr int kEnd = SIGUSR2;  // from the destructor to the thread

sigset_t Watched() {
  sigset_t watched;
  sigemptyset(&watched);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, kEnd}) sigaddset(&watched, signal);
  return watched;
}

}  // namespace

void HoldSignals() {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t watched = Watched();
  pthread_sigmask(SIG_BLOCK, &watched, nullptr);
}

void SignalRelay::Set(Handler handler) {
  const std::lock_guard lock(mutex_);
  handler_ = std::move(handler);
}

void SignalRelay::Deliver(int signal) const {
  const std::lock_guard lock(mutex_);
  if (handler_) handler_(signal);
}

SignalWatcher::SignalWatcher(Handler handler)
    : handler_(std::move(handler)), watched_(Watched()), thread_([this] { Watch(); }) {}

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
