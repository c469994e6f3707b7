#pragma once

#include <map>
#include <optional>
#include <string>

#include "runner/net/http.h"
#include "runner/notify/message.h"
#include "targets/model/notify.h"

namespace runner {

/// What a channel's secret sources gave.
struct WaySecrets {
  targets::Secret url;
  targets::Secret token;     // empty: none
  targets::Secret password;  // of e-mail; empty: none

  bool operator==(const WaySecrets&) const = default;
};

/// The placeholders' values.
std::map<std::string, std::string> TemplateValues(const std::string& instance,
                                                  const Message& message);

/// The request that brings `message` along a way over HTTP. Pure. Errors: the channel's address is
/// none, or its template makes no JSON although its Content-Type says so.
/// A ping's body and ntfy's are plain text, the others JSON. See docs/notifications.md.
targets::Result<HttpRequest> PingRequest(const WaySecrets& secrets, const std::string& instance,
                                         const Message& message);
targets::Result<HttpRequest> NtfyRequest(const targets::NtfyWay& way, const WaySecrets& secrets,
                                         const Message& message);
targets::Result<HttpRequest> GotifyRequest(const targets::GotifyWay& way, const WaySecrets& secrets,
                                           const Message& message);
targets::Result<HttpRequest> WebhookRequest(const targets::WebhookWay& way,
                                            const WaySecrets& secrets, const std::string& instance,
                                            const Message& message);

}  // namespace runner
