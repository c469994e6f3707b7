#pragma once

#include "runner/app/machine.h"
#include "runner/net/https_transport.h"
#include "runner/net/smtp_transport.h"
#include "runner/notify/channel_sender.h"
#include "targets/model/config.h"

namespace runner {

/// What sends messages on the real machine. `machine` and `config` outlive it.
class ChannelTools {
 public:
  ChannelTools(Machine& machine, const targets::Config& config);
  ChannelTools(const ChannelTools&) = delete;
  ChannelTools& operator=(const ChannelTools&) = delete;

  Sender& sender() { return sender_; }

 private:
  HttpsTransport http_;
  SmtpTransport mail_;
  ChannelSender sender_;
};

}  // namespace runner
