#include "tests/support/memory_file_system.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/base/file_path.h"
#include "targets/base/text.h"
#include "tests/support/memory_node.h"

namespace runner::testing {

using targets::Fail;
using targets::Result;
using targets::Status;

namespace {

class MemoryLock final : public FileLock {
 public:
  MemoryLock(std::shared_ptr<MemoryLockState> state, LockMode mode)
      : state_(std::move(state)), mode_(mode) {}
  MemoryLock(const MemoryLock&) = delete;
  MemoryLock& operator=(const MemoryLock&) = delete;
  ~MemoryLock() override {
    const std::lock_guard guard(state_->mutex);
    if (mode_ == LockMode::kExclusive) {
      state_->exclusive = false;
    } else {
      --state_->shared;
    }
  }

 private:
  std::shared_ptr<MemoryLockState> state_;
  LockMode mode_;
};

/// True for the folder itself as well.
bool IsBelow(const std::string& path, const std::string& folder) {
  return folder == "/" || path == folder || path.starts_with(folder + "/");
}

}  // namespace

MemoryFileSystem::MemoryFileSystem() : root_(Make(FileType::kDirectory, 0755)) {
  root_->mount_point = true;
}
MemoryFileSystem::~MemoryFileSystem() = default;

MemoryFileSystem::NodePtr MemoryFileSystem::Make(FileType type, std::uint32_t mode) {
  auto node = std::make_shared<Node>();
  node->type = type;
  node->mode = mode;
  node->inode = next_inode_++;
  node->modified = now_;
  return node;
}

Status MemoryFileSystem::Step(const char* action, const std::string& path) {
  ++steps_;
  if (steps_ == stop_step_) stopped_ = true;
  if (stopped_) return Refuse(action, path, "the machine has stopped");
  if (steps_ == fail_step_) return Refuse(action, path, "Input/output error");
  return {};
}

Result<MemoryFileSystem::Place> MemoryFileSystem::Locate(const std::string& path,
                                                         LinkHandling links, int depth,
                                                         std::string* resolved) const {
  constexpr int kLinkLimit = 40;
  if (depth > kLinkLimit) return Refuse("look at", path, "Too many levels of symbolic links");
  Place place{.folder = nullptr, .name = "/", .node = root_};
  std::string walked;
  const std::vector<std::string_view> parts = targets::Split(path, '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty() || parts[i] == ".") continue;
    if (place.node == nullptr || place.node->type != FileType::kDirectory) return Place{};
    if (place.node->unreadable) return Refuse("look at", path, "Permission denied");
    place.folder = place.node;
    place.name = std::string(parts[i]);
    const auto found = place.folder->entries.find(place.name);
    place.node = found == place.folder->entries.end() ? nullptr : found->second;
    const bool last = i + 1 == parts.size();
    if (place.node != nullptr && place.node->type == FileType::kSymlink &&
        (!last || links == LinkHandling::kFollow)) {
      const std::string& to = place.node->content;
      std::string rest = to.starts_with('/') ? to : JoinPath(walked, to);
      for (std::size_t j = i + 1; j < parts.size(); ++j) rest = JoinPath(rest, parts[j]);
      return Locate(rest, links, depth + 1, resolved);
    }
    walked = JoinPath(walked, place.name);
  }
  if (resolved != nullptr) *resolved = walked.empty() ? "/" : walked;
  return place;
}

Result<MemoryFileSystem::Place> MemoryFileSystem::LocateFolderOf(const std::string& path) const {
  Result<Place> place = Locate(FolderOf(path), LinkHandling::kFollow);
  if (place && place->node != nullptr && place->node->unreadable) {
    return Refuse("look at", path, "Permission denied");
  }
  return place;
}

Result<std::optional<FileInfo>> MemoryFileSystem::Stat(const std::string& path,
                                                       LinkHandling links) {
  const std::lock_guard guard(mutex_);
  const Result<Place> place = Locate(path, links);
  if (!place) return Fail(place.error());
  if (place->node == nullptr) return std::nullopt;
  const Node& node = *place->node;
  return FileInfo{.type = node.type,
                  .device = 1,
                  .inode = node.inode,
                  .mode = node.mode,
                  .uid = node.uid,
                  .gid = node.gid,
                  .size = node.content.size(),
                  .modified = node.modified,
                  .modified_nanoseconds = node.modified_nanoseconds};
}

Result<std::optional<std::string>> MemoryFileSystem::Read(const std::string& path,
                                                          std::size_t limit) {
  const std::lock_guard guard(mutex_);
  const Result<Place> place = Locate(path, LinkHandling::kFollow);
  if (!place) return Fail(place.error());
  if (place->node == nullptr) return std::nullopt;
  const Node& node = *place->node;
  if (node.unreadable) return Refuse("read", path, "Permission denied");
  if (node.type == FileType::kDirectory) return Refuse("read", path, "Is a directory");
  if (node.content.size() > limit) {
    return Refuse("read", path, fmt::format("it is larger than {} bytes", limit));
  }
  return node.content;
}

Result<bool> MemoryFileSystem::SameContent(const std::string& one, const std::string& other) {
  const std::lock_guard guard(mutex_);
  std::vector<NodePtr> nodes;
  for (const std::string& path : {one, other}) {
    const Result<Place> place = Locate(path, LinkHandling::kNoFollow);
    if (!place) return Fail(place.error());
    if (place->node == nullptr) return Refuse("compare", path, "No such file or directory");
    if (place->node->type != FileType::kFile) return Refuse("compare", path, "it is no file");
    if (place->node->unreadable) return Refuse("compare", path, "Permission denied");
    nodes.push_back(place->node);
  }
  return nodes.front()->content == nodes.back()->content;
}

Status MemoryFileSystem::WriteTemporary(Node& folder, const std::string& name,
                                        const std::string& path, const std::string& content,
                                        std::uint32_t mode) {
  if (Status step = Step("create", path); !step) return step;
  const NodePtr file = Make(FileType::kFile, mode);
  folder.entries[name] = file;
  if (Status step = Step("write", path); !step) return step;
  if (full_ && !content.empty()) return Refuse("write", path, "No space left on device");
  file->content = content;
  if (Status step = Step("sync", path); !step) return step;
  file->synced_content = file->content;
  return Step("rename", path);
}

Status MemoryFileSystem::WriteDurably(const std::string& path, const std::string& content,
                                      std::uint32_t mode) {
  const std::lock_guard guard(mutex_);
  const Result<Place> place = LocateFolderOf(path);
  if (!place) return Fail(place.error());
  if (place->node == nullptr) return Refuse("write", path, "No such file or directory");
  Node& folder = *place->node;
  const std::string name = NameOf(path);
  const std::string temporary = fmt::format(".{}.tmp-1-{}", name, next_temporary_++);
  Status written = WriteTemporary(folder, temporary, path, content, mode);
  const auto existing = folder.entries.find(name);
  if (written && existing != folder.entries.end() &&
      existing->second->type == FileType::kDirectory) {
    written = Refuse("write", path, "Is a directory");
  }
  if (!written) {
    if (!stopped_) folder.entries.erase(temporary);
    return written;
  }
  folder.entries[name] = folder.entries[temporary];
  folder.entries.erase(temporary);
  if (Status step = Step("sync the folder of", path); !step) return step;
  folder.synced_entries = folder.entries;
  return {};
}

Status MemoryFileSystem::Remove(const std::string& path) {
  const std::lock_guard guard(mutex_);
  const Result<Place> place = Locate(path, LinkHandling::kNoFollow);
  if (!place) return Fail(place.error());
  if (place->folder == nullptr) return {};
  if (place->node != nullptr && !place->node->entries.empty()) {
    return Refuse("remove", path, "Directory not empty");
  }
  if (Status step = Step("remove", path); !step) return step;
  place->folder->entries.erase(place->name);
  if (Status step = Step("sync the folder of", path); !step) return step;
  place->folder->synced_entries = place->folder->entries;
  return {};
}

Status MemoryFileSystem::CreateDirectory(const std::string& path, std::uint32_t mode) {
  const Result<Place> place = Locate(path, LinkHandling::kFollow);
  if (!place) return Fail(place.error());
  if (place->node != nullptr && place->node->type == FileType::kDirectory) return {};
  if (place->node != nullptr) return Refuse("create the folder", path, "File exists");
  if (place->folder == nullptr) return Refuse("create the folder", path, "Not a directory");
  if (Status step = Step("create the folder", path); !step) return step;
  if (full_) return Refuse("create the folder", path, "No space left on device");
  place->folder->entries[place->name] = Make(FileType::kDirectory, mode);
  if (Status step = Step("sync the folder of", path); !step) return step;
  place->folder->synced_entries = place->folder->entries;
  return {};
}

Status MemoryFileSystem::CreateDirectories(const std::string& path, std::uint32_t mode) {
  const std::lock_guard guard(mutex_);
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    if (Status created = CreateDirectory(path.substr(0, slash), mode); !created) return created;
    if (slash == std::string::npos) return {};
  }
}

Result<std::vector<std::string>> MemoryFileSystem::List(const std::string& path,
                                                        std::size_t limit) {
  const std::lock_guard guard(mutex_);
  const Result<Place> place = Locate(path, LinkHandling::kFollow);
  if (!place) return Fail(place.error());
  if (place->node == nullptr) return Refuse("list", path, "No such file or directory");
  if (place->node->type != FileType::kDirectory) return Refuse("list", path, "Not a directory");
  if (place->node->unreadable) return Refuse("list", path, "Permission denied");
  std::vector<std::string> names;
  for (const auto& [name, child] : place->node->entries) {
    if (names.size() == limit) break;
    names.push_back(name);
  }
  return names;
}

Status MemoryFileSystem::Rename(const std::string& from, const std::string& to) {
  const std::lock_guard guard(mutex_);
  const std::string action = fmt::format("rename {} to", from);
  const Result<Place> source = Locate(from, LinkHandling::kNoFollow);
  if (!source) return Fail(source.error());
  const Result<Place> destination = Locate(to, LinkHandling::kNoFollow);
  if (!destination) return Fail(destination.error());
  if (source->node == nullptr || destination->folder == nullptr) {
    return Refuse(action, to, "No such file or directory");
  }
  const NodePtr& over = destination->node;
  const bool moves_folder = source->node->type == FileType::kDirectory;
  if (over != nullptr && moves_folder && over->type != FileType::kDirectory) {
    return Refuse(action, to, "Not a directory");
  }
  if (over != nullptr && !moves_folder && over->type == FileType::kDirectory) {
    return Refuse(action, to, "Is a directory");
  }
  if (over != nullptr && !over->entries.empty()) return Refuse(action, to, "Directory not empty");
  if (Status step = Step("rename", from); !step) return step;
  const NodePtr moved = source->node;
  source->folder->entries.erase(source->name);
  destination->folder->entries[destination->name] = moved;
  if (Status step = Step("sync the folder of", to); !step) return step;
  destination->folder->synced_entries = destination->folder->entries;
  if (source->folder == destination->folder) return {};
  if (Status step = Step("sync the folder of", from); !step) return step;
  source->folder->synced_entries = source->folder->entries;
  return {};
}

Result<std::string> MemoryFileSystem::RealPath(const std::string& path) {
  const std::lock_guard guard(mutex_);
  std::string resolved;
  const Result<Place> place = Locate(path, LinkHandling::kFollow, 0, &resolved);
  if (!place) return Fail(place.error());
  if (place->node == nullptr) return Refuse("resolve", path, "No such file or directory");
  return resolved;
}

bool MemoryFileSystem::Writable(const std::string& path) {
  const std::lock_guard guard(mutex_);
  std::string resolved;
  const Result<Place> place = Locate(path, LinkHandling::kFollow, 0, &resolved);
  if (!place || place->node == nullptr || place->node->unreadable) return false;
  return std::none_of(read_only_.begin(), read_only_.end(),
                      [&](const std::string& prefix) { return IsBelow(resolved, prefix); });
}

Status MemoryFileSystem::ChangeOwner(const std::string& path, std::uint32_t uid,
                                     std::uint32_t gid) {
  const std::lock_guard guard(mutex_);
  const Result<Place> place = Locate(path, LinkHandling::kFollow, 0);
  if (!place) return Fail(place.error());
  if (place->node == nullptr)
    return Refuse("change the owner of", path, "No such file or directory");
  place->node->uid = uid;
  place->node->gid = gid;
  return {};
}

Result<SpaceInfo> MemoryFileSystem::Space(const std::string& path) {
  const std::lock_guard guard(mutex_);
  const Result<Place> place = Locate(path, LinkHandling::kFollow);
  if (!place) return Fail(place.error());
  if (place->node == nullptr) {
    return Refuse("measure the free space of", path, "No such file or directory");
  }
  constexpr targets::Bytes kRoomy = targets::Bytes{1} << 40;
  SpaceInfo best{.total = kRoomy, .available = kRoomy};
  std::size_t longest = 0;
  for (const auto& [prefix, space] : space_) {
    if (!IsBelow(path, prefix) || prefix.size() < longest) continue;
    longest = prefix.size();
    best = space;
  }
  return best;
}

Result<bool> MemoryFileSystem::IsMountPoint(const std::string& path) {
  const std::lock_guard guard(mutex_);
  const Result<Place> place = Locate(path, LinkHandling::kFollow);
  if (!place) return Fail(place.error());
  return place->node != nullptr && place->node->mount_point;
}

Result<std::unique_ptr<FileLock>> MemoryFileSystem::TryLock(const std::string& path,
                                                            LockMode mode) {
  const std::lock_guard guard(mutex_);
  Result<Place> place = Locate(path, LinkHandling::kFollow);
  if (!place) return Fail(place.error());
  if (place->folder == nullptr) return Refuse("lock", path, "No such file or directory");
  if (place->node != nullptr && place->node->unreadable)
    return Refuse("lock", path, "Permission denied");
  if (Status step = Step("lock", path); !step) return Fail(step.error());
  if (place->node == nullptr) {
    place->node = Make(FileType::kFile, 0600);
    place->folder->entries[place->name] = place->node;
  }
  MemoryLockState& state = *place->node->lock;
  const std::lock_guard state_guard(state.mutex);
  if (state.exclusive || (mode == LockMode::kExclusive && state.shared > 0)) return nullptr;
  if (mode == LockMode::kExclusive) {
    state.exclusive = true;
  } else {
    ++state.shared;
  }
  return std::make_unique<MemoryLock>(place->node->lock, mode);
}

Result<bool> MemoryFileSystem::IsLocked(const std::string& path) {
  const std::lock_guard guard(mutex_);
  const Result<Place> place = Locate(path, LinkHandling::kFollow);
  if (!place) return Fail(place.error());
  if (place->node == nullptr) return false;
  if (place->node->unreadable) return Refuse("look at the lock", path, "Permission denied");
  const std::lock_guard state_guard(place->node->lock->mutex);
  return place->node->lock->exclusive;
}

}  // namespace runner::testing
