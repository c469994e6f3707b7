#pragma once

#include <cstdint>
#include <string>

#include "runner/base/file_system.h"
#include "targets/model/snapshot_tree.h"

namespace runner {

/// How strict CompareTree() is.
struct CompareOptions {
  bool owners = true;    // false: who restores cannot give files away, so they are only counted
  bool partial = false;  // true: only a part was restored; what is missing is no difference
};

/// What was found. Without differences `first` is empty.
struct TreeComparison {
  std::uint64_t entries = 0;  // found and as they should be
  std::uint64_t files = 0;    // regular ones among them
  targets::Bytes bytes = 0;   // of those
  std::uint64_t differences = 0;
  std::uint64_t other_owners = 0;  // not counted as differences if `owners` is off
  std::string first;               // the first difference, one sentence
};

/// Compares what lies in `folder` with what the snapshot says that it holds: each entry's type,
/// size, mode and owner, none missing, none too many. Contents are restic's business: it checks the
/// hash of everything that it writes. Errors: a folder that cannot be read.
targets::Result<TreeComparison> CompareTree(FileSystem& files, const targets::SnapshotTree& tree,
                                            const std::string& folder,
                                            const CompareOptions& options);

}  // namespace runner
