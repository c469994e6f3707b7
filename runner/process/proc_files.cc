#include "runner/process/proc_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runner/process/unique_fd.h"

namespace runner {
namespace {

using Numbers = std::vector<unsigned long long>;

UniqueFd OpenProcFile(pid_t pid, std::string_view name) {
  return UniqueFd(open(fmt::format("/proc/{}/{}", pid, name).c_str(), O_RDONLY | O_CLOEXEC));
}

/// Files of /proc are small; one read returns them whole.
std::string ReadWhole(const UniqueFd& file) {
  std::array<char, 4096> buffer{};
  const ssize_t size = file.Valid() ? read(file.Get(), buffer.data(), buffer.size()) : -1;
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

/// Opens files of `pid` to this thread alone, as if it ran as that user; setfsuid(2) is per thread.
class AsOwnerOf {
 public:
  explicit AsOwnerOf(pid_t pid) {
    struct stat owner {};
    if (geteuid() != 0 || stat(fmt::format("/proc/{}", pid).c_str(), &owner) != 0) return;
    gid_ = static_cast<gid_t>(setfsgid(owner.st_gid));
    uid_ = static_cast<uid_t>(setfsuid(owner.st_uid));
  }
  ~AsOwnerOf() {
    if (uid_) setfsuid(*uid_);
    if (gid_) setfsgid(*gid_);
  }
  AsOwnerOf(const AsOwnerOf&) = delete;
  AsOwnerOf& operator=(const AsOwnerOf&) = delete;

 private:
  std::optional<uid_t> uid_;
  std::optional<gid_t> gid_;
};

/// The permission counts at the reading, the owner of the file at the opening; the file of a
/// process that has ended belongs to root.
std::string ReadIo(pid_t pid) {
  UniqueFd file = OpenProcFile(pid, "io");
  std::string text = ReadWhole(file);
  if (!text.empty()) return text;
  const AsOwnerOf owner(pid);
  if (!file.Valid()) file = OpenProcFile(pid, "io");
  return ReadWhole(file);
}

unsigned long long NumberAfter(std::string_view text, std::string_view key) {
  unsigned long long value = 0;
  const auto at = text.find(key);
  if (at == std::string_view::npos) return 0;
  const std::string_view rest = text.substr(at + key.size());
  std::from_chars(rest.data(), rest.data() + rest.size(), value);
  return value;
}

/// The fields of /proc/PID/stat from number 3 on (proc(5)); the name before them may hold anything,
/// even ")".
std::vector<std::string_view> StatFields(std::string_view stat) {
  std::vector<std::string_view> fields;
  const auto name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos) return fields;
  stat.remove_prefix(name_end + 2);
  while (!stat.empty()) {
    const auto space = stat.find(' ');
    fields.push_back(stat.substr(0, space));
    stat.remove_prefix(space == std::string_view::npos ? stat.size() : space + 1);
  }
  return fields;
}

long long Number(const std::vector<std::string_view>& fields, std::size_t field_of_proc5) {
  long long value = 0;
  const std::string_view text = fields[field_of_proc5 - 3];
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

constexpr std::size_t kGroup = 5;
constexpr std::size_t kUserTicks =
    14;  // 15 system, 16 and 17 those of children that were waited for
constexpr std::size_t kLastNeeded = 17;

std::optional<ProcessActivity> ReadActivity(pid_t pid, pid_t leader) {
  const std::string stat = ReadWhole(OpenProcFile(pid, "stat"));
  const auto fields = StatFields(stat);
  if (fields.size() + 2 < kLastNeeded) return std::nullopt;
  if (pid != leader && Number(fields, kGroup) != leader) return std::nullopt;
  long long ticks = 0;
  for (std::size_t field = kUserTicks; field <= kLastNeeded; ++field)
    ticks += Number(fields, field);
  ProcessActivity activity;
  activity.cpu = std::chrono::milliseconds(ticks * 1000 / sysconf(_SC_CLK_TCK));
  const auto io = ReadIoCounters(pid);
  activity.io_hidden = !io;
  if (io) activity.io = io->read + io->written;
  return activity;
}

std::vector<pid_t> AllProcesses() {
  std::vector<pid_t> pids;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc"), closedir);
  if (!folder) return pids;
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc{} && end == name.data() + name.size()) pids.push_back(pid);
  }
  return pids;
}

}  // namespace

std::optional<IoCounters> ReadIoCounters(pid_t pid) {
  const std::string text = ReadIo(pid);
  if (text.empty()) return std::nullopt;
  return IoCounters{NumberAfter(text, "rchar: "), NumberAfter(text, "wchar: ")};
}

GroupActivity ReadGroupActivity(pid_t leader) {
  GroupActivity group;
  for (const pid_t pid : AllProcesses()) {
    if (const auto activity = ReadActivity(pid, leader)) group.emplace(pid, *activity);
  }
  return group;
}

}  // namespace runner
