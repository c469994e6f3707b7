#pragma once

#include <string>

#include "runner/net/http.h"
#include "runner/notify/message.h"
#include "targets/base/result.h"
#include "targets/model/notify.h"

namespace runner {

/// Brings one message to where a channel leads, once.
class Sender {
 public:
  virtual ~Sender() = default;

  /// What came back, in one line, if the other side took the message (HTTP: with a 2xx). Errors:
  /// why not, free of secrets. Returns within the channel's timeout, or soon after `stopped` says
  /// true.
  virtual targets::Result<std::string> Send(const targets::NotifyChannel& channel,
                                            const Message& message, const Stopped& stopped) = 0;
};

}  // namespace runner
