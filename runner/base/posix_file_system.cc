#include "runner/base/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <system_error>
#include <utility>

#include "runner/base/file_path.h"
#include "runner/base/mount_points.h"
#include "runner/base/system_call.h"

namespace runner {
namespace {

using targets::Fail;
using targets::Result;
using targets::Status;

constexpr std::string_view kTemporaryMark = ".tmp-";
bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = Retry([&] { return write(fd, content.data(), content.size()); });
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// A file that is not yet known by its real name. Removed again unless Commit() succeeds.
class TemporaryFile {
 public:
  TemporaryFile(int folder, std::string name, std::uint32_t mode)
      : folder_(folder), final_(std::move(name)) {
    static std::atomic<unsigned> counter{0};
    constexpr int kAttempts =
        1000;  // names that a crash of an earlier process with this id left behind
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      name_ = fmt::format(".{}{}{}-{}", final_.substr(0, 200), kTemporaryMark, getpid(),
                          counter.fetch_add(1));
      const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
      fd_ = Retry([&] { return openat(folder_, name_.c_str(), flags, mode); });
      if (fd_ >= 0 || errno != EEXIST) break;
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (fd_ >= 0) close(fd_);
    if (created_ && !renamed_) unlinkat(folder_, name_.c_str(), 0);
  }

  /// False with errno set: nothing but the temporary file was touched, or (folder sync) the new
  /// content is in place and may not survive a power cut.
  bool Commit(std::string_view content, std::uint32_t mode) {
    created_ = fd_ >= 0;
    if (!created_) return false;
    if (fchmod(fd_, mode) != 0 || !WriteAll(fd_, content)) return false;
    if (Retry([&] { return fsync(fd_); }) != 0) return false;
    if (close(std::exchange(fd_, -1)) != 0 && errno != EINTR) return false;
    renamed_ = renameat(folder_, name_.c_str(), folder_, final_.c_str()) == 0;
    return renamed_ && SyncFolder(folder_);
  }

 private:
  int folder_;
  std::string final_;
  std::string name_;
  int fd_ = -1;
  bool created_ = false;
  bool renamed_ = false;
};

FileType TypeOf(mode_t mode) {
  if (S_ISREG(mode)) return FileType::kFile;
  if (S_ISDIR(mode)) return FileType::kDirectory;
  if (S_ISLNK(mode)) return FileType::kSymlink;
  return FileType::kOther;
}

/// Creates one folder; an existing one is left as it is.
Status CreateDirectory(const std::string& path, std::uint32_t mode) {
  if (mkdir(path.c_str(), mode) == 0) {
    if (chmod(path.c_str(), mode) != 0) return SystemError("set the mode of", path, errno);
    return SyncFolderOf(path);
  }
  const int error = errno;
  struct stat info {};
  if (stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return {};
  return SystemError("create the folder", path, error);
}

class FlockLock final : public FileLock {
 public:
  explicit FlockLock(int fd) : fd_(fd) {}
  FlockLock(const FlockLock&) = delete;
  FlockLock& operator=(const FlockLock&) = delete;
  ~FlockLock() override { close(fd_); }

 private:
  int fd_;
};

/// IsLocked holds a shared lock for some microseconds; an exclusive lock that meets one tries
/// again.
bool LockPatiently(int fd, int operation) {
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    if (Retry([&] { return flock(fd, operation | LOCK_NB); }) == 0) return true;
    if (errno != EWOULDBLOCK || operation != LOCK_EX || attempt == kAttempts) return false;
    const timespec pause{.tv_sec = 0, .tv_nsec = 1'000'000};
    nanosleep(&pause, nullptr);
    errno = EWOULDBLOCK;
  }
}

/// What the kernel says by itself (Linux 5.8); nullopt: it does not say.
std::optional<bool> IsMountRoot(const std::string& path) {
  struct statx info {};
  if (statx(AT_FDCWD, path.c_str(), 0, 0, &info) != 0) return std::nullopt;
  if ((info.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0) return std::nullopt;
  return (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

}  // namespace

bool IsTemporaryName(std::string_view name) {
  return name.starts_with('.') && name.find(kTemporaryMark) != std::string_view::npos;
}

Result<std::optional<FileInfo>> PosixFileSystem::Stat(const std::string& path, LinkHandling links) {
  struct stat info {};
  const int flags = links == LinkHandling::kNoFollow ? AT_SYMLINK_NOFOLLOW : 0;
  if (Retry([&] { return fstatat(AT_FDCWD, path.c_str(), &info, flags); }) != 0) {
    if (IsAbsence(errno)) return std::nullopt;
    return SystemError("look at", path, errno);
  }
  return FileInfo{.type = TypeOf(info.st_mode),
                  .device = info.st_dev,
                  .inode = info.st_ino,
                  .mode = info.st_mode & 07777U,
                  .uid = info.st_uid,
                  .gid = info.st_gid,
                  .size = static_cast<targets::Bytes>(info.st_size),
                  .modified = targets::FromUnixSeconds(info.st_mtim.tv_sec),
                  .modified_nanoseconds = static_cast<int>(info.st_mtim.tv_nsec)};
}

Result<std::optional<std::string>> PosixFileSystem::Read(const std::string& path,
                                                         std::size_t limit) {
  const Descriptor fd =
      Open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);  // a FIFO must not hang us
  if (!fd.valid()) {
    if (IsAbsence(errno)) return std::nullopt;
    return SystemError("read", path, errno);
  }
  std::string content;
  std::array<char, 16384> buffer;
  while (true) {
    const ssize_t count = Retry([&] { return read(fd.get(), buffer.data(), buffer.size()); });
    if (count < 0) return SystemError("read", path, errno);
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > limit) {
      return Fail(fmt::format("cannot read {}: it is larger than {} bytes", path, limit));
    }
  }
}

Status PosixFileSystem::WriteDurably(const std::string& path, const std::string& content,
                                     std::uint32_t mode) {
  const Descriptor folder = Open(FolderOf(path), kReadFolder);
  if (!folder.valid()) return SystemError("write", path, errno);
  TemporaryFile file(folder.get(), NameOf(path), mode);
  if (!file.Commit(content, mode)) return SystemError("write", path, errno);
  return {};
}

Status PosixFileSystem::Remove(const std::string& path) {
  if (unlink(path.c_str()) != 0 && !IsAbsence(errno)) {
    const int error = errno;
    if (error != EISDIR || rmdir(path.c_str()) != 0) {
      return SystemError("remove", path, error == EISDIR ? errno : error);
    }
  }
  // Even if nothing was there: an earlier removal may not have reached the disk.
  const std::string folder = FolderOf(path);
  const Descriptor fd = Open(folder, kReadFolder);
  if (!fd.valid() && IsAbsence(errno)) return {};
  if (!fd.valid() || !SyncFolder(fd.get())) return SystemError("sync the folder", folder, errno);
  return {};
}

Status PosixFileSystem::CreateDirectories(const std::string& path, std::uint32_t mode) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    if (Status created = CreateDirectory(path.substr(0, slash), mode); !created) return created;
    if (slash == std::string::npos) return {};
  }
}

Result<std::vector<std::string>> PosixFileSystem::List(const std::string& path, std::size_t limit) {
  Descriptor fd = Open(path, kReadFolder);
  if (!fd.valid()) return SystemError("list", path, errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(fdopendir(fd.get()), &closedir);
  if (folder == nullptr) return SystemError("list", path, errno);
  (void)fd.Release();  // the stream owns it now
  std::vector<std::string> names;
  while (names.size() < limit) {
    errno = 0;
    const dirent* entry =
        readdir(folder.get());  // NOLINT(concurrency-mt-unsafe): a stream of our own
    if (entry == nullptr && errno != 0) return SystemError("list", path, errno);
    if (entry == nullptr) break;
    const std::string_view name(&entry->d_name[0]);
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Status PosixFileSystem::Rename(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) {
    return SystemError(fmt::format("rename {} to", from), to, errno);
  }
  if (Status synced = SyncFolderOf(to); !synced) return synced;
  return FolderOf(from) == FolderOf(to) ? Status{} : SyncFolderOf(from);
}

Result<std::string> PosixFileSystem::RealPath(const std::string& path) {
  char* const resolved = realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return SystemError("resolve", path, errno);
  std::string out(resolved);
  std::free(resolved);  // NOLINT: realpath(3) allocates with malloc
  return out;
}

bool PosixFileSystem::Writable(const std::string& path) {
  return faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

Status PosixFileSystem::ChangeOwner(const std::string& path, std::uint32_t uid, std::uint32_t gid) {
  if (Retry([&] { return chown(path.c_str(), uid, gid); }) != 0) {
    return SystemError("change the owner of", path, errno);
  }
  return {};
}

Result<SpaceInfo> PosixFileSystem::Space(const std::string& path) {
  struct statvfs info {};
  if (Retry([&] { return statvfs(path.c_str(), &info); }) != 0) {
    return SystemError("measure the free space of", path, errno);
  }
  const targets::Bytes block = info.f_frsize;
  return SpaceInfo{.total = (info.f_blocks - info.f_bfree + info.f_bavail) * block,
                   .available = info.f_bavail * block};
}

Result<bool> PosixFileSystem::IsMountPoint(const std::string& path) {
  struct stat here {};
  if (stat(path.c_str(), &here) != 0) {
    if (IsAbsence(errno)) return false;
    return SystemError("look at", path, errno);
  }
  if (const std::optional<bool> answer = IsMountRoot(path); answer.has_value()) return *answer;
  const Result<std::string> real = RealPath(path);
  if (!real) return Fail(real.error());
  constexpr std::size_t kMountinfoLimit = std::size_t{16}
                                          << 20;  // thousands of mounts on a cluster's node
  const auto mountinfo = Read("/proc/self/mountinfo", kMountinfoLimit);
  if (mountinfo && mountinfo->has_value()) {
    const std::vector<std::string> points = MountPoints(**mountinfo);
    return std::find(points.begin(), points.end(), *real) != points.end();
  }
  struct stat parent {};
  if (stat((*real + "/..").c_str(), &parent) != 0)
    return SystemError("look at", *real + "/..", errno);
  return here.st_dev != parent.st_dev ||
         here.st_ino == parent.st_ino;  // the root is its own parent
}

Result<std::unique_ptr<FileLock>> PosixFileSystem::TryLock(const std::string& path, LockMode mode) {
  Descriptor fd = Open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
  if (!fd.valid()) return SystemError("lock", path, errno);
  if (!LockPatiently(fd.get(), mode == LockMode::kExclusive ? LOCK_EX : LOCK_SH)) {
    if (errno == EWOULDBLOCK) return nullptr;
    return SystemError("lock", path, errno);
  }
  return std::make_unique<FlockLock>(fd.Release());
}

Result<bool> PosixFileSystem::IsLocked(const std::string& path) {
  const Descriptor fd = Open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (!fd.valid()) {
    if (IsAbsence(errno)) return false;
    return SystemError("look at the lock", path, errno);
  }
  if (Retry([&] { return flock(fd.get(), LOCK_SH | LOCK_NB); }) == 0) return false;
  if (errno == EWOULDBLOCK) return true;
  return SystemError("look at the lock", path, errno);
}

}  // namespace runner
