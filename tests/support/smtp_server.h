#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/workspace.h"

namespace runner::testing {

/// A mail server on this machine that keeps what it gets: tests/support/smtp_server.py on Debian's
/// python3-aiosmtpd. The destructor ends it.
class SmtpServer {
 public:
  static constexpr const char* kUser = "runner";
  static constexpr const char* kPassword = "geheim77";

  /// `mode`: "starttls", "tls" (which knows AUTH LOGIN alone), "none". The files are PEM, of its
  /// certificate and key; empty for "none". A server that does not start fails the test.
  SmtpServer(const Workspace& workspace, const std::string& mode,
             const std::string& certificate = "", const std::string& key = "");

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// The n-th mail, from 1: "MAIL from", "RCPT to ...", "TLS True", an empty line, and the mail
  /// itself; "" if there is none.
  [[nodiscard]] std::string Mail(int number) const;

 private:
  const Workspace& workspace_;
  std::string folder_;  // in the workspace
  std::unique_ptr<Background> server_;
  std::uint16_t port_ = 0;
};

}  // namespace runner::testing
