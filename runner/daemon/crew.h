#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <thread>

namespace runner {

/// Who does the daemon's work while the daemon itself only decides.
class Crew {
 public:
  virtual ~Crew() = default;
  /// Does `work` soon, beside everything else that was sent. `work` does not throw.
  virtual void Send(std::function<void()> work) = 0;
};

/// A thread for each piece of work, gone when it is done: an idle daemon has none. Send() from one
/// thread; the destructor waits for all.
class ThreadCrew final : public Crew {
 public:
  void Send(std::function<void()> work) override;

 private:
  struct Member {
    std::unique_ptr<std::atomic<bool>> done;
    std::jthread thread;
  };
  std::list<Member> members_;
};

}  // namespace runner
