#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/file_system.h"

namespace runner {

/// The machine's files by system calls. Stateless, thread-safe. Interrupted calls are repeated.
/// A temporary file is called `.<name>.tmp-<pid>-<n>`; it is removed if the write fails, and only a
/// crash leaves one (see IsTemporaryName).
class PosixFileSystem final : public FileSystem {
 public:
  targets::Result<std::optional<FileInfo>> Stat(const std::string& path,
                                                LinkHandling links) override;
  targets::Result<std::optional<std::string>> Read(const std::string& path,
                                                   std::size_t limit) override;
  targets::Result<bool> SameContent(const std::string& one, const std::string& other) override;
  targets::Status WriteDurably(const std::string& path, const std::string& content,
                               std::uint32_t mode) override;
  targets::Status Remove(const std::string& path) override;
  targets::Status CreateDirectories(const std::string& path, std::uint32_t mode) override;
  targets::Result<std::vector<std::string>> List(const std::string& path,
                                                 std::size_t limit) override;
  targets::Status Rename(const std::string& from, const std::string& to) override;
  targets::Result<bool> Move(const std::string& from, const std::string& to) override;
  targets::Status RemoveTree(const std::string& path) override;
  targets::Status SyncAll(const std::string& path) override;
  targets::Status CopyAttributes(const std::string& from, const std::string& to) override;
  targets::Status SetModified(const std::string& path, targets::UnixTime time,
                              int nanoseconds) override;
  targets::Result<std::string> RealPath(const std::string& path) override;
  bool Writable(const std::string& path) override;
  targets::Status ChangeOwner(const std::string& path, std::uint32_t uid,
                              std::uint32_t gid) override;
  targets::Result<SpaceInfo> Space(const std::string& path) override;
  targets::Result<bool> IsMountPoint(const std::string& path) override;
  targets::Result<std::unique_ptr<FileLock>> TryLock(const std::string& path,
                                                     LockMode mode) override;
  targets::Result<bool> IsLocked(const std::string& path) override;
};

/// True for the names of the files that WriteDurably renames into place.
bool IsTemporaryName(std::string_view name);

}  // namespace runner
