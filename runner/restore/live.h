#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runner/base/file_system.h"
#include "targets/model/snapshot_tree.h"

namespace runner {

/// Where restored files lie, and where those that they were copies of.
struct LivePlaces {
  std::string restored;  // the folder that stands for "/" of the snapshot
  std::string root;      // the folder in the snapshot that was the source
  std::string source;    // the source on this machine
};

struct LiveComparison {
  std::uint64_t same = 0;  // files
  /// The first file with another content than the one that was restored, although its size and time
  /// are those in the snapshot. Empty: none.
  std::string different;
};

/// Compares restored files with the live ones, byte by byte: those that have still the size and the
/// modification time that the snapshot says. Others, and those that cannot be read, are passed
/// over: nobody can tell what they should hold. `go_on` is asked before each file.
LiveComparison CompareWithLive(FileSystem& files,
                               const std::vector<const targets::TreeNode*>& nodes,
                               const LivePlaces& places,
                               const std::function<bool(const targets::TreeNode&)>& go_on);

}  // namespace runner
