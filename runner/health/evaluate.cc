#include "runner/health/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "runner/health/stage_rules.h"
#include "runner/jobs/forget_plan.h"
#include "runner/restic/failure.h"
#include "targets/base/size.h"

namespace runner {
namespace {

using targets::Duration;
using targets::FormatDuration;
using targets::Stage;
using targets::UnixTime;

void CheckDisk(const std::optional<DiskInput>& disk, std::vector<Finding>& findings) {
  if (!disk.has_value() || disk->space.total == 0) return;
  const auto used = disk->space.total - std::min(disk->space.available, disk->space.total);
  const double percent = 100.0 * static_cast<double>(used) / static_cast<double>(disk->space.total);
  if (percent < kDiskInfoPercent) return;
  findings.push_back(
      {percent < kDiskWarningPercent ? HealthLevel::kInfo : HealthLevel::kWarning, "disk_space",
       std::nullopt,
       fmt::format("the file system of {} is {} % full ({} free)", disk->path,
                   static_cast<int>(percent), targets::FormatSize(disk->space.available))});
}

void CheckSource(const TargetInput& target, std::vector<Finding>& findings) {
  if (!target.source.has_value()) return;
  const SourceReport& source = *target.source;
  if (source.state == targets::SourceState::kMissing) {
    findings.push_back({HealthLevel::kUnhealthy, "source_missing", std::nullopt,
                        fmt::format("Source is missing: {}", source.detail)});
  } else if (source.state == targets::SourceState::kUnreadable) {
    findings.push_back({HealthLevel::kUnhealthy, "source_unreadable", std::nullopt,
                        fmt::format("Source cannot be read: {}", source.detail)});
  }
}

/// Only a person ends a quarantine. While a good snapshot is the newest, it merely waits.
void CheckQuarantine(const TargetInput& target, const StageInput* backup, UnixTime now,
                     std::vector<Finding>& findings) {
  const auto& quarantined = target.facts.quarantined;
  if (quarantined.empty()) return;
  // Its marker says the same.
  if (backup != nullptr && backup->marker.has_value() &&
      backup->marker->Detail(marker_key::kCause) == CauseName(Cause::kQuarantined)) {
    std::erase_if(findings, [](const Finding& finding) {
      return finding.stage == Stage::kBackup && finding.code == "failed";
    });
  }
  const bool newest = target.facts.newest_proven == quarantined.back().snapshot.id;
  const bool at_work = backup != nullptr && IsAtWork(*backup, now, target.progress_limit);
  findings.push_back({newest && !at_work ? HealthLevel::kUnhealthy : HealthLevel::kWarning,
                      "quarantined", Stage::kBackup,
                      "Forget is suspended - Reason: " + WaitsForAnswer(target.id, target.facts)});
}

void CheckIncompleteRuns(const TargetInput& target, const StageInput* backup,
                         std::vector<Finding>& findings) {
  if (backup == nullptr || !backup->marker.has_value()) return;
  if (backup->marker->status != MarkerStatus::kWarning) return;
  if (target.facts.incomplete_in_a_row < target.unhealthy_after) return;
  findings.push_back({HealthLevel::kUnhealthy, "incomplete", Stage::kBackup,
                      fmt::format("Backup was incomplete {} times in a row - Reason: {}",
                                  target.facts.incomplete_in_a_row, backup->marker->reason)});
}

/// The newest moment at which a snapshot of the target is known to have been made. An incomplete
/// backup made one.
std::optional<UnixTime> LastBackup(const TargetInput& target, const StageInput* backup) {
  std::optional<UnixTime> last = target.last_success;
  const auto consider = [&](const std::optional<UnixTime>& time) {
    if (time.has_value() && (!last.has_value() || *time > *last)) last = time;
  };
  const bool warned = backup != nullptr && backup->marker.has_value() &&
                      backup->marker->status == MarkerStatus::kWarning;
  if (warned && !backup->marker->Detail(marker_key::kSnapshot).empty())
    consider(backup->marker->time);
  if (target.facts.newest_good.has_value()) consider(target.facts.newest_good->time);
  return last;
}

/// Nothing was ever backed up: fine until the first due time has passed.
std::optional<Finding> CheckFirstBackup(const TargetInput& target, UnixTime now) {
  if (!target.first_due.has_value() || !target.period.has_value()) return std::nullopt;
  const Duration late = now - *target.first_due;
  if (late <= FreshnessGrace(*target.period)) return std::nullopt;
  return Finding{
      HealthLevel::kUnhealthy, "never_succeeded", Stage::kBackup,
      fmt::format("Never backed up: the first backup was due {} ago", FormatDuration(late))};
}

std::optional<Finding> CheckAge(const TargetInput& target, UnixTime last, UnixTime now) {
  if (last > now + kFutureMargin) {
    return Finding{HealthLevel::kUnhealthy, "success_in_future", Stage::kBackup,
                   fmt::format("Last backup lies in the future ({}): check the clock",
                               targets::FormatRfc3339(last))};
  }
  const Duration age = now - last;
  if (target.period.has_value() && age > *target.period + FreshnessGrace(*target.period)) {
    return Finding{
        HealthLevel::kUnhealthy, "overdue", Stage::kBackup,
        fmt::format("Backup is overdue: the last success was {} ago, one is due every {}",
                    FormatDuration(age), FormatDuration(*target.period))};
  }
  if (age <= kOldSuccess) return std::nullopt;
  return Finding{HealthLevel::kWarning, "old_success", Stage::kBackup,
                 fmt::format("the last successful backup was {} ago", FormatDuration(age))};
}

void CheckFreshness(const TargetInput& target, const StageInput* backup, UnixTime now,
                    std::vector<Finding>& findings) {
  const std::optional<UnixTime> last = LastBackup(target, backup);
  std::optional<Finding> finding =
      last.has_value() ? CheckAge(target, *last, now) : CheckFirstBackup(target, now);
  if (!finding.has_value()) return;
  const bool working = backup != nullptr && IsAtWork(*backup, now, target.progress_limit);
  if (working) finding->level = HealthLevel::kWarning;
  findings.push_back(std::move(*finding));
}

/// One that never succeeded is no fault: it may be new, and one that failed has a marker.
void CheckDrill(const TargetInput& target, UnixTime now, std::vector<Finding>& findings) {
  if (!target.drill || !target.drill->last_success || !target.drill->period) return;
  const Duration period = *target.drill->period;
  const Duration age = now - *target.drill->last_success;
  if (age <= period + FreshnessGrace(period)) return;
  const bool working = std::ranges::any_of(target.stages, [&](const StageInput& stage) {
    return stage.stage == Stage::kDrill && IsAtWork(stage, now, target.progress_limit);
  });
  findings.push_back(
      {working ? HealthLevel::kWarning : HealthLevel::kUnhealthy, "overdue", Stage::kDrill,
       fmt::format("Drill is overdue: last proven restorable {} ago, a drill is due every {}",
                   FormatDuration(age), FormatDuration(period))});
}

void AddUnreadable(const std::string& error, std::vector<Finding>& findings) {
  if (error.empty()) return;
  findings.push_back({HealthLevel::kUnhealthy, "state_unreadable", std::nullopt, error});
}

/// What restic complained of, one finding for each stage.
void CheckErrors(const KnownErrors& errors, UnixTime now, std::vector<Finding>& findings) {
  if (!errors.problem.empty())
    findings.push_back({HealthLevel::kWarning, "restic_errors", std::nullopt, errors.problem});
  std::map<Stage, std::pair<std::size_t, const ErrorLine*>> stages;
  for (const ErrorLine& line : errors.lines) {
    auto& [count, newest] = stages[line.stage];
    ++count;
    newest = &line;
  }
  for (const auto& [stage, said] : stages) {
    const auto& [count, newest] = said;
    findings.push_back(
        {HealthLevel::kWarning, "restic_errors", stage,
         fmt::format("restic complained in the last 24 h ({}{} line{} of {}, the newest {} ago): "
                     "{}",
                     count < ErrorLog::kLinesPerRun ? "" : "at least ", count,
                     count == 1 ? "" : "s", targets::StageName(stage),
                     FormatDuration(std::max(now - newest->time, Duration{0})), newest->text)});
  }
}

void Sort(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.level > b.level; });
}

SubjectHealth EvaluateTarget(const TargetInput& target, UnixTime now) {
  SubjectHealth health{.name = target.id.str()};
  if (!target.enabled) {
    health.findings.push_back({HealthLevel::kInfo, "disabled", std::nullopt, "disabled"});
    return health;
  }
  const StageInput* backup = nullptr;
  CheckSource(target, health.findings);
  for (const StageInput& stage : target.stages) {
    if (stage.stage == Stage::kBackup) backup = &stage;
    CheckStage(stage, now, target.progress_limit, health.findings);
    if (IsAtWork(stage, now, target.progress_limit)) health.running = stage.stage;
  }
  AddUnreadable(target.last_success_error, health.findings);
  AddUnreadable(target.facts_error, health.findings);
  CheckQuarantine(target, backup, now, health.findings);
  CheckIncompleteRuns(target, backup, health.findings);
  CheckFreshness(target, backup, now, health.findings);
  CheckDrill(target, now, health.findings);
  CheckErrors(target.errors, now, health.findings);
  CheckDisk(target.disk, health.findings);
  health.last_success = LastBackup(target, backup);
  Sort(health.findings);
  return health;
}

SubjectHealth EvaluateRepository(const HealthInput& input) {
  SubjectHealth health{.name = "repository"};
  for (const StageInput& stage : input.repository) {
    CheckStage(stage, input.now, Duration::max(), health.findings);
    if (IsAtWork(stage, input.now, Duration::max())) health.running = stage.stage;
  }
  CheckErrors(input.repository_errors, input.now, health.findings);
  Sort(health.findings);
  return health;
}

std::string WhyNoDaemon(const std::optional<DaemonFacts>& facts, UnixTime now) {
  if (!facts.has_value())
    return "scheduler is not running: no daemon was started with this state folder";
  if (facts->stopped.has_value()) {
    return fmt::format("scheduler is not running: it was stopped {} ago",
                       FormatDuration(now - *facts->stopped));
  }
  return fmt::format("scheduler is not running: process {} died", facts->pid);
}

SubjectHealth EvaluateDaemon(const DaemonInput& daemon, UnixTime now) {
  SubjectHealth health{.name = "daemon"};
  AddUnreadable(daemon.error, health.findings);
  const bool left_running = daemon.facts.has_value() && !daemon.facts->stopped.has_value();
  if (daemon.lock_held) {
    if (left_running && daemon.facts->next_wakeup.has_value() &&
        now > *daemon.facts->next_wakeup + kWakeupMargin) {
      health.findings.push_back(
          {HealthLevel::kUnhealthy, "daemon_stuck", std::nullopt,
           fmt::format("scheduler is stuck: process {} should have woken up {} ago",
                       daemon.facts->pid, FormatDuration(now - *daemon.facts->next_wakeup))});
    }
  } else if ((daemon.required || left_running) && daemon.error.empty()) {
    health.findings.push_back({HealthLevel::kUnhealthy, "daemon_not_running", std::nullopt,
                               WhyNoDaemon(daemon.facts, now)});
  }
  return health;
}

SubjectHealth EvaluateState(const HealthInput& input) {
  SubjectHealth health{.name = "state"};
  if (!input.state_folder_exists) {
    health.findings.push_back(
        {HealthLevel::kWarning, "no_state", std::nullopt,
         fmt::format("nothing has run yet: {} does not exist", input.state_folder)});
  }
  CheckDisk(input.state_disk, health.findings);
  return health;
}

}  // namespace

std::string_view HealthLevelName(HealthLevel level) {
  switch (level) {
    case HealthLevel::kInfo:
      return "info";
    case HealthLevel::kWarning:
      return "warning";
    case HealthLevel::kUnhealthy:
      return "unhealthy";
  }
  return "unhealthy";
}

HealthLevel SubjectHealth::Level() const {
  HealthLevel level = HealthLevel::kInfo;
  for (const Finding& finding : findings) level = std::max(level, finding.level);
  return level;
}

bool HealthReport::Healthy() const {
  const auto healthy = [](const SubjectHealth& subject) { return subject.Healthy(); };
  return std::all_of(targets.begin(), targets.end(), healthy) &&
         std::all_of(others.begin(), others.end(), healthy);
}

Duration FreshnessGrace(Duration period) {
  constexpr Duration kLeast{3600};
  constexpr Duration kMost{24 * 3600};
  return std::clamp(period / 4, kLeast, kMost);
}

HealthReport Evaluate(const HealthInput& input) {
  HealthReport report{.time = input.now};
  report.targets.reserve(input.targets.size());
  for (const TargetInput& target : input.targets)
    report.targets.push_back(EvaluateTarget(target, input.now));
  if (input.daemon.has_value()) report.others.push_back(EvaluateDaemon(*input.daemon, input.now));
  if (!input.repository.empty()) report.others.push_back(EvaluateRepository(input));
  report.others.push_back(EvaluateState(input));
  return report;
}

}  // namespace runner
