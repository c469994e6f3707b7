#include "tests/support/smtp_server.h"

#include <gtest/gtest.h>

#include <regex>

namespace runner::testing {

SmtpServer::SmtpServer(const Workspace& workspace, const std::string& mode,
                       const std::string& certificate, const std::string& key)
    : workspace_(workspace), folder_("mails-" + mode) {
  workspace.MakeFolder(folder_);
  server_ = workspace.Start(
      {"/usr/bin/python3", SMTP_SERVER_SCRIPT, mode, workspace.Path(folder_), certificate, key});
  const std::regex port("port ([0-9]+)");
  std::smatch match;
  std::string said;
  const bool serves = Eventually([&] {
    said = server_->OutputSoFar();
    return std::regex_search(said, match, port) || !server_->Alive();
  });
  if (!serves || match.empty()) {
    ADD_FAILURE() << "the mail server does not start (is python3-aiosmtpd there?): " << said;
    return;
  }
  port_ = static_cast<std::uint16_t>(std::stoul(match[1]));
}

std::string SmtpServer::Mail(int number) const {
  return workspace_.Read(folder_ + "/" + std::to_string(number) + ".eml");
}

}  // namespace runner::testing
