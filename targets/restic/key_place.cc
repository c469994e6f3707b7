#include "targets/restic/key_place.h"

#include <string_view>

#include "targets/model/repository.h"
#include "targets/restic/command_lines.h"

namespace targets {

std::string RepositoryFolderOf(const std::string& url) {
  if (BackendOf(url) != Backend::kLocal) return {};
  std::string_view path = url;
  constexpr std::string_view kScheme = "local:";
  if (path.starts_with(kScheme)) path.remove_prefix(kScheme.size());
  return path.starts_with('/') ? std::string(path) : std::string();
}

KeyPlaceKind KeyPlaceOf(const std::string& url) {
  if (IsBackblaze(url)) return KeyPlaceKind::kBackblaze;
  if (!RepositoryFolderOf(url).empty()) return KeyPlaceKind::kFolder;
  if (url.starts_with("rest:http://") || url.starts_with("rest:https://"))
    return KeyPlaceKind::kRest;
  return KeyPlaceKind::kNone;
}

}  // namespace targets
