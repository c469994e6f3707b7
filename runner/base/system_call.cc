#include "runner/base/system_call.h"

#include <fmt/format.h>
#include <unistd.h>

#include <system_error>

#include "runner/base/file_path.h"

namespace runner {

using targets::Error;
using targets::Fail;
using targets::Status;

namespace {

std::string HintFor(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return fmt::format("the runner works as user {}: check the owner and the mode of the path",
                         geteuid());
    case ENOSPC:
    case EDQUOT:
      return "free some space on that file system";
    case EROFS:
      return "that file system is mounted read-only";
    case EMFILE:
    case ENFILE:
      return "raise the limit of open files";
    default:
      return {};
  }
}

}  // namespace

tl::unexpected<Error> SystemError(std::string_view action, std::string_view path, int error) {
  return Fail(fmt::format("cannot {} {}: {}", action, path, std::generic_category().message(error)),
              HintFor(error));
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Descriptor Open(const std::string& path, int flags, mode_t mode) {
  return Descriptor(Retry([&] { return open(path.c_str(), flags, mode); }));
}

bool SyncFolder(int fd) {
  return Retry([&] { return fsync(fd); }) == 0 || errno == EINVAL || errno == ENOTSUP;
}

Status SyncFolderOf(const std::string& path) {
  const std::string folder = FolderOf(path);
  const Descriptor fd = Open(folder, kReadFolder);
  if (!fd.valid() || !SyncFolder(fd.get())) return SystemError("sync the folder", folder, errno);
  return {};
}

}  // namespace runner
