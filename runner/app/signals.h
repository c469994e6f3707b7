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

/// Takes SIGINT, SIGTERM, SIGHUP and SIGCHLD away from every thread and hands them to one function
/// in a thread of its own. SIGPIPE is ignored. Construct it before any other thread that does not
/// block all signals itself (as the one that launches children does), and after whatever the
/// function uses; children get their defaults back in the `exec` mode.
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
