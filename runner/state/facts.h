#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "targets/base/size.h"
#include "targets/base/strong_id.h"
#include "targets/base/time.h"

namespace runner {

/// A snapshot that was proven to be in the repository and that no guard found suspicious.
struct GoodSnapshot {
  targets::SnapshotId id = {};
  targets::UnixTime time{};
  std::uint64_t files = 0;
  targets::Bytes bytes = 0;

  bool operator==(const GoodSnapshot&) const = default;
};

/// A snapshot that a guard found suspicious, and about which nobody has decided yet.
struct QuarantinedSnapshot {
  GoodSnapshot snapshot = {};         // by its present id
  targets::SnapshotId original = {};  // as restic made it; the same: it bears no tag yet
  std::string reason;                 // what the guard found

  bool operator==(const QuarantinedSnapshot&) const = default;
};

/// What the runner knows about a target from earlier runs.
struct TargetFacts {
  /// When a runner first had it in its configuration.
  std::optional<targets::UnixTime> first_seen = {};
  /// Good ones ever proven; above 0: "none" is never believed again.
  std::uint64_t snapshots_seen = 0;
  std::optional<GoodSnapshot> newest_good = {};
  /// The newest one of ours that a listing proved, whole or not; a newer one in the repository was
  /// made by somebody else or by a run that nobody finished.
  std::optional<targets::SnapshotId> newest_proven = {};
  /// Oldest first. While there is any, nothing of the target is forgotten.
  std::vector<QuarantinedSnapshot> quarantined = {};
  int incomplete_in_a_row = 0;  // backups with unreadable files since the last whole one
  /// Taken once and kept, e.g. restore = "proven none".
  std::map<std::string, std::string> decisions = {};

  bool operator==(const TargetFacts&) const = default;
};

/// Keys of TargetFacts::decisions that more than one part of the program knows.
namespace decision_key {
/// Why the clock is not believed: one sentence. While it stands, nothing of the target is
/// forgotten.
inline constexpr const char* kClockJump = "clock_jump";
/// The snapshot whose restore into an empty source began and has not succeeded. While it stands,
/// data that appears in the source is neither backed up nor replaced.
inline constexpr const char* kRestoreOwed = "restore_owed";
}  // namespace decision_key

/// What the runner knows about the repository from earlier runs.
struct RepositoryFacts {
  /// Of this instance, by the last listing that was believed; nothing is removed if there are far
  /// fewer.
  std::uint64_t snapshots_listed = 0;
  std::optional<targets::UnixTime> listed_at = {};
  /// Of everybody, by the last full listing that was believed, and what this instance added and
  /// removed since; 0: never listed.
  std::uint64_t all_listed = 0;
  std::string proven_url = {};  // where the pinned repository was last found, without passwords
  std::optional<targets::UnixTime> proven_at = {};
  std::optional<targets::Bytes> stored_bytes = {};  // at the last good check
  std::optional<std::uint64_t> locks = {};          // of others, when the last check began
  int next_check_part = 1;                          // of `check --read-data-subset n/t`
  std::map<std::string, std::string> decisions = {};

  bool operator==(const RepositoryFacts&) const = default;
};

/// What the daemon says about itself, so that others can tell a sleeping daemon from a dead or a
/// stuck one.
struct DaemonFacts {
  long pid = 0;
  targets::UnixTime started{};
  std::optional<targets::UnixTime> next_wakeup = {};  // nullopt: it waits for an event only
  std::optional<targets::UnixTime> stopped = {};      // set when it ended by itself
  /// When it last read its configuration, and why that one is not used; empty: it is.
  std::optional<targets::UnixTime> configured = {};
  std::string config_error = {};
  std::uint64_t reloads = 0;  // readings of the configuration since it started

  bool operator==(const DaemonFacts&) const = default;
};

}  // namespace runner
