#pragma once

#include <optional>

#include "runner/daemon/events.h"

namespace runner {

/// Where everything arrives that the daemon reacts to, and the only place where it sleeps.
class Mailbox {
 public:
  virtual ~Mailbox() = default;

  /// Any thread.
  virtual void Post(DaemonEvent event) = 0;

  /// Blocks until something was posted, `wake_at` (real time) has come, or the clock was set;
  /// nullopt: without a time. What was posted comes first, in its order. One thread.
  virtual DaemonEvent Wait(std::optional<targets::UnixTime> wake_at) = 0;
};

}  // namespace runner
