#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace runner {

struct Mount {
  std::string point;
  std::string type;  // "ext4", "overlay", "tmpfs"; empty: the line does not say

  bool operator==(const Mount&) const = default;
};

/// The mounts in the text of /proc/<pid>/mountinfo, in its order.
std::vector<Mount> Mounts(std::string_view mountinfo);

/// On which of them `path` lies, which is absolute and goes through no link; nullptr: on none.
const Mount* MountOf(const std::vector<Mount>& mounts, std::string_view path);

/// The mount points in the text of /proc/<pid>/mountinfo (proc(5)), unescaped, in its order.
std::vector<std::string> MountPoints(std::string_view mountinfo);

}  // namespace runner
