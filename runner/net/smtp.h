#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "runner/net/http.h"

namespace runner {

struct SmtpRequest {
  enum class Security { kStartTls, kTls, kNone };

  std::string host;
  std::uint16_t port = 587;
  Security security = Security::kStartTls;
  std::string user;  // empty: without login
  std::string password;
  std::string from;
  std::vector<std::string> to;
  std::string subject;  // UTF-8, one line
  std::string text;     // UTF-8
  std::chrono::milliseconds timeout{30'000};
};

/// Hands one mail to a server. Thread-safe.
class MailTransport {
 public:
  virtual ~MailTransport() = default;
  /// What the server said in the end, in one line. A mail is delivered or refused as a whole.
  /// Errors hold no secret.
  virtual tl::expected<std::string, HttpError> Send(const SmtpRequest& request,
                                                    const Stopped& stopped) = 0;
};

}  // namespace runner
