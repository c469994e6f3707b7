#include "runner/restore/compare.h"

#include <fmt/format.h>

#include <string_view>
#include <unordered_map>
#include <vector>

#include "runner/base/file_path.h"
#include "targets/base/text.h"
#include "targets/base/utf8.h"

namespace runner {
namespace {

using targets::Fail;
using targets::NodeType;
using targets::Status;
using targets::TreeNode;

constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

bool SameType(NodeType type, FileType found) {
  switch (type) {
    case NodeType::kFile:
      return found == FileType::kFile;
    case NodeType::kDirectory:
      return found == FileType::kDirectory;
    case NodeType::kSymlink:
      return found == FileType::kSymlink;
    case NodeType::kSocket:
    case NodeType::kOther:
      break;
  }
  return found == FileType::kOther;
}

class Comparison {
 public:
  Comparison(FileSystem& files, const targets::SnapshotTree& tree, const CompareOptions& options)
      : files_(files), options_(options) {
    wanted_.reserve(tree.size());
    for (const TreeNode& node : tree) {
      if (node.type != NodeType::kSocket) wanted_.emplace(node.path, &node);
    }
  }

  /// Everything below `folder`, which is called `path` in the snapshot.
  Status Walk(const std::string& folder, const std::string& path) {
    const auto names = files_.List(folder, kNoLimit);
    if (!names) return Fail(names.error());
    for (const std::string& name : *names) {
      const std::string below = JoinPath(folder, name);
      const std::string below_path = JoinPath(path, name);
      const auto info = files_.Stat(below, LinkHandling::kNoFollow);
      if (!info) return Fail(info.error());
      if (!info->has_value()) return Fail(below + " vanished while it was looked at");
      Match(below_path, **info);
      if ((*info)->type != FileType::kDirectory) continue;
      if (Status walked = Walk(below, below_path); !walked) return walked;
    }
    return {};
  }

  TreeComparison Result() && {
    if (!options_.partial) {
      for (const auto& [path, node] : wanted_) Differ(std::string(path) + " is missing");
    }
    return std::move(result_);
  }

 private:
  /// Names that differ in bytes which are no UTF-8 look the same in restic's listing: any of them
  /// will do.
  void Match(const std::string& path, const FileInfo& info) {
    const auto [first, last] = wanted_.equal_range(targets::Utf8(path));
    if (first == last) return Differ(path + " is not in the snapshot");
    std::string difference;
    for (auto candidate = first; candidate != last; ++candidate) {
      difference = DifferenceOf(*candidate->second, info);
      if (!difference.empty()) continue;
      Count(*candidate->second, info);
      wanted_.erase(candidate);
      return;
    }
    wanted_.erase(first);
    Differ(fmt::format("{} {}", path, difference));
  }

  [[nodiscard]] std::string DifferenceOf(const TreeNode& node, const FileInfo& info) const {
    if (!SameType(node.type, info.type)) return "is of another type";
    if (node.type == NodeType::kFile && node.size != info.size)
      return fmt::format("has {} bytes instead of {}", info.size, node.size);
    // On the way to what was asked for, restic makes folders of its own.
    if (options_.partial && node.type == NodeType::kDirectory) return {};
    if (node.type != NodeType::kSymlink && node.mode != info.mode)
      return fmt::format("has mode {:04o} instead of {:04o}", info.mode, node.mode);
    if (options_.owners && OtherOwner(node, info))
      return fmt::format("belongs to {}:{} instead of {}:{}", info.uid, info.gid, node.uid,
                         node.gid);
    return {};
  }

  static bool OtherOwner(const TreeNode& node, const FileInfo& info) {
    return node.uid != info.uid || node.gid != info.gid;
  }

  void Count(const TreeNode& node, const FileInfo& info) {
    ++result_.entries;
    if (OtherOwner(node, info)) ++result_.other_owners;
    if (node.type != NodeType::kFile) return;
    ++result_.files;
    result_.bytes += info.size;
  }

  void Differ(const std::string& sentence) {
    ++result_.differences;
    if (result_.first.empty()) result_.first = targets::OneLine(sentence);
  }

  FileSystem& files_;
  CompareOptions options_;
  std::unordered_multimap<std::string_view, const TreeNode*> wanted_;  // not yet found
  TreeComparison result_;
};

}  // namespace

targets::Result<TreeComparison> CompareTree(FileSystem& files, const targets::SnapshotTree& tree,
                                            const std::string& folder,
                                            const CompareOptions& options) {
  Comparison comparison(files, tree, options);
  if (Status walked = comparison.Walk(folder, "/"); !walked) return Fail(walked.error());
  return std::move(comparison).Result();
}

}  // namespace runner
