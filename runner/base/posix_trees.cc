// The part of PosixFileSystem that works on whole folders: moving, removing, syncing them, and what
// belongs to a folder beside its content.

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <memory>

#include "runner/base/file_path.h"
#include "runner/base/posix_file_system.h"
#include "runner/base/system_call.h"

namespace runner {
namespace {

using targets::Result;
using targets::Status;

/// Where the kernel or the file system has no rename that refuses to replace.
Result<bool> MoveWithALook(const std::string& from, const std::string& to) {
  struct stat info {};
  if (lstat(to.c_str(), &info) == 0) return false;
  if (rename(from.c_str(), to.c_str()) == 0) return true;
  return SystemError(fmt::format("rename {} to", from), to, errno);
}

Status RemoveEntry(int folder, const std::string& name, const std::string& path);

Status RemoveInside(int folder, const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(dup(folder)), &closedir);
  if (stream == nullptr) return SystemError("list", path, errno);
  while (true) {
    errno = 0;
    const dirent* entry =
        readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): a stream of our own
    if (entry == nullptr) break;
    const std::string name(&entry->d_name[0]);
    if (name == "." || name == "..") continue;
    if (Status removed = RemoveEntry(folder, name, JoinPath(path, name)); !removed) return removed;
  }
  return errno == 0 ? Status{} : SystemError("list", path, errno);
}

/// By descriptors, so that a folder which somebody replaces by a link meanwhile leads nowhere else.
Status RemoveEntry(int folder, const std::string& name, const std::string& path) {
  if (unlinkat(folder, name.c_str(), 0) == 0 || IsAbsence(errno)) return {};
  if (errno != EISDIR && errno != EPERM) return SystemError("remove", path, errno);
  const Descriptor inside(
      Retry([&] { return openat(folder, name.c_str(), kReadFolder | O_NOFOLLOW); }));
  if (!inside.valid()) return SystemError("remove", path, errno);
  if (Status emptied = RemoveInside(inside.get(), path); !emptied) return emptied;
  if (unlinkat(folder, name.c_str(), AT_REMOVEDIR) == 0 || IsAbsence(errno)) return {};
  return SystemError("remove", path, errno);
}

/// The names of all extended attributes; empty if the file system has none.
std::vector<std::string> AttributeNames(const std::string& path) {
  std::array<char, 65536> buffer;  // the kernel's own limit
  const ssize_t size = listxattr(path.c_str(), buffer.data(), buffer.size());
  std::vector<std::string> names;
  for (ssize_t at = 0; at < size;) {
    names.emplace_back(&buffer.at(static_cast<std::size_t>(at)));
    at += static_cast<ssize_t>(names.back().size()) + 1;
  }
  return names;
}

Status CopyAttribute(const std::string& name, const std::string& from, const std::string& to) {
  std::array<char, 65536> value;
  const ssize_t size = getxattr(from.c_str(), name.c_str(), value.data(), value.size());
  if (size < 0) return SystemError("read the attribute " + name + " of", from, errno);
  if (setxattr(to.c_str(), name.c_str(), value.data(), static_cast<std::size_t>(size), 0) != 0)
    return SystemError("set the attribute " + name + " of", to, errno);
  return {};
}

}  // namespace

Result<bool> PosixFileSystem::Move(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  if (errno == EINVAL || errno == ENOSYS) return MoveWithALook(from, to);
  return SystemError(fmt::format("rename {} to", from), to, errno);
}

Status PosixFileSystem::RemoveTree(const std::string& path) {
  const std::string parent = FolderOf(path);
  const Descriptor folder = Open(parent, kReadFolder);
  if (!folder.valid() && IsAbsence(errno)) return {};
  if (!folder.valid()) return SystemError("remove", path, errno);
  if (Status removed = RemoveEntry(folder.get(), NameOf(path), path); !removed) return removed;
  if (!SyncFolder(folder.get())) return SystemError("sync the folder", parent, errno);
  return {};
}

Status PosixFileSystem::SyncAll(const std::string& path) {
  const Descriptor fd = Open(path, O_RDONLY | O_CLOEXEC);
  if (!fd.valid() || syncfs(fd.get()) != 0) return SystemError("sync", path, errno);
  return {};
}

Status PosixFileSystem::CopyAttributes(const std::string& from, const std::string& to) {
  struct stat wanted {};
  struct stat present {};
  if (stat(from.c_str(), &wanted) != 0) return SystemError("look at", from, errno);
  if (stat(to.c_str(), &present) != 0) return SystemError("look at", to, errno);
  const bool same_owner = wanted.st_uid == present.st_uid && wanted.st_gid == present.st_gid;
  if (!same_owner && chown(to.c_str(), wanted.st_uid, wanted.st_gid) != 0)
    return SystemError("change the owner of", to, errno);
  if (chmod(to.c_str(), wanted.st_mode & 07777U) != 0)
    return SystemError("set the mode of", to, errno);
  for (const std::string& name : AttributeNames(from)) {
    if (Status copied = CopyAttribute(name, from, to); !copied) return copied;
  }
  return {};
}

Status PosixFileSystem::SetModified(const std::string& path, targets::UnixTime time,
                                    int nanoseconds) {
  const std::array<timespec, 2> times{
      timespec{.tv_sec = 0, .tv_nsec = UTIME_OMIT},
      timespec{.tv_sec = targets::ToUnixSeconds(time), .tv_nsec = nanoseconds}};
  if (utimensat(AT_FDCWD, path.c_str(), times.data(), 0) != 0)
    return SystemError("set the time of", path, errno);
  return {};
}

}  // namespace runner
