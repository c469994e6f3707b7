#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/health/report.h"
#include "runner/status/input.h"
#include "runner/status/next_run.h"
#include "targets/schedule/zone.h"

namespace runner {

/// One word for everything about a target or a stage of the repository.
enum class StatusWord {
  kOk,
  kNew,  // nothing has succeeded yet, and nothing was missed
  kRunning,
  kWarning,
  kDisabled,  // a target that is switched off
  kOff,       // a stage that the configuration does not have
  kNoSource,
  kUnreadable,  // the source
  kFailed,
  kBlocked,
  kInterrupted,
  kStalled,
  kIncomplete,
  kQuarantined,
  kOverdue,
  kUnhealthy,  // for another reason, which the problems name
};

/// "ok", "new", "no_source", ...: the words of schemas/status.schema.json.
std::string_view StatusWordName(StatusWord word);

struct Problem {
  Finding finding;        // never of level info
  std::string hint = {};  // what a person can do about it; may be empty

  bool operator==(const Problem&) const = default;
};

struct RunningStage {
  targets::Stage stage = targets::Stage::kBackup;
  std::optional<targets::UnixTime> since = {};
  std::optional<targets::UnixTime> progress = {};  // the last sign of it; nullopt: it tells none

  bool operator==(const RunningStage&) const = default;
};

/// A target, or a stage of the repository.
struct SubjectStatus {
  std::string name;
  StatusWord word = StatusWord::kOk;
  HealthLevel level = HealthLevel::kInfo;
  std::optional<targets::UnixTime> last_success = {};
  std::optional<NextRun> next = {};             // nullopt: disabled or off
  std::optional<std::uint64_t> snapshots = {};  // of a target: good ones ever proven
  bool has_drill = false;                       // of a target: its configuration has one
  std::optional<targets::UnixTime> last_proven_restorable = {};  // by a drill
  std::optional<RunningStage> running = {};
  std::vector<Problem> problems = {};  // the worst first

  bool operator==(const SubjectStatus&) const = default;
};

struct DaemonStatus {
  bool running = false;
  std::optional<DaemonFacts> facts = {};  // nullopt: none was ever started here

  bool operator==(const DaemonStatus&) const = default;
};

/// What `runner status` shows. A value: rendering adds nothing.
struct StatusReport {
  targets::UnixTime time{};
  std::vector<SubjectStatus> targets = {};
  std::vector<SubjectStatus> repository = {};  // probe, prune, check; empty if not asked for
  DaemonStatus daemon = {};
  std::vector<Problem> others = {};  // of the daemon and the state folder
  bool healthy = true;
  std::string summary = {};  // of all that is shown, in one line
};

/// The stages at work and what is wrong, with the verdict of runner/health. Pure.
StatusReport MakeStatus(const StatusInput& input);

/// The same verdict, about what was asked for only.
HealthReport JudgeHealth(const StatusInput& input);

/// What was collected about the stage of a target or (an empty id) of the repository, or nullptr.
const StageInput* FindStage(const StatusInput& input, const JobKey& key);

/// What can be done about a finding: the marker of its stage says so. "" if it does not.
std::string HintFor(const StatusInput& input, const targets::TargetId& target,
                    const Finding& finding);

/// True if a run of that job lives and progresses.
Work WorkOf(const StatusInput& input, const JobKey& key);
Daemon DaemonOf(const StatusInput& input);

}  // namespace runner
