#pragma once

#include <cstddef>
#include <vector>

#include "targets/base/time.h"
#include "targets/model/snapshot.h"
#include "targets/model/snapshot_tree.h"

namespace targets {

/// True if restic can be asked for this entry by its path: `restic ls` does not tell the bytes of a
/// name that is no UTF-8.
bool CanBeNamed(const TreeNode& node);

/// Which regular files a drill restores: `count` of those that can be named, fewer if there are not
/// so many. The files are cut by age into `count` groups of one size, and one of each group is
/// drawn: so every drill has old files and new ones, and each file has the same chance. Another
/// snapshot or another time draws others; the same ones draw the same again. Pure. The pointers go
/// into `tree`, ordered by age.
std::vector<const TreeNode*> ChooseForDrill(const SnapshotTree& tree, std::size_t count,
                                            const SnapshotId& snapshot, UnixTime now);

}  // namespace targets
