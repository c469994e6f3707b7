#include "runner/repository/snapshot_files.h"

#include "runner/base/file_path.h"
#include "targets/restic/command_lines.h"

namespace runner {
namespace {

/// Of so many restic itself could not be told in one call.
constexpr std::size_t kMostFiles = 1'000'000;

}  // namespace

Outcome<std::set<targets::SnapshotId>> SnapshotFilesIn(FileSystem& files,
                                                       const std::string& repository) {
  const auto names = files.List(JoinPath(repository, "snapshots"), kMostFiles);
  if (names) return SnapshotIdsAmong(*names);
  return tl::unexpected<Failure>(
      Failure{Cause::kUnknown, names.error().message, names.error().hint, {}});
}

std::set<targets::SnapshotId> SnapshotIdsAmong(const std::vector<std::string>& names) {
  std::set<targets::SnapshotId> ids;
  for (const std::string& name : names) {
    if (targets::IsFullId(name)) ids.emplace(name);
  }
  return ids;
}

}  // namespace runner
