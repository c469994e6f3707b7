#include "runner/process/memory_kills.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "runner/process/unique_fd.h"

namespace runner {
namespace {

/// Cuts the first line off `text`.
std::string_view TakeLine(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// True for "memory" and for "cpu,memory".
bool Lists(std::string_view controllers, std::string_view name) {
  while (!controllers.empty()) {
    const auto comma = controllers.find(',');
    if (controllers.substr(0, comma) == name) return true;
    controllers.remove_prefix(comma == std::string_view::npos ? controllers.size() : comma + 1);
  }
  return false;
}

/// The files of the kernel that are read here are small; one read returns them whole.
std::string ReadWhole(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> buffer{};
  const ssize_t size = file.Valid() ? read(file.Get(), buffer.data(), buffer.size()) : -1;
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

void AddFiles(const std::string& mount, std::string_view group, std::string_view file,
              std::vector<std::string>& files) {
  if (group.size() > 1) files.push_back(mount + std::string(group) + "/" + std::string(file));
  files.push_back(mount + "/" + std::string(file));
}

}  // namespace

std::vector<std::string> MemoryKillFiles(std::string_view membership) {
  std::vector<std::string> files;
  while (!membership.empty()) {
    const std::string_view line = TakeLine(membership);
    const auto first = line.find(':');
    const auto second = line.find(':', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view group = line.substr(second + 1);
    if (Lists(controllers, "memory")) {
      AddFiles("/sys/fs/cgroup/memory", group, "memory.oom_control", files);
    } else if (line.substr(0, first) == "0" && controllers.empty()) {
      AddFiles("/sys/fs/cgroup", group, "memory.events", files);
    }
  }
  return files;
}

std::optional<long> ParseMemoryKills(std::string_view text) {
  constexpr std::string_view kKey = "oom_kill ";
  while (!text.empty()) {
    std::string_view line = TakeLine(text);
    if (!line.starts_with(kKey)) continue;
    line.remove_prefix(kKey.size());
    long count = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), count);
    if (error == std::errc{} && end == line.data() + line.size() && count >= 0) return count;
  }
  return std::nullopt;
}

std::optional<long> ReadMemoryKills() {
  for (const std::string& file : MemoryKillFiles(ReadWhole("/proc/self/cgroup"))) {
    if (const auto kills = ParseMemoryKills(ReadWhole(file))) return kills;
  }
  return std::nullopt;
}

}  // namespace runner
