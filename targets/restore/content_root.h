#pragma once

#include <cstdint>
#include <string>

#include "targets/model/snapshot.h"
#include "targets/model/snapshot_tree.h"

namespace targets {

/// The folder inside a snapshot whose content belongs into the source: the path that was backed up,
/// or "/" for a snapshot that was made inside of it (`cd /data && restic backup .`). Without a
/// trailing slash otherwise.
std::string ContentRoot(const Snapshot& snapshot, const SnapshotTree& tree);

/// True if `path` is `folder` or lies below it.
bool IsInside(std::string_view path, std::string_view folder);

struct TreeSize {
  std::uint64_t files = 0;  // regular ones
  Bytes bytes = 0;
  bool operator==(const TreeSize&) const = default;
};

/// What is below `root`.
TreeSize SizeBelow(const SnapshotTree& tree, std::string_view root);

}  // namespace targets
