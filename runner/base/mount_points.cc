#include "runner/base/mount_points.h"

#include "targets/base/text.h"

namespace runner {
namespace {

std::string Unescape(std::string_view field) {
  std::string out;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 3 >= field.size()) {
      out += field[i];
      continue;
    }
    const int value = (field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 + (field[i + 3] - '0');
    out += static_cast<char>(value);
    i += 3;
  }
  return out;
}

/// What follows the optional fields of a line.
std::string TypeOf(const std::vector<std::string_view>& fields) {
  for (std::size_t i = 0; i + 1 < fields.size(); ++i) {
    if (fields[i] == "-") return std::string(fields[i + 1]);
  }
  return {};
}

bool IsBelow(std::string_view path, std::string_view folder) {
  if (folder == "/") return true;
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

std::vector<Mount> Mounts(std::string_view mountinfo) {
  constexpr std::size_t kMountPointField = 4;
  std::vector<Mount> out;
  for (const std::string_view line : targets::Split(mountinfo, '\n')) {
    const std::vector<std::string_view> fields = targets::Split(line, ' ');
    if (fields.size() > kMountPointField)
      out.push_back({Unescape(fields[kMountPointField]), TypeOf(fields)});
  }
  return out;
}

const Mount* MountOf(const std::vector<Mount>& mounts, std::string_view path) {
  const Mount* nearest = nullptr;
  for (const Mount& mount : mounts) {
    // Of two at one place the later hides the earlier.
    if (IsBelow(path, mount.point) &&
        (nearest == nullptr || mount.point.size() >= nearest->point.size()))
      nearest = &mount;
  }
  return nearest;
}

std::vector<std::string> MountPoints(std::string_view mountinfo) {
  std::vector<std::string> out;
  for (Mount& mount : Mounts(mountinfo)) out.push_back(std::move(mount.point));
  return out;
}

}  // namespace runner
