#pragma once

#include <map>
#include <string>

#include "runner/base/file_system.h"
#include "runner/net/http.h"

namespace runner {

/// The real one. Connects through the proxy of the environment, checks certificate and host name
/// with the trusted certificates of the environment or the system (route.h), TLS 1.2 or later, and
/// ends a request at its timeout, whatever the server sends meanwhile (the look-up of a host's
/// address alone is bounded by the system's resolver). One connection for each request.
class HttpsTransport final : public HttpTransport {
 public:
  /// `environment`: the variables of the process, and what the configuration adds. `files` outlives
  /// it.
  HttpsTransport(std::map<std::string, std::string> environment, FileSystem& files)
      : environment_(std::move(environment)), files_(files) {}

  HttpResult Send(const HttpRequest& request, const Stopped& stopped) override;

 private:
  std::map<std::string, std::string> environment_;
  FileSystem& files_;
};

}  // namespace runner
