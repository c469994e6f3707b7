#include "runner/b2/failures.h"

#include <fmt/format.h>

#include "targets/b2/account.h"
#include "targets/base/text.h"

namespace runner {
namespace {

constexpr std::string_view kNewKey =
    "compare repository.b2 with https://secure.backblaze.com/app_keys.htm; a key that expired or "
    "was deleted is not there any more, so make a new one";

Failure Make(Cause cause, const std::string& reason, std::string hint) {
  return {cause, targets::OneLine(reason), std::move(hint), {}};
}

/// "storage" of "storage_cap_exceeded"; empty if it is about no cap.
std::string CapOf(const targets::B2ErrorReply& error) {
  constexpr std::string_view kCode = "_cap_exceeded";
  if (error.code.ends_with(kCode)) return error.code.substr(0, error.code.size() - kCode.size());
  return error.message.find("cap exceeded") == std::string::npos ? "" : "usage";
}

}  // namespace

Failure FailureOfReply(const std::string& call, int status, const std::string& body) {
  const targets::B2ErrorReply error = targets::DecodeB2Error(body);
  const std::string said =
      fmt::format("{}: {}{}{}{}{}", call, status, error.code.empty() ? "" : " ", error.code,
                  error.message.empty() ? "" : ": ", error.message);
  const std::string cap = status == 403 ? CapOf(error) : std::string();
  if (!cap.empty()) {
    return Make(Cause::kCapExceeded,
                fmt::format("the {} cap of Backblaze B2 is exceeded ({})", cap, said),
                "raise the cap on https://secure.backblaze.com/b2_caps_alerts.htm, or wait until "
                "it is reset at midnight GMT");
  }
  if (error.code == "expired_auth_token") {
    return Make(Cause::kKeyRefused,
                fmt::format("Backblaze B2 says that the key or its token expired ({})", said),
                std::string(kNewKey));
  }
  if (status == 401 || status == 403) {
    return Make(Cause::kKeyRefused, fmt::format("Backblaze B2 refused the key ({})", said),
                std::string(kNewKey));
  }
  if (MayPass(status)) {
    return Make(Cause::kNetwork, fmt::format("Backblaze B2 could not serve the request ({})", said),
                "nothing; it is asked again later. If it lasts: https://status.backblaze.com");
  }
  return Make(Cause::kUnknown, fmt::format("Backblaze B2 did not understand ({})", said),
              "check whether a proxy answered in place of Backblaze");
}

Failure FailureOfHttp(const std::string& call, const HttpError& error) {
  const std::string reason =
      fmt::format("Backblaze B2 could not be asked ({}: {})", call, error.message);
  switch (error.kind) {
    case HttpError::Kind::kStopped:
      return Make(Cause::kInterrupted, "stopped on request", "");
    case HttpError::Kind::kUntrusted:
      return Make(Cause::kNetwork, reason,
                  "install the system's certificates (ca-certificates), or name those of your "
                  "proxy with SSL_CERT_FILE; check the clock as well");
    case HttpError::Kind::kProxy:
      return Make(Cause::kNetwork, reason, "check HTTPS_PROXY and NO_PROXY, and the proxy");
    case HttpError::Kind::kUnreachable:
    case HttpError::Kind::kTimeout:
    case HttpError::Kind::kReply:
      break;
  }
  return Make(Cause::kNetwork, reason,
              "check the network, its name server, HTTPS_PROXY and https://status.backblaze.com");
}

bool MayPass(int status) { return status == 408 || status == 429 || status >= 500; }

bool MayPass(const HttpError& error) {
  return error.kind == HttpError::Kind::kUnreachable || error.kind == HttpError::Kind::kTimeout;
}

}  // namespace runner
