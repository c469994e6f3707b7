#pragma once

#include <functional>
#include <memory>
#include <string>

#include "targets/base/result.h"
#include "tests/support/workspace.h"

namespace runner::testing {

/// A storage that is ready for a repository, and holds none yet.
struct Backend {
  std::string url;  // of the repository
  /// Puts an empty repository there whose key costs nothing to derive; password "correct horse".
  std::function<void()> make_cheap_repository;
  std::shared_ptr<void> server;  // serves it as long as it lives
};

/// Starts one of:
///   folder            a folder of the workspace
///   rest              `rclone serve restic`
///   rest_append_only  the same, which refuses to remove anything but locks
///   s3                radosgw, and a bucket
///   s3_versioned      the same, and a bucket that keeps what is removed as an old version
///   b2                restic's own B2 client, and the B2 test server with a key for one bucket
///   rclone_b2         rclone, started by restic, and the same server
/// and sets what restic needs for it in the workspace's environment: nothing of a storage stands in
/// a configuration but its url. `workspace` outlives the backend. An error says what this machine
/// lacks.
targets::Result<Backend> StartBackend(const std::string& name, Workspace& workspace);

}  // namespace runner::testing
