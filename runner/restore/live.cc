#include "runner/restore/live.h"

#include "targets/restore/content_root.h"

namespace runner {
namespace {

using targets::TreeNode;

bool IsAsInSnapshot(FileSystem& files, const std::string& path, const TreeNode& node) {
  const auto info = files.Stat(path, LinkHandling::kNoFollow);
  if (!info || !info->has_value()) return false;
  return (*info)->type == FileType::kFile && (*info)->size == node.size &&
         (*info)->modified == node.modified &&
         (*info)->modified_nanoseconds == node.modified_nanoseconds;
}

}  // namespace

LiveComparison CompareWithLive(FileSystem& files, const std::vector<const TreeNode*>& nodes,
                               const LivePlaces& places,
                               const std::function<bool(const TreeNode&)>& go_on) {
  LiveComparison result;
  for (const TreeNode* node : nodes) {
    if (!targets::IsInside(node->path, places.root)) continue;
    const std::string below =
        places.root == "/" ? node->path : node->path.substr(places.root.size());
    const std::string live = (places.source == "/" ? "" : places.source) + below;
    if (!IsAsInSnapshot(files, live, *node)) continue;
    if (!go_on(*node)) return result;
    const auto same = files.SameContent(places.restored + node->path, live);
    if (!same) continue;
    if (*same) {
      ++result.same;
      continue;
    }
    // It may have been written while it was read; then its time has changed by now.
    if (!IsAsInSnapshot(files, live, *node)) continue;
    if (result.different.empty()) result.different = live;
  }
  return result;
}

}  // namespace runner
