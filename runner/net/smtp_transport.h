#pragma once

#include <map>
#include <string>

#include "runner/base/file_system.h"
#include "runner/net/smtp.h"

namespace runner {

/// The real one. Checks certificate and host name as HttpsTransport does, never goes on without TLS
/// where it was asked for, never logs in without TLS except to this machine itself, and ends at the
/// timeout, whatever the server sends meanwhile. Knows no proxy.
class SmtpTransport final : public MailTransport {
 public:
  /// `environment` names the trusted certificates. `files` outlives it.
  SmtpTransport(std::map<std::string, std::string> environment, std::string host_name,
                FileSystem& files)
      : environment_(std::move(environment)), host_name_(std::move(host_name)), files_(files) {}

  tl::expected<std::string, HttpError> Send(const SmtpRequest& request,
                                            const Stopped& stopped) override;

 private:
  std::map<std::string, std::string> environment_;
  std::string host_name_;
  FileSystem& files_;
};

}  // namespace runner
