#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "runner/net/http.h"
#include "runner/net/smtp.h"
#include "runner/notify/http_ways.h"
#include "runner/notify/sender.h"
#include "runner/process/process_runner.h"
#include "runner/restic/restic.h"
#include "targets/model/config.h"

namespace runner {

/// The real sender: HTTP, SMTP, or a command. A secret is looked up with each message, so that a
/// new one is used at once; nothing of it is in an answer or error.
class ChannelSender final : public Sender {
 public:
  /// The value of a secret; `key` is its place in the configuration, for the error.
  using Resolve = std::function<targets::Result<targets::Secret>(
      const targets::SecretSource& source, const std::string& key)>;

  /// All of them outlive it.
  struct Tools {
    HttpTransport& http;
    MailTransport& mail;
    ProcessRunner& processes;
    StopHandle& stop;  // ends a command
    Resolve resolve;
  };

  ChannelSender(Tools tools, const targets::Config& config)
      : tools_(std::move(tools)), config_(config) {}

  targets::Result<std::string> Send(const targets::NotifyChannel& channel, const Message& message,
                                    const Stopped& stopped) override;

 private:
  [[nodiscard]] targets::Result<WaySecrets> SecretsOf(const targets::NotifyChannel& channel) const;
  targets::Result<std::string> SendHttp(targets::Result<HttpRequest> request,
                                        const targets::NotifyChannel& channel,
                                        const Stopped& stopped);
  targets::Result<std::string> SendMail(const targets::EmailWay& way, const WaySecrets& secrets,
                                        const targets::NotifyChannel& channel,
                                        const Message& message, const Stopped& stopped);
  targets::Result<std::string> RunCommand(const targets::CommandWay& way,
                                          const targets::NotifyChannel& channel,
                                          const Message& message);

  Tools tools_;
  const targets::Config& config_;
};

}  // namespace runner
