#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "targets/base/size.h"
#include "targets/base/time.h"

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
  std::optional<UnixTime> modified =
      {};                        // nullopt: restic does not say, or not so that it can be read
  int modified_nanoseconds = 0;  // of `modified`

  bool operator==(const TreeNode&) const = default;
};

/// Everything in a snapshot, parents before their children.
using SnapshotTree = std::vector<TreeNode>;

}  // namespace targets
