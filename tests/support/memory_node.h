#pragma once

#include <fmt/format.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "tests/support/memory_file_system.h"

// What a MemoryFileSystem is made of; for its own source files only.
namespace runner::testing {

/// flock(2) of one file; outlives a crash only in the hands of dead holders.
struct MemoryLockState {
  std::mutex mutex;
  int shared = 0;
  bool exclusive = false;
};

struct MemoryFileSystem::Node {
  using Entries = std::map<std::string, std::shared_ptr<Node>>;

  FileType type = FileType::kFile;
  std::uint32_t mode = 0;
  std::uint64_t inode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  targets::UnixTime modified{};
  int modified_nanoseconds = 0;
  std::string content;  // of a file; the destination of a link
  std::string synced_content;
  Entries entries;
  Entries synced_entries;
  bool unreadable = false;
  bool mount_point = false;
  std::shared_ptr<MemoryLockState> lock = std::make_shared<MemoryLockState>();

  void Sync() {
    synced_content = content;
    synced_entries = entries;
  }
  void LoseUnsynced() {
    content = synced_content;
    entries = synced_entries;
  }
};

/// Where a path leads: `node` is null if nothing is there, `folder` as well if not even its folder
/// is.
struct MemoryFileSystem::Place {
  NodePtr folder;
  std::string name;
  NodePtr node;
};

inline tl::unexpected<targets::Error> Refuse(std::string_view action, std::string_view path,
                                             std::string_view why) {
  return targets::Fail(fmt::format("cannot {} {}: {}", action, path, why));
}

}  // namespace runner::testing
