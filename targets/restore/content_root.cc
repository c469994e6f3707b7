#include "targets/restore/content_root.h"

#include <algorithm>

#include "targets/base/utf8.h"

namespace targets {

bool IsInside(std::string_view path, std::string_view folder) {
  if (folder == "/") return true;
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string ContentRoot(const Snapshot& snapshot, const SnapshotTree& tree) {
  if (snapshot.paths.size() != 1 || tree.empty()) return "/";
  const std::string& path = snapshot.paths.front();
  const std::string printed = Utf8(path);  // as the nodes are
  const bool on_the_way = std::ranges::all_of(tree, [&](const TreeNode& node) {
    return IsInside(node.path, printed) || IsInside(printed, node.path);
  });
  const bool there = std::ranges::any_of(tree, [&](const TreeNode& node) {
    return node.path == printed && node.type == NodeType::kDirectory;
  });
  return on_the_way && there ? path : "/";
}

TreeSize SizeBelow(const SnapshotTree& tree, std::string_view root) {
  TreeSize size;
  for (const TreeNode& node : tree) {
    if (node.type != NodeType::kFile || !IsInside(node.path, root)) continue;
    ++size.files;
    size.bytes += node.size;
  }
  return size;
}

}  // namespace targets
