#include "runner/health/stage_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/state/marker_store.h"

namespace runner {
namespace {

using targets::Duration;
using targets::UnixTime;

/// "Backup", "Restore", ...
std::string Title(targets::Stage stage) {
  std::string name(targets::StageName(stage));
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

std::string Age(UnixTime time, UnixTime now) {
  return targets::FormatDuration(std::max(now - time, Duration{0}));
}

/// " 2h ago"; nothing if nobody knows.
std::string Ago(const std::optional<UnixTime>& time, UnixTime now) {
  return time.has_value() ? fmt::format(" {} ago", Age(*time, now)) : "";
}

/// " since 2h"; nothing if nobody knows.
std::string Since(const std::optional<UnixTime>& time, UnixTime now) {
  return time.has_value() ? fmt::format(" since {}", Age(*time, now)) : "";
}

std::string Because(const std::string& reason) {
  return reason.empty() ? "" : " - Reason: " + reason;
}

/// How long ago the run last told that it progresses; nullopt: it does not tell.
std::optional<Duration> SinceProgress(const Marker& marker, UnixTime now) {
  const std::optional<UnixTime> time = ParseUnixTime(marker.Detail(marker_key::kProgress));
  if (!time.has_value()) return std::nullopt;
  return now - *time;
}

bool Stalled(const Marker& marker, UnixTime now, Duration limit) {
  const std::optional<Duration> silent = SinceProgress(marker, now);
  return silent.has_value() && *silent > limit;
}

Finding RunningFinding(const StageInput& stage, UnixTime now, Duration progress_limit) {
  const Marker& marker = *stage.marker;
  if (!stage.owner_alive) {
    return {HealthLevel::kUnhealthy, "interrupted", stage.stage,
            fmt::format("{} was interrupted: it ran{} and its process is gone", Title(stage.stage),
                        Since(marker.time, now))};
  }
  if (Stalled(marker, now, progress_limit)) {
    return {HealthLevel::kUnhealthy, "stalled", stage.stage,
            fmt::format("{} makes no progress since {}", Title(stage.stage),
                        targets::FormatDuration(*SinceProgress(marker, now)))};
  }
  if (const std::optional<Marker> before = PreviousFailure(marker); before.has_value()) {
    return {HealthLevel::kWarning, "retrying", stage.stage,
            fmt::format("{} runs again{}; before that it {}{}{}", Title(stage.stage),
                        Since(marker.time, now),
                        before->status == MarkerStatus::kBlocked ? "was blocked" : "failed",
                        Ago(before->time, now), Because(before->reason))};
  }
  return {HealthLevel::kInfo, "running", stage.stage,
          fmt::format("{} is running{}", Title(stage.stage), Since(marker.time, now))};
}

Finding MarkerFinding(const StageInput& stage, UnixTime now, Duration progress_limit) {
  const Marker& marker = *stage.marker;
  const auto finding = [&](HealthLevel level, const char* code, std::string_view what) {
    return Finding{level, code, stage.stage,
                   fmt::format("{} {}{}{}", Title(stage.stage), what, Ago(marker.time, now),
                               Because(marker.reason))};
  };
  switch (marker.status) {
    case MarkerStatus::kFailed:
      return finding(HealthLevel::kUnhealthy, "failed", "failed");
    case MarkerStatus::kBlocked:
      return finding(HealthLevel::kUnhealthy, "blocked", "was blocked");
    case MarkerStatus::kWarning:
      return finding(HealthLevel::kWarning, "warning", "had warnings");
    case MarkerStatus::kRunning:
      return RunningFinding(stage, now, progress_limit);
    case MarkerStatus::kSuccess:
    case MarkerStatus::kUnreadable:
      break;
  }
  return finding(HealthLevel::kUnhealthy, "unreadable_marker", "has an unreadable marker");
}

}  // namespace

bool IsAtWork(const StageInput& stage, UnixTime now, Duration progress_limit) {
  return stage.marker.has_value() && stage.marker->status == MarkerStatus::kRunning &&
         stage.owner_alive && !Stalled(*stage.marker, now, progress_limit);
}

void CheckStage(const StageInput& stage, UnixTime now, Duration progress_limit,
                std::vector<Finding>& findings) {
  if (!stage.error.empty()) {
    findings.push_back({HealthLevel::kUnhealthy, "state_unreadable", stage.stage, stage.error});
    return;
  }
  if (!stage.marker.has_value() || stage.marker->status == MarkerStatus::kSuccess) return;
  findings.push_back(MarkerFinding(stage, now, progress_limit));
}

}  // namespace runner
