#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner {

/// The files in which the kernel may count them for a process whose /proc/self/cgroup is
/// `membership`, the most telling first. In a container the group's own path is not to be seen, and
/// its files lie where those of the root would be.
std::vector<std::string> MemoryKillFiles(std::string_view membership);

/// The number of the line "oom_kill N" (memory.events, memory.oom_control); empty without one.
std::optional<long> ParseMemoryKills(std::string_view text);

/// How many processes of the runner's own control group the kernel has killed so far for want of
/// memory. Empty: nobody counts, as outside of any group.
std::optional<long> ReadMemoryKills();

}  // namespace runner
