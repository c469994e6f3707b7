#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/base/file_system.h"
#include "runner/jobs/source_state.h"
#include "runner/state/error_log.h"
#include "runner/state/facts.h"
#include "runner/state/marker.h"
#include "targets/base/strong_id.h"
#include "targets/base/time.h"
#include "targets/model/stage.h"

namespace runner {

/// What the state folder says about one stage. `error`: it could not be read (one line).
struct StageInput {
  targets::Stage stage = targets::Stage::kBackup;
  std::optional<Marker> marker = {};
  bool owner_alive = false;  // of a RUNNING marker: its lock is held
  std::string error = {};
};

/// One measured file system. `error`: it could not be measured, which says nothing about health.
struct DiskInput {
  std::string path;
  SpaceInfo space = {};
};

/// The regular proof that a target can be restored.
struct DrillInput {
  std::optional<targets::UnixTime> last_success = {};
  std::optional<targets::Duration> period = {};  // as TargetInput::period
};

/// What became of the look at a target's source.
enum class SourceLookKind { kNotLooked, kAnswered, kSilent };

/// Everything that decides about one target.
struct TargetInput {
  targets::TargetId id = {};
  bool enabled = true;
  std::optional<SourceReport> source = {};  // nullopt: a command
  SourceLookKind source_look = SourceLookKind::kNotLooked;
  std::vector<StageInput> stages = {};
  std::optional<targets::UnixTime> last_success = {};  // of the backup
  std::string last_success_error = {};
  TargetFacts facts = {};
  std::string facts_error = {};
  /// The longest gap between two occurrences around now and the last success; nullopt: no schedule.
  std::optional<targets::Duration> period = {};
  /// When a target without any success was first due; nullopt: never, or nobody knows since when it
  /// is configured.
  std::optional<targets::UnixTime> first_due = {};
  /// A RUNNING marker that tells its progress must be younger than this.
  targets::Duration progress_limit{};
  int unhealthy_after = 3;  // incomplete backups in a row
  std::optional<DiskInput> disk = {};
  KnownErrors errors = {};
  std::optional<DrillInput> drill = {};  // nullopt: the configuration has none
};

struct DaemonInput {
  bool required = false;  // by the caller
  bool lock_held = false;
  std::optional<DaemonFacts> facts = {};
  std::string error = {};
};

/// Everything that the verdict depends on. A part that was not asked for is absent.
struct HealthInput {
  targets::UnixTime now{};
  std::optional<DaemonInput> daemon = {};
  std::vector<TargetInput> targets = {};
  std::vector<StageInput> repository = {};
  KnownErrors repository_errors = {};
  std::string state_folder = {};
  bool state_folder_exists = true;
  std::optional<DiskInput> state_disk = {};
  /// A thread still hangs in a file system that does not answer: see SourceLooks.
  bool a_look_hangs = false;
};

}  // namespace runner
