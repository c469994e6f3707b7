#include "targets/b2/address.h"

#include <string_view>
#include <vector>

#include "targets/base/text.h"
#include "targets/model/repository.h"
#include "targets/restic/command_lines.h"

namespace targets {
namespace {

/// "a/b" of "/a//./b/", as Go's path.Clean makes it.
std::string Clean(std::string_view path) {
  std::vector<std::string> parts;
  for (const std::string_view part : Split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.emplace_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  return Join(parts, "/");
}

}  // namespace

std::optional<B2Address> B2AddressOf(const std::string& url) {
  if (BackendOf(url) == Backend::kB2) {
    const std::string_view rest = std::string_view(url).substr(3);
    const std::size_t colon = rest.find(':');
    const std::string_view path =
        colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    return B2Address{B2Interface::kNative, "", std::string(rest.substr(0, colon)), Clean(path)};
  }
  std::string region = BackblazeRegion(url);
  if (region.empty()) return std::nullopt;
  const std::size_t slash = url.find('/', url.find(".backblazeb2.com"));
  const std::string path = slash == std::string::npos ? "" : Clean(url.substr(slash));
  const std::size_t end = path.find('/');
  return B2Address{B2Interface::kS3, std::move(region), path.substr(0, end),
                   end == std::string::npos ? "" : path.substr(end + 1)};
}

std::string NamePrefixOf(const B2Address& address) {
  return address.path.empty() ? "" : address.path + "/";
}

}  // namespace targets
