// What a test prepares, breaks and looks at.

#include <algorithm>

#include "runner/base/file_path.h"
#include "targets/base/text.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/memory_node.h"

namespace runner::testing {
namespace {

using NodePtr = std::shared_ptr<MemoryFileSystem::Node>;

template <typename Visit>
void ForEach(const NodePtr& node, const std::string& path, const Visit& visit) {
  visit(path, *node);
  for (const auto& [name, child] : node->entries) ForEach(child, JoinPath(path, name), visit);
}

void LoseBelow(MemoryFileSystem::Node& node) {
  node.LoseUnsynced();
  for (const auto& [name, child] : node.entries) LoseBelow(*child);
}

}  // namespace

MemoryFileSystem::NodePtr MemoryFileSystem::Prepared(const std::string& path) {
  NodePtr node = root_;
  for (const std::string_view part : targets::Split(path, '/')) {
    if (part.empty()) continue;
    NodePtr& child = node->entries[std::string(part)];
    if (child == nullptr) child = Make(FileType::kDirectory, 0755);
    node->synced_entries[std::string(part)] = child;
    node = child;
  }
  return node;
}

void MemoryFileSystem::AddFile(const std::string& path, const std::string& content) {
  const std::lock_guard guard(mutex_);
  const NodePtr node = Prepared(path);
  node->type = FileType::kFile;
  node->mode = 0644;
  node->modified = now_;
  node->content = content;
  node->Sync();
}

void MemoryFileSystem::AddFolder(const std::string& path) {
  const std::lock_guard guard(mutex_);
  Prepared(path);
}

void MemoryFileSystem::AddSymlink(const std::string& path, const std::string& target) {
  const std::lock_guard guard(mutex_);
  const NodePtr node = Prepared(path);
  node->type = FileType::kSymlink;
  node->content = target;
  node->Sync();
}

void MemoryFileSystem::SetUnreadable(const std::string& path, bool unreadable) {
  const std::lock_guard guard(mutex_);
  Prepared(path)->unreadable = unreadable;
}

void MemoryFileSystem::SetReadOnly(const std::string& path, bool read_only) {
  const std::lock_guard guard(mutex_);
  if (read_only) {
    read_only_.insert(path);
  } else {
    read_only_.erase(path);
  }
}

void MemoryFileSystem::SetMountPoint(const std::string& path, bool mounted) {
  const std::lock_guard guard(mutex_);
  Prepared(path)->mount_point = mounted;
}

void MemoryFileSystem::SetModified(const std::string& path, targets::UnixTime time) {
  const std::lock_guard guard(mutex_);
  Prepared(path)->modified = time;
}

void MemoryFileSystem::SetSpace(const std::string& path, SpaceInfo space) {
  const std::lock_guard guard(mutex_);
  space_[path] = space;
}

void MemoryFileSystem::SetFull(bool full) {
  const std::lock_guard guard(mutex_);
  full_ = full;
}

void MemoryFileSystem::SetTime(targets::UnixTime time) {
  const std::lock_guard guard(mutex_);
  now_ = time;
}

void MemoryFileSystem::FailStep(int step) {
  const std::lock_guard guard(mutex_);
  steps_ = 0;
  fail_step_ = step;
}

void MemoryFileSystem::StopBeforeStep(int step) {
  const std::lock_guard guard(mutex_);
  steps_ = 0;
  stop_step_ = step;
}

int MemoryFileSystem::Steps() const {
  const std::lock_guard guard(mutex_);
  return steps_;
}

bool MemoryFileSystem::Stopped() const {
  const std::lock_guard guard(mutex_);
  return stopped_;
}

void MemoryFileSystem::CrashAndLoseUnsynced() {
  CrashAndKeepUnsynced();
  const std::lock_guard guard(mutex_);
  LoseBelow(*root_);
}

void MemoryFileSystem::CrashAndKeepUnsynced() {
  const std::lock_guard guard(mutex_);
  stopped_ = false;
  stop_step_ = 0;
  fail_step_ = 0;
  ForEach(root_, "/",
          [](const std::string&, Node& node) { node.lock = std::make_shared<MemoryLockState>(); });
}

std::vector<std::string> MemoryFileSystem::Tree() const {
  const std::lock_guard guard(mutex_);
  std::vector<std::string> out;
  ForEach(root_, "/", [&](const std::string& path, const Node&) {
    if (path != "/") out.push_back(path);
  });
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace runner::testing
