#include "targets/config/repository_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "targets/base/redactor.h"
#include "targets/base/text.h"

namespace targets {
namespace {

const std::vector<std::string>& KnownSchemes() {
  static const std::vector<std::string> schemes = {"b2",    "s3",    "rest", "sftp",  "rclone",
                                                   "local", "azure", "gs",   "swift", "swift-temp"};
  return schemes;
}

tl::unexpected<Error> Bad(const std::string& url, std::string_view what, std::string hint) {
  return Fail(fmt::format("\"{}\": {}", RedactUrlPasswords(OneLine(url, 200)), what),
              std::move(hint));
}

/// "b2" of "b2:bucket"; "" if the url looks like a path.
std::string SchemeOf(const std::string& url) {
  const std::size_t colon = url.find(':');
  if (colon == std::string::npos || url.find('/') < colon) return "";
  return url.substr(0, colon);
}

Status CheckScheme(const std::string& url, const std::string& scheme) {
  const auto& known = KnownSchemes();
  if (scheme == "http" || scheme == "https") {
    return Bad(url, "restic needs to know the kind of server",
               "write rest:https://... for a rest-server, s3:https://... for S3");
  }
  if (std::find(known.begin(), known.end(), scheme) == known.end()) {
    const auto nearest = Nearest(scheme, known);
    return Bad(
        url, fmt::format("\"{}:\" is not a kind of storage that restic knows", OneLine(scheme, 40)),
        nearest ? fmt::format("did you mean \"{}:\"?", *nearest)
                : "use a folder's absolute path, or one of " + Join(known, ", "));
  }
  return {};
}

}  // namespace

Status CheckRepositoryUrl(const std::string& url) {
  if (TrimSpace(url).empty())
    return Fail("the url is empty", "write it like b2:bucket:path or /mnt/backup");
  if (TrimSpace(url) != url) return Bad(url, "a space at the start or the end", "remove it");
  if (url.size() > 4096 || url.find_first_of("\n\r\t") != std::string::npos) {
    return Fail("the url is not one short line");
  }
  const std::string scheme = SchemeOf(url);
  if (scheme.empty()) {
    if (url[0] == '/') return {};
    return Bad(url, "a folder must be given by its absolute path", "start it with /");
  }
  if (auto checked = CheckScheme(url, scheme); !checked) return checked;
  const std::string rest = url.substr(scheme.size() + 1);
  if (rest.empty() || (scheme == "b2" && (rest[0] == ':' || rest[0] == '/'))) {
    return Bad(url, "the part behind the colon is missing", "write it like b2:bucket:path");
  }
  if (scheme == "rest" && !rest.starts_with("http://") && !rest.starts_with("https://")) {
    return Bad(url, "a rest: url needs http:// or https://",
               "write it like rest:https://host:8000/path");
  }
  return {};
}

}  // namespace targets
