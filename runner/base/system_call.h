#pragma once

#include <fcntl.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "targets/base/result.h"

// What every use of system calls on files needs.
namespace runner {

inline constexpr int kReadFolder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

/// "cannot <action> <path>: <reason of `error`>", with a hint where one helps.
tl::unexpected<targets::Error> SystemError(std::string_view action, std::string_view path,
                                           int error);

/// Repeats `call` while a signal interrupts it.
template <typename Call>
auto Retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// True for the errors that mean "nothing is there".
inline bool IsAbsence(int error) { return error == ENOENT || error == ENOTDIR; }

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// open(2); not valid: errno says why.
Descriptor Open(const std::string& path, int flags, mode_t mode = 0);

/// fsync of a folder. One that cannot be synced (some network and FUSE file systems) is as durable
/// as it can be.
bool SyncFolder(int fd);
targets::Status SyncFolderOf(const std::string& path);

}  // namespace runner
