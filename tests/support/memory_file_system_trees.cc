// What works on whole folders.

#include <fmt/format.h>

#include "runner/base/file_path.h"
#include "targets/base/text.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/memory_node.h"

namespace runner::testing {
namespace {

using targets::Fail;
using targets::Result;
using targets::Status;

void SyncBelow(MemoryFileSystem::Node& node) {
  node.Sync();
  for (const auto& [name, child] : node.entries) SyncBelow(*child);
}

}  // namespace

Result<bool> MemoryFileSystem::Move(const std::string& from, const std::string& to) {
  const std::lock_guard guard(mutex_);
  const std::string action = fmt::format("rename {} to", from);
  const Result<Place> source = Locate(from, LinkHandling::kNoFollow);
  if (!source) return Fail(source.error());
  const Result<Place> destination = Locate(to, LinkHandling::kNoFollow);
  if (!destination) return Fail(destination.error());
  if (source->node == nullptr || destination->folder == nullptr)
    return Refuse(action, to, "No such file or directory");
  if (destination->node != nullptr) return false;
  if (Status step = Step("rename", from); !step) return Fail(step.error());
  const NodePtr moved = source->node;
  source->folder->entries.erase(source->name);
  destination->folder->entries[destination->name] = moved;
  source->folder->modified = destination->folder->modified = now_;
  return true;
}

Status MemoryFileSystem::RemoveBelow(Node& folder, const std::string& path) {
  while (!folder.entries.empty()) {
    const auto first = folder.entries.begin();
    const std::string inside = JoinPath(path, first->first);
    if (Status removed = RemoveBelow(*first->second, inside); !removed) return removed;
    if (Status step = Step("remove", inside); !step) return step;
    folder.entries.erase(first);
  }
  return {};
}

Status MemoryFileSystem::RemoveTree(const std::string& path) {
  const std::lock_guard guard(mutex_);
  const Result<Place> place = Locate(path, LinkHandling::kNoFollow);
  if (!place) return Fail(place.error());
  if (place->node == nullptr) return {};
  if (Status emptied = RemoveBelow(*place->node, path); !emptied) return emptied;
  if (Status step = Step("remove", path); !step) return step;
  place->folder->entries.erase(place->name);
  if (Status step = Step("sync the folder of", path); !step) return step;
  place->folder->synced_entries = place->folder->entries;
  return {};
}

Status MemoryFileSystem::SyncAll(const std::string& path) {
  const std::lock_guard guard(mutex_);
  const Result<Place> place = Locate(path, LinkHandling::kFollow);
  if (!place || place->node == nullptr) return Refuse("sync", path, "No such file or directory");
  if (Status step = Step("sync", path); !step) return step;
  SyncBelow(*root_);
  return {};
}

Status MemoryFileSystem::CopyAttributes(const std::string& from, const std::string& to) {
  const std::lock_guard guard(mutex_);
  const Result<Place> source = Locate(from, LinkHandling::kFollow);
  const Result<Place> destination = Locate(to, LinkHandling::kFollow);
  if (!source || source->node == nullptr) return Refuse("look at", from, "No such file");
  if (!destination || destination->node == nullptr) return Refuse("look at", to, "No such file");
  if (Status step = Step("set the mode of", to); !step) return step;
  destination->node->mode = source->node->mode;
  destination->node->uid = source->node->uid;
  destination->node->gid = source->node->gid;
  return {};
}

Status MemoryFileSystem::SetModified(const std::string& path, targets::UnixTime time,
                                     int nanoseconds) {
  const std::lock_guard guard(mutex_);
  const Result<Place> place = Locate(path, LinkHandling::kFollow);
  if (!place || place->node == nullptr) return Refuse("set the time of", path, "No such file");
  if (Status step = Step("set the time of", path); !step) return step;
  place->node->modified = time;
  place->node->modified_nanoseconds = nanoseconds;
  return {};
}

Status MemoryFileSystem::WriteCarelessly(const std::string& path, const std::string& content,
                                         const FileInfo& info) {
  const std::lock_guard guard(mutex_);
  NodePtr node = root_;
  if (Status step = Step("write", path); !step) return step;
  if (full_ && !content.empty()) return Refuse("write", path, "No space left on device");
  for (const std::string_view part : targets::Split(path, '/')) {
    if (part.empty()) continue;
    NodePtr& child = node->entries[std::string(part)];
    if (child == nullptr) child = Make(FileType::kDirectory, 0700);
    node = child;
  }
  node->type = info.type;
  node->mode = info.mode;
  node->uid = info.uid;
  node->gid = info.gid;
  node->modified = info.modified;
  node->content = content;
  return {};
}

}  // namespace runner::testing
