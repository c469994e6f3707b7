#pragma once

#include <csignal>
#include <functional>
#include <mutex>
#include <thread>

namespace runner {

/// Hands signals on to the command that runs, if it wants them. Thread-safe.
class SignalRelay {
 public:
  using Handler = std::function<void(int signal)>;
  /// Replaces the handler; an empty one: nobody wants them. The old one does not run any more.
  void Set(Handler handler);
  void Deliver(int signal) const;

 private:
  mutable std::mutex mutex_;
  Handler handler_;
};

/// From here on SIGINT, SIGTERM, SIGHUP and SIGCHLD wait for a SignalWatcher instead of acting, in
/// this thread and those that it starts. SIGPIPE is ignored. Call it first in main.
void HoldSignals();

/// Hands SIGINT, SIGTERM, SIGHUP and SIGCHLD to one function in a thread of its own; those first
/// that came since HoldSignals(). The function must not use what ends before this object does.
/// Children get their defaults back in the `exec` mode. REQUIRES: HoldSignals() was called before
/// any thread was started.
class SignalWatcher {
 public:
  using Handler = std::function<void(int signal)>;

  explicit SignalWatcher(Handler handler);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  void Watch();

  Handler handler_;
  sigset_t watched_;
  std::thread thread_;
};

}  // namespace runner
