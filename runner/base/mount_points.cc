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

}  // namespace

std::vector<std::string> MountPoints(std::string_view mountinfo) {
  constexpr std::size_t kMountPointField = 4;
  std::vector<std::string> out;
  for (const std::string_view line : targets::Split(mountinfo, '\n')) {
    const std::vector<std::string_view> fields = targets::Split(line, ' ');
    if (fields.size() > kMountPointField) out.push_back(Unescape(fields[kMountPointField]));
  }
  return out;
}

}  // namespace runner
