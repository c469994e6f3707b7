#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace runner {

/// The mount points in the text of /proc/<pid>/mountinfo (proc(5)), unescaped, in its order.
std::vector<std::string> MountPoints(std::string_view mountinfo);

}  // namespace runner
