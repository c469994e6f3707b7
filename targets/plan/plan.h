#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "targets/base/result.h"
#include "targets/base/strong_id.h"
#include "targets/base/time.h"
#include "targets/config/diagnostic.h"
#include "targets/config/load.h"
#include "targets/model/config.h"
#include "targets/model/stage.h"
#include "targets/plan/costs.h"
#include "targets/plan/facts.h"
#include "targets/restic/version.h"

namespace targets {

/// One command (or the command that decides the next ones) which a stage launches.
struct PlanStep {
  Stage stage = Stage::kBackup;
  Argv argv;         // exactly what is launched first; never empty
  std::string note;  // what follows from its answer; may be empty
  bool operator==(const PlanStep&) const = default;
};

/// An instant as a plan shows it, in the zone of its schedule.
struct PlanTime {
  UnixTime at{};
  std::string rfc3339;  // "2026-11-23T02:30:00+01:00"
  std::string people;   // "Mon 2026-11-23 02:30 CET"
  bool operator==(const PlanTime&) const = default;
};

/// One occurrence: `step` counts in the `steps` of the same list.
struct PlanJob {
  std::size_t step = 0;
  PlanTime due;
  bool operator==(const PlanJob&) const = default;
};

/// What is done, and when. `jobs` are in the order of their due times; at the same instant in the
/// order restore, backup, forget, drill.
struct PlanAgenda {
  std::vector<PlanStep> steps;
  std::vector<PlanJob> jobs;
  std::vector<std::size_t> at_start;  // steps that also run when the daemon starts, in their order
  std::vector<std::size_t> by_hand;   // steps that have no due time of their own

  bool operator==(const PlanAgenda&) const = default;
};

/// A command of the user: when it runs, and what.
struct PlanHook {
  std::string when;  // "before", "after", "on_success", "on_failure", "drill"
  Argv argv;
  bool operator==(const PlanHook&) const = default;
};

/// A snapshot that exists, and what a forget would do with it now.
struct PlanSnapshot {
  SnapshotId id;
  PlanTime time;
  bool kept = false;
  std::vector<std::string> reasons;  // why it is kept
  bool operator==(const PlanSnapshot&) const = default;
};

struct PlanTarget {
  TargetId id;
  std::string source;    // a folder, or a command line as a shell would need it
  std::string filename;  // of a stream target: the file's name in the snapshot
  bool enabled = true;
  SourceState state = SourceState::kNotChecked;
  std::string state_detail;
  std::string schedule;  // "30 2 * * *, jitter up to 10m"
  std::string timezone;
  PlanAgenda agenda;
  std::string retention;          // "7 daily, 4 weekly, 6 monthly, 2 yearly"
  std::string retention_preview;  // "now: keeps 10 of 12 snapshots"; empty: not known
  std::optional<std::vector<PlanSnapshot>> snapshots;  // newest first; absent: nobody asked
  std::string restore;                                 // the decision and its reason
  std::string last_success;  // RFC 3339 in the target's zone; empty: none known
  std::vector<std::string> guards;
  std::vector<PlanHook> hooks;
  bool operator==(const PlanTarget&) const = default;
};

struct PlanRepository {
  std::string url;               // without passwords
  std::string backend;           // "Backblaze B2", "folder", ...
  std::string machine_key = {};  // how it stands with it; empty: nobody looked
  bool operator==(const PlanRepository&) const = default;
};

/// Something doubtful. `target` is empty when it concerns the whole installation. The text says
/// where.
struct PlanWarning {
  TargetId target;
  std::string text;
  bool operator==(const PlanWarning&) const = default;
};

/// All that would happen, as plain values: rendering adds nothing.
/// Holds no secret of the Config, but the user's own command lines may: renderers take a Redactor.
struct Plan {
  InstanceName instance;
  PlanTime at;
  std::optional<Duration> horizon;
  bool offline = false;
  bool version_known = false;  // false: `restic_version` is assumed
  std::string restic_version;
  PlanRepository repository;
  std::vector<PlanTarget> targets;  // sorted by id
  PlanAgenda maintenance;
  std::optional<CostEstimate> costs;      // absent: not at Backblaze
  std::vector<PlanWarning> warnings;      // sorted by target
  std::vector<EffectiveValue> effective;  // sorted by pointer; empty unless asked for

  bool operator==(const Plan&) const = default;
};

struct PlanInput {
  const Config& config;  // must outlive the call
  UnixTime at{};
  /// Every occurrence with at < due <= at + horizon; absent: the next one of each stage.
  std::optional<Duration> horizon = {};
  std::map<TargetId, TargetFacts> facts = {};  // a target without facts was not checked
  std::optional<ResticVersion> version = {};   // absent: the oldest supported one is assumed
  std::string program = "restic";              // what argv begins with
  int next_check_part = 1;                     // of `check`'s rotation
  std::vector<Diagnostic> diagnostics = {};    // warnings of LoadConfig and LintWithFacts
  std::vector<TargetId> only = {};             // these targets; empty: all
  /// The configuration alone decides: facts, version, program and part are not looked at.
  bool offline = false;
  std::vector<EffectiveValue> effective = {};  // of LoadConfig
  std::optional<Bytes> stored = {};  // what `restic stats` said last; absent: nobody asked
  std::string machine_key = {};      // how it stands with the runner's own key; empty: not known
  bool show_origin = false;          // show `effective` in the plan
};

/// The warnings of one target, or of the installation (an empty id).
std::span<const PlanWarning> WarningsOf(const Plan& plan, const TargetId& target);

/// No more occurrences than this in one plan.
inline constexpr std::size_t kMaxOccurrences = 100'000;

/// Computes the plan. Pure and deterministic; linear in targets and occurrences.
/// Errors: an unknown name in `only`, a schedule or zone that does not exist, more than
/// kMaxOccurrences. REQUIRES: a horizon that is not negative.
Result<Plan> MakePlan(const PlanInput& input);

}  // namespace targets
