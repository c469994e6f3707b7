#pragma once

#include <csignal>
#include <functional>
#include <thread>

namespace runner {

/// Takes SIGINT, SIGTERM and SIGHUP away from every thread and hands them to one function in a
/// thread of its own. SIGPIPE is ignored. Construct it before any other thread; children get their
/// defaults back in the `exec` mode.
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
