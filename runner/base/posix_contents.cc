// The part of PosixFileSystem that compares what is in two files.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <span>
#include <vector>

#include "runner/base/posix_file_system.h"
#include "runner/base/system_call.h"

namespace runner {
namespace {

using targets::Result;

constexpr std::size_t kBlock = std::size_t{256} * 1024;

/// A file that is being read from its start.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : path_(path),
        fd_(Open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)),
        block_(kBlock) {
    error_ = fd_.valid() ? 0 : errno;
    struct stat info {};
    if (error_ == 0 && fstat(fd_.get(), &info) != 0) error_ = errno;
    if (error_ == 0 && !S_ISREG(info.st_mode)) error_ = EINVAL;
  }

  /// The next bytes; fewer than a block only at the end.
  std::span<const char> Next() {
    std::size_t filled = 0;
    while (error_ == 0 && filled < kBlock) {
      const ssize_t count =
          Retry([&] { return read(fd_.get(), block_.data() + filled, kBlock - filled); });
      if (count < 0) error_ = errno;
      if (count <= 0) break;
      filled += static_cast<std::size_t>(count);
    }
    return {block_.data(), filled};
  }

  [[nodiscard]] bool failed() const { return error_ != 0; }
  [[nodiscard]] tl::unexpected<targets::Error> Error() const {
    return SystemError("compare", path_, error_);
  }

 private:
  std::string path_;
  Descriptor fd_;
  std::vector<char> block_;
  int error_ = 0;
};

}  // namespace

Result<bool> PosixFileSystem::SameContent(const std::string& one, const std::string& other) {
  OpenFile first(one);
  OpenFile second(other);
  while (true) {
    const auto left = first.Next();
    const auto right = second.Next();
    if (first.failed()) return first.Error();
    if (second.failed()) return second.Error();
    if (!std::ranges::equal(left, right)) return false;
    if (left.size() < kBlock) return true;
  }
}

}  // namespace runner
