#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "targets/base/result.h"
#include "targets/base/size.h"
#include "targets/base/time.h"

namespace runner {

enum class FileType { kFile, kDirectory, kSymlink, kOther };

struct FileInfo {
  FileType type = FileType::kOther;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint32_t mode = 0;  // permission bits, 07777
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  targets::Bytes size = 0;
  targets::UnixTime modified{};
  int modified_nanoseconds = 0;  // of `modified`
};

/// As an unprivileged user sees it: what is reserved for root counts in neither, as in df(1)'s
/// "Use%".
struct SpaceInfo {
  targets::Bytes total = 0;
  targets::Bytes available = 0;
};

/// A lock on one file, held until destruction or the death of the process (flock(2)).
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class LockMode { kShared, kExclusive };
enum class LinkHandling { kFollow, kNoFollow };

/// The files of this machine. Paths are absolute. Thread-safe. Errors name the path and the
/// system's reason. "Absent" is never an error where a caller must tell it from "unreadable": those
/// return an empty optional.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// Nothing there: nullopt. Anything else that prevents looking (permission, I/O): an error.
  virtual targets::Result<std::optional<FileInfo>> Stat(const std::string& path,
                                                        LinkHandling links) = 0;

  /// The whole content; absent: nullopt; larger than `limit` bytes: an error.
  virtual targets::Result<std::optional<std::string>> Read(const std::string& path,
                                                           std::size_t limit) = 0;

  /// True if both are regular files with the same bytes, however large. Follows no link at the end
  /// of a path. Errors: one of them is absent, or cannot be read.
  virtual targets::Result<bool> SameContent(const std::string& one, const std::string& other) = 0;

  /// After a power cut the file has either its old or its new content, whole: a new file in the
  /// same folder, fsync, rename, fsync of the folder. The folder must exist.
  virtual targets::Status WriteDurably(const std::string& path, const std::string& content,
                                       std::uint32_t mode) = 0;

  /// Durable as well. Removing what is not there is success.
  virtual targets::Status Remove(const std::string& path) = 0;

  /// Creates the folder and its parents; an existing one is success. Durable.
  virtual targets::Status CreateDirectories(const std::string& path, std::uint32_t mode) = 0;

  /// Names in a folder, sorted, without "." and "..", at most `limit` of them (so that "is it
  /// empty?" is cheap).
  virtual targets::Result<std::vector<std::string>> List(const std::string& path,
                                                         std::size_t limit) = 0;

  /// rename(2), then fsync of both folders.
  virtual targets::Status Rename(const std::string& from, const std::string& to) = 0;

  /// rename(2) that replaces nothing; false: something is there already, and nothing was done.
  /// Durable after SyncAll().
  virtual targets::Result<bool> Move(const std::string& from, const std::string& to) = 0;

  /// Removes it and everything below it, following no link. Removing what is not there is success.
  /// Durable.
  virtual targets::Status RemoveTree(const std::string& path) = 0;

  /// Whatever was written on the file system that holds `path` survives a power cut from now on.
  virtual targets::Status SyncAll(const std::string& path) = 0;

  /// Gives a folder the owner, mode and extended attributes (access lists are some) of another.
  virtual targets::Status CopyAttributes(const std::string& from, const std::string& to) = 0;

  virtual targets::Status SetModified(const std::string& path, targets::UnixTime time,
                                      int nanoseconds) = 0;

  /// The path without symbolic links; an error if anything of it does not exist.
  virtual targets::Result<std::string> RealPath(const std::string& path) = 0;

  /// True if this process may create files there, as far as can be told without trying.
  virtual bool Writable(const std::string& path) = 0;

  /// chown(2) of one file or folder. Needs root.
  virtual targets::Status ChangeOwner(const std::string& path, std::uint32_t uid,
                                      std::uint32_t gid) = 0;

  virtual targets::Result<SpaceInfo> Space(const std::string& path) = 0;

  /// True if `path` is the root of a mount (another file system, or a bind mount).
  virtual targets::Result<bool> IsMountPoint(const std::string& path) = 0;

  /// Takes the lock without waiting, creating the file (0600) if needed; nullptr: another holder
  /// has it.
  virtual targets::Result<std::unique_ptr<FileLock>> TryLock(const std::string& path,
                                                             LockMode mode) = 0;

  /// True if somebody (this process included) holds the exclusive lock on `path`. Only looks:
  /// creates nothing, and a TryLock at the same moment is not disturbed. No such file: false.
  virtual targets::Result<bool> IsLocked(const std::string& path) = 0;
};

/// No limit worth the name for Read and List where the content is our own.
inline constexpr std::size_t kSmallFileLimit = std::size_t{1} << 20;

}  // namespace runner
