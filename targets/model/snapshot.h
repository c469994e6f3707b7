#pragma once

#include <optional>
#include <string>
#include <vector>

#include "targets/base/strong_id.h"
#include "targets/base/time.h"

namespace targets {

/// One entry of `restic snapshots --json`.
struct Snapshot {
  SnapshotId id;
  UnixTime time{};
  int nanoseconds = 0;  // of `time`; restic stores them and two snapshots may share a second
  int utc_offset =
      0;  // seconds east of UTC in which `time` was written; retention counts days in it
  std::string hostname;
  std::vector<std::string> paths;
  std::vector<std::string> tags;
  std::string username;
  std::string parent;    // full id or empty
  std::string tree;      // full id
  std::string original;  // its full id before its tags were changed for the first time, or empty

  bool operator==(const Snapshot&) const = default;

  [[nodiscard]] bool HasTag(const std::string& tag) const {
    for (const std::string& own : tags) {
      if (own == tag) return true;
    }
    return false;
  }
  /// The id under which restic made it: a change of tags gives a snapshot another one.
  [[nodiscard]] SnapshotId FirstId() const { return original.empty() ? id : SnapshotId(original); }
};

}  // namespace targets
