#pragma once

#include <set>
#include <string>
#include <vector>

#include "runner/base/file_system.h"
#include "runner/restic/restic.h"
#include "targets/model/snapshot.h"

namespace runner {

/// Everybody's snapshots in a repository that is the folder `repository` of this machine, by the
/// names of their files (restic's design document, "Repository Layout").
Outcome<std::set<targets::SnapshotId>> SnapshotFilesIn(FileSystem& files,
                                                       const std::string& repository);

/// Those among `names` that are ids of snapshots; restic leaves temporary files beside them.
std::set<targets::SnapshotId> SnapshotIdsAmong(const std::vector<std::string>& names);

}  // namespace runner
