#pragma once

#include <string>
#include <vector>

namespace targets {

/// One snapshot as restic stores it; `time` in RFC 3339 with its own offset.
struct ForgedSnapshot {
  std::string time;
  std::string hostname;
  std::vector<std::string> paths;
  std::vector<std::string> tags;
};

/// Writes restic repositories in a folder without restic, thousands of snapshots in a second: the
/// format of version 1, with a key of the least scrypt cost, so that restic starts fast. The
/// forged snapshots have no data: on them only what needs snapshots alone (`snapshots`,
/// `forget --dry-run`) works. An empty forged repository takes real backups.
class ForgedRepository {
 public:
  static constexpr const char* kPassword = "forged";

  /// Makes an empty repository in `folder`, which must be empty or absent. Throws
  /// std::runtime_error on any failure.
  explicit ForgedRepository(std::string folder, const std::string& password = kPassword);

  [[nodiscard]] const std::string& folder() const { return folder_; }

  /// Adds a snapshot and returns its full id.
  std::string Add(const ForgedSnapshot& snapshot);

 private:
  std::string folder_;
};

}  // namespace targets
