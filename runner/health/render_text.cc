#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "runner/health/render.h"

namespace runner {
namespace {

using targets::Duration;
using targets::UnixTime;

/// "2026-11-23 03:25:36".
std::string LocalTime(UnixTime time, Duration utc_offset) {
  std::string text = targets::FormatRfc3339(time + utc_offset);
  text[10] = ' ';
  text.pop_back();
  return text;
}

std::string_view Verdict(bool healthy) { return healthy ? "HEALTHY" : "UNHEALTHY"; }

std::string LastBackup(const SubjectHealth& target, UnixTime now) {
  if (!target.last_success.has_value()) return "not backed up yet";
  const Duration age = std::max(now - *target.last_success, Duration{0});
  return fmt::format("last backup {} ago", targets::FormatDuration(age));
}

std::string Describe(const Finding& finding) {
  return finding.level == HealthLevel::kWarning ? "warning: " + finding.message : finding.message;
}

/// All findings, the unhealthy ones first.
std::string Describe(const SubjectHealth& subject) {
  std::string out;
  for (const Finding& finding : subject.findings) {
    if (!out.empty()) out += "; ";
    out += Describe(finding);
  }
  return out;
}

std::string TargetLine(const SubjectHealth& target, UnixTime now) {
  std::string findings = Describe(target);
  if (!target.Healthy() || findings == "disabled") return findings;
  return findings.empty() ? LastBackup(target, now)
                          : fmt::format("{}; {}", LastBackup(target, now), findings);
}

std::string HealthySummary(const HealthReport& report) {
  if (report.targets.size() == 1) return TargetLine(report.targets.front(), report.time);
  const auto warns = [](const SubjectHealth& subject) {
    return subject.Level() == HealthLevel::kWarning;
  };
  const auto warnings = std::count_if(report.targets.begin(), report.targets.end(), warns) +
                        std::count_if(report.others.begin(), report.others.end(), warns);
  std::string out = report.targets.empty() ? "scheduler is running"
                                           : fmt::format("{} targets", report.targets.size());
  if (warnings > 0) out += fmt::format(", {} with warnings", warnings);
  return out;
}

}  // namespace

std::string HealthSummary(const HealthReport& report) {
  if (report.Healthy()) return HealthySummary(report);
  std::vector<const SubjectHealth*> unhealthy;
  for (const auto* subjects : {&report.targets, &report.others}) {
    for (const SubjectHealth& subject : *subjects) {
      if (!subject.Healthy()) unhealthy.push_back(&subject);
    }
  }
  const SubjectHealth& first = *unhealthy.front();
  const bool alone = report.targets.size() == 1 && &first == &report.targets.front();
  const bool is_other = std::any_of(report.others.begin(), report.others.end(),
                                    [&](const SubjectHealth& other) { return &other == &first; });
  const bool names_itself = is_other && first.name == "daemon";
  std::string out = alone || names_itself ? "" : first.name + ": ";
  out += first.findings.front().message;
  if (unhealthy.size() > 1) out += fmt::format(" (and {} more)", unhealthy.size() - 1);
  return out;
}

std::string RenderHealthText(const HealthReport& report, Duration utc_offset) {
  const std::string time = LocalTime(report.time, utc_offset);
  std::string out;
  for (const SubjectHealth& target : report.targets) {
    out += fmt::format("{} - {}: {}: {}\n", time, target.name, Verdict(target.Healthy()),
                       TargetLine(target, report.time));
  }
  for (const SubjectHealth& other : report.others) {
    if (other.findings.empty()) continue;
    out += fmt::format("{} - {}: {}: {}\n", time, other.name, Verdict(other.Healthy()),
                       Describe(other));
  }
  return out + fmt::format("{} - {}: {}\n", time, Verdict(report.Healthy()), HealthSummary(report));
}

}  // namespace runner
