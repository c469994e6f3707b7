#pragma once

#include <deque>
#include <mutex>

#include "runner/daemon/mailbox.h"
#include "runner/process/unique_fd.h"
#include "targets/base/result.h"

namespace runner {

/// The machine's mailbox: an eventfd for what is posted and a timerfd on the real time, which the
/// kernel cancels when somebody sets the clock. Costs no CPU while nothing happens.
class TimerMailbox final : public Mailbox {
 public:
  /// Errors: the kernel gives no descriptors.
  static targets::Result<std::unique_ptr<TimerMailbox>> Make();

  void Post(DaemonEvent event) override;
  DaemonEvent Wait(std::optional<targets::UnixTime> wake_at) override;

 private:
  TimerMailbox(UniqueFd posted, UniqueFd timer)
      : posted_(std::move(posted)), timer_(std::move(timer)) {}

  std::optional<DaemonEvent> Take();
  /// False: the clock was set since the last call.
  bool Arm(std::optional<targets::UnixTime> wake_at);
  std::optional<TimerFired> ReadTimer();

  UniqueFd posted_;
  UniqueFd timer_;
  std::mutex mutex_;
  std::deque<DaemonEvent> events_;
};

}  // namespace runner
