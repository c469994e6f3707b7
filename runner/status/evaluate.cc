#include "runner/health/evaluate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "runner/health/render.h"
#include "runner/health/stage_rules.h"
#include "runner/status/report.h"

namespace runner {
namespace {

using targets::Stage;
using targets::Target;
using targets::TargetId;

const TargetInput* FindTargetInput(const StatusInput& input, const TargetId& id) {
  for (const TargetInput& target : input.health.targets) {
    if (target.id == id) return &target;
  }
  return nullptr;
}

targets::Duration ProgressLimit(const StatusInput& input, const TargetId& id) {
  const TargetInput* target = FindTargetInput(input, id);
  return target == nullptr ? targets::Duration::max() : target->progress_limit;
}

StatusWord WordOf(const std::string& code) {
  static const std::array<std::pair<std::string_view, StatusWord>, 11> kWords = {{
      {"source_missing", StatusWord::kNoSource},
      {"source_unreadable", StatusWord::kUnreadable},
      {"failed", StatusWord::kFailed},
      {"blocked", StatusWord::kBlocked},
      {"interrupted", StatusWord::kInterrupted},
      {"stalled", StatusWord::kStalled},
      {"incomplete", StatusWord::kIncomplete},
      {"quarantined", StatusWord::kQuarantined},
      {"overdue", StatusWord::kOverdue},
      {"never_succeeded", StatusWord::kOverdue},
      {"disabled", StatusWord::kDisabled},
  }};
  for (const auto& [known, word] : kWords) {
    if (known == code) return word;
  }
  return StatusWord::kUnhealthy;
}

/// A run that goes on comes before the warnings that it may heal, never before a failure.
StatusWord WordOf(const SubjectStatus& subject) {
  if (subject.level == HealthLevel::kUnhealthy)
    return WordOf(subject.problems.front().finding.code);
  if (subject.running) return StatusWord::kRunning;
  if (subject.level == HealthLevel::kWarning) return StatusWord::kWarning;
  return subject.last_success ? StatusWord::kOk : StatusWord::kNew;
}

std::optional<RunningStage> RunningOf(const StatusInput& input, const JobKey& key) {
  if (WorkOf(input, key) == Work::kIdle) return std::nullopt;
  const Marker& marker = *FindStage(input, key)->marker;
  return RunningStage{key.stage, marker.time, ParseUnixTime(marker.Detail(marker_key::kProgress))};
}

void AddProblem(const StatusInput& input, const TargetId& target, const Finding& finding,
                SubjectStatus& subject) {
  subject.level = std::max(subject.level, finding.level);
  if (finding.level != HealthLevel::kInfo)
    subject.problems.push_back({finding, HintFor(input, target, finding)});
}

NextRun NextOf(const StatusInput& input, const JobSpec& job) {
  return FindNextRun(job, input.Record(job.key), input.health.now, DaemonOf(input),
                     WorkOf(input, job.key));
}

SubjectStatus TargetStatus(const StatusInput& input, const Target& target,
                           const SubjectHealth& health) {
  SubjectStatus status{.name = target.id.str()};
  status.last_success = health.last_success;
  status.has_drill = target.enabled && target.drill.has_value();
  status.last_proven_restorable = input.LastSuccess({target.id, Stage::kDrill});
  if (!target.enabled) {
    status.word = StatusWord::kDisabled;
    return status;
  }
  for (const Finding& finding : health.findings) AddProblem(input, target.id, finding, status);
  for (const Stage stage : targets::kTargetStages) {
    if (!status.running) status.running = RunningOf(input, {target.id, stage});
  }
  if (const JobSpec* job = input.Job({target.id, Stage::kBackup}))
    status.next = NextOf(input, *job);
  if (const TargetInput* known = FindTargetInput(input, target.id);
      known != nullptr && known->facts_error.empty()) {
    status.snapshots = known->facts.snapshots_seen;
  }
  status.word = WordOf(status);
  return status;
}

SubjectStatus RepositoryStageStatus(const StatusInput& input, Stage stage,
                                    const SubjectHealth& health) {
  const JobKey key{{}, stage};
  SubjectStatus status{.name = std::string(targets::StageName(stage))};
  status.last_success = input.LastSuccess(key);
  for (const Finding& finding : health.findings) {
    if (finding.stage == stage) AddProblem(input, {}, finding, status);
  }
  status.running = RunningOf(input, key);
  const JobSpec* job = input.Job(key);
  if (job != nullptr) status.next = NextOf(input, *job);
  const bool silent = status.problems.empty() && !status.running;
  status.word = job == nullptr && silent ? StatusWord::kOff : WordOf(status);
  return status;
}

/// It goes on with the old one, which this very command may not show.
void AddRefusedConfiguration(const StatusInput& input, StatusReport& report) {
  if (DaemonOf(input) == Daemon::kDoesNotRun || !input.health.daemon->facts) return;
  const DaemonFacts& facts = *input.health.daemon->facts;
  if (facts.config_error.empty()) return;
  report.others.push_back({{HealthLevel::kWarning, "config_refused", std::nullopt,
                            "the daemon goes on with its old configuration: " + facts.config_error},
                           "mend it by `runner validate`, then `runner reload`"});
}

}  // namespace

std::string_view StatusWordName(StatusWord word) {
  static constexpr std::array<std::string_view, 16> kNames = {
      "ok",         "new",         "running", "warning",  "disabled",    "off",
      "no_source",  "unreadable",  "failed",  "blocked",  "interrupted", "stalled",
      "incomplete", "quarantined", "overdue", "unhealthy"};
  return kNames.at(static_cast<std::size_t>(word));
}

const StageInput* FindStage(const StatusInput& input, const JobKey& key) {
  const TargetInput* target = FindTargetInput(input, key.target);
  if (!key.target.empty() && target == nullptr) return nullptr;
  const auto& stages = key.target.empty() ? input.health.repository : target->stages;
  for (const StageInput& stage : stages) {
    if (stage.stage == key.stage) return &stage;
  }
  return nullptr;
}

std::string HintFor(const StatusInput& input, const TargetId& target, const Finding& finding) {
  if (!finding.stage) return "";
  const StageInput* stage = FindStage(input, {target, *finding.stage});
  return stage == nullptr || !stage->marker ? "" : stage->marker->Detail(marker_key::kHint);
}

Work WorkOf(const StatusInput& input, const JobKey& key) {
  const StageInput* stage = FindStage(input, key);
  const bool works =
      stage != nullptr && IsAtWork(*stage, input.health.now, ProgressLimit(input, key.target));
  return works ? Work::kAtWork : Work::kIdle;
}

Daemon DaemonOf(const StatusInput& input) {
  const bool runs = input.health.daemon && input.health.daemon->lock_held;
  return runs ? Daemon::kRuns : Daemon::kDoesNotRun;
}

HealthReport JudgeHealth(const StatusInput& input) { return Evaluate(input.health); }

StatusReport MakeStatus(const StatusInput& input) {
  const HealthReport health = JudgeHealth(input);
  StatusReport report{.time = health.time};
  for (std::size_t i = 0; i < input.targets.size(); ++i)
    report.targets.push_back(TargetStatus(input, *input.targets[i], health.targets[i]));
  for (const SubjectHealth& other : health.others) {
    if (other.name == "repository") {
      for (const Stage stage : targets::kRepositoryStages)
        report.repository.push_back(RepositoryStageStatus(input, stage, other));
      continue;
    }
    for (const Finding& finding : other.findings) {
      if (finding.level != HealthLevel::kInfo) report.others.push_back({finding});
    }
  }
  for (const std::string& damage : input.damages) {
    report.others.push_back({{HealthLevel::kWarning, "state_damaged", std::nullopt, damage}});
  }
  for (const Finding& finding : input.notify)
    report.others.push_back({finding, "try it by `runner notify --test`"});
  AddRefusedConfiguration(input, report);
  report.daemon.running = DaemonOf(input) == Daemon::kRuns;
  if (input.health.daemon) report.daemon.facts = input.health.daemon->facts;
  report.healthy = health.Healthy();
  report.summary = HealthSummary(health);
  return report;
}

}  // namespace runner
