#include "runner/jobs/source_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/restore/journal.h"
#include "targets/restic/command_lines.h"

namespace runner {
namespace {

using targets::SourceState;

/// Enough to see past everything that does not count as data.
constexpr std::size_t kEntriesToLookAt = 64;

bool CountsAsData(std::string_view name) {
  return name != "lost+found" && !name.starts_with(targets::kStagingPrefix);
}

SourceReport Report(SourceState state, std::string detail, const std::string& path) {
  return SourceReport{state, std::move(detail), path};
}

/// The mount and the sentinel: without them the folder is not the one that is meant.
std::optional<SourceReport> CheckGuards(FileSystem& files, const std::string& path,
                                        const targets::Guards& guards) {
  if (guards.require_mount) {
    const auto mounted = files.IsMountPoint(path);
    if (!mounted) return Report(SourceState::kUnreadable, mounted.error().message, path);
    if (!*mounted) {
      return Report(SourceState::kMissing,
                    fmt::format("{} is not a mount point (guard.require_mount)", path), path);
    }
  }
  if (!guards.sentinel.empty()) {
    const std::string sentinel = path + "/" + guards.sentinel;
    const auto info = files.Stat(sentinel, LinkHandling::kFollow);
    if (!info) return Report(SourceState::kUnreadable, info.error().message, path);
    if (!info->has_value()) {
      return Report(SourceState::kMissing,
                    fmt::format("the sentinel {} is not there (guard.sentinel)", sentinel), path);
    }
  }
  return std::nullopt;
}

SourceReport LookInside(FileSystem& files, const std::string& path) {
  const auto unfinished = StagingFolder(path).Exists(files);
  if (!unfinished) return Report(SourceState::kUnreadable, unfinished.error().message, path);
  if (*unfinished) {
    return Report(SourceState::kHalfRestored,
                  fmt::format("a restore into {} is not finished", path), path);
  }
  const auto names = files.List(path, kEntriesToLookAt);
  if (!names) return Report(SourceState::kUnreadable, names.error().message, path);
  if (std::any_of(names->begin(), names->end(), CountsAsData))
    return Report(SourceState::kHasData, "", path);
  return Report(SourceState::kEmpty, fmt::format("{} is empty", path), path);
}

}  // namespace

SourceReport InspectSource(FileSystem& files, const targets::DirectorySource& source,
                           const targets::Guards& guards) {
  std::string path = source.path;
  // restic stores a symbolic link as a link, not what it points to.
  const auto link = files.Stat(path, LinkHandling::kNoFollow);
  if (!link) return Report(SourceState::kUnreadable, link.error().message, path);
  if (!link->has_value())
    return Report(SourceState::kMissing, fmt::format("{} does not exist", path), path);
  if ((*link)->type == FileType::kSymlink) {
    const auto real = files.RealPath(path);
    if (!real) {
      const auto end = files.Stat(path, LinkHandling::kFollow);
      const bool absent = end && !end->has_value();
      return Report(absent ? SourceState::kMissing : SourceState::kUnreadable, real.error().message,
                    path);
    }
    path = *real;
  }
  const auto info = files.Stat(path, LinkHandling::kFollow);
  if (!info) return Report(SourceState::kUnreadable, info.error().message, path);
  if (!info->has_value())
    return Report(SourceState::kMissing, fmt::format("{} does not exist", path), path);
  if ((*info)->type != FileType::kDirectory) {
    return Report(SourceState::kMissing, fmt::format("{} is not a directory", path), path);
  }
  if (auto refused = CheckGuards(files, path, guards)) return *refused;
  return LookInside(files, path);
}

}  // namespace runner
