#include <fmt/format.h>

#include "runner/base/file_path.h"
#include "runner/keys/repository_files.h"
#include "runner/repository/snapshot_files.h"

namespace runner {
namespace {

constexpr std::uint32_t kReadable = 0444;
constexpr std::uint32_t kReadableByOwner = 0400;

tl::unexpected<Failure> NotWritten(const targets::Error& error) {
  return tl::unexpected<Failure>(Failure{Cause::kPermission, error.message, error.hint, {}});
}

}  // namespace

/// Under a name that restic leaves alone, like the temporary files of its own, until it is whole.
Outcome<void> FolderFiles::Put(const RepositoryFile& file, StopHandle& /*stop*/) {
  const std::string folder = JoinPath(repository_, file.folder);
  const auto info = files_.Stat(folder, LinkHandling::kFollow);
  if (!info) return NotWritten(info.error());
  const auto config = files_.Stat(JoinPath(repository_, "config"), LinkHandling::kFollow);
  if (!config) return NotWritten(config.error());
  if (!info->has_value() || (*info)->type != FileType::kDirectory || !config->has_value())
    return NotWritten({fmt::format("{} is no folder of a repository", folder), ""});
  const std::string temporary = JoinPath(folder, file.name + "-tmp-runner");
  const std::uint32_t mode = ((*config)->mode & kReadable) | kReadableByOwner;
  targets::Status done = files_.WriteDurably(temporary, file.content, mode);
  if (!done) return NotWritten(done.error());
  if (owner_ == Owner::kAsTheFolder)
    done = files_.ChangeOwner(temporary, (*info)->uid, (*info)->gid);
  if (done) done = files_.Rename(temporary, JoinPath(folder, file.name));
  if (done) return {};
  static_cast<void>(files_.Remove(temporary));
  return NotWritten(done.error());
}

Outcome<std::set<targets::SnapshotId>> FolderFiles::Snapshots(StopHandle& /*stop*/) {
  return SnapshotFilesIn(files_, repository_);
}

}  // namespace runner
