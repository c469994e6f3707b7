#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "targets/base/secret.h"
#include "targets/base/size.h"
#include "targets/base/strong_id.h"
#include "targets/base/time.h"
#include "targets/model/retention.h"
#include "targets/model/schedule.h"

namespace targets {

using Argv = std::vector<std::string>;

/// A folder whose content is backed up under its absolute path.
struct DirectorySource {
  std::string path;  // absolute, normalised, without a trailing slash
  bool operator==(const DirectorySource&) const = default;
};

/// A program whose standard output becomes one file of the snapshot.
struct CommandSource {
  Argv command;
  std::string filename;  // the file's name inside the snapshot, e.g. "app.sql"
  bool operator==(const CommandSource&) const = default;
};

using Source = std::variant<DirectorySource, CommandSource>;

enum class OnMissing { kContinue, kFail };

struct RestoreRule {
  bool if_empty = false;
  OnMissing on_missing = OnMissing::kContinue;  // an empty source, and proven no snapshot of it
  std::optional<Duration> max_age;  // an older newest snapshot is not restored by itself
  std::optional<Schedule> check;    // RESTORE_CHECK_SCHEDULE
  bool operator==(const RestoreRule&) const = default;
};

struct Guards {
  bool require_mount = false;  // the source must be a mount point of its own
  std::string sentinel;        // a file that must exist, relative to the source; empty: none
  bool allow_empty = false;
  std::optional<double> max_shrink;   // share of the last good snapshot's files or bytes, 0..1
  std::optional<double> max_changed;  // share of files changed since the last good snapshot, 0..1
  bool operator==(const Guards&) const = default;
};

struct Hooks {
  std::vector<Argv> before;  // in order; exit 75 skips the run, any other non-zero fails it
  std::vector<Argv> after;   // always, whatever happened
  std::vector<Argv> on_success;
  std::vector<Argv> on_failure;
  Duration timeout{300};  // for each hook
  bool operator==(const Hooks&) const = default;
};

struct TargetLimits {
  std::optional<Duration> max_runtime;
  Duration stall_timeout{600};  // no I/O and no CPU time of the child for so long: it is stopped
  std::optional<int> nice;      // -20..19
  bool operator==(const TargetLimits&) const = default;
};

enum class OnPartial { kWarn, kFail };

/// What to do when some files could not be read (restic's exit code 3).
struct PartialRule {
  OnPartial on_partial = OnPartial::kWarn;
  int unhealthy_after = 3;  // so many incomplete runs in a row make the target unhealthy
  bool operator==(const PartialRule&) const = default;
};

struct Drill {
  Schedule schedule;
  int files = 20;  // 0: everything
  Argv command;    // run on the restored folder (its path is the last argument); empty: none
  bool operator==(const Drill&) const = default;
};

/// Everything about one protected thing.
struct Target {
  TargetId id;
  Source source;
  Schedule schedule;
  Retention retention;
  RestoreRule restore;
  Guards guard;
  Hooks hooks;
  TargetLimits limits;
  PartialRule partial;
  std::optional<Drill> drill;
  std::vector<std::string> exclude;  // restic patterns
  std::vector<std::string>
      exclude_if_present;  // file names that mark a folder as not worth keeping
  std::optional<Bytes> exclude_larger_than;
  bool one_file_system = false;
  std::vector<std::string> tags;                   // extra ones; `target:<id>` is always there
  std::map<std::string, std::string> environment;  // for hooks and stream commands
  bool enabled = true;

  bool operator==(const Target&) const = default;

  [[nodiscard]] bool IsStream() const { return std::holds_alternative<CommandSource>(source); }
};

/// The tag that is half of a snapshot's identity: "target:<id>".
inline std::string IdentityTag(const TargetId& id) { return "target:" + id.str(); }

/// The tag of a snapshot that a guard found suspicious.
inline constexpr const char* kQuarantineTag = "quarantine";

}  // namespace targets
