#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "targets/base/size.h"

namespace targets {

enum class NodeType {
  kFile,
  kDirectory,
  kSymlink,
  kSocket,  // stored, but never restored
  kOther,   // a FIFO or a device
};

/// One entry of a snapshot, as `restic ls --json` prints it.
struct TreeNode {
  /// Absolute in the snapshot; bytes that are no UTF-8 are U+FFFD.
  std::string path;
  NodeType type = NodeType::kOther;
  Bytes size = 0;          // of a file
  std::uint32_t mode = 0;  // permission bits, 07777
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;

  bool operator==(const TreeNode&) const = default;
};

/// Everything in a snapshot, parents before their children.
using SnapshotTree = std::vector<TreeNode>;

}  // namespace targets
