#include <fmt/format.h>

#include <algorithm>

#include "runner/doctor/report.h"
#include "runner/doctor/rules.h"
#include "targets/restore/choose.h"

namespace runner {
namespace {

using Area = DoctorArea;

/// This program was written later: 2026-11-01.
constexpr targets::UnixTime kNotBefore{std::chrono::seconds{1'793'491'200}};

std::string Place(const targets::Diagnostic& diagnostic) {
  std::string place;
  if (!diagnostic.file.empty() && diagnostic.line > 0) {
    place = fmt::format("{}:{}:{}: ", diagnostic.file, diagnostic.line, diagnostic.column);
  }
  return place + (diagnostic.path.empty() ? "" : diagnostic.path + ": ");
}

void JudgeConfiguration(const DoctorInput& input, DoctorFindings& findings) {
  const std::size_t count = input.config->targets.size();
  findings.Ok(Area::kConfiguration,
              fmt::format("valid, with {} target{}", count, count == 1 ? "" : "s"));
  for (const targets::Diagnostic& warning : input.warnings) {
    findings.Warn(Area::kConfiguration, Place(warning) + warning.message,
                  warning.hint.empty() ? "correct it if it is not meant so" : warning.hint);
  }
  for (const targets::Target& target : input.config->targets) {
    if (target.enabled) continue;
    findings.Note(Area::kConfiguration, target.id.str() + " is disabled: nobody backs it up",
                  "write enabled: true to have it backed up");
  }
}

void JudgePrivileges(const DoctorInput& input, DoctorFindings& findings) {
  const auto& run_as = input.config->run_as;
  if (input.user == 0 && (!run_as || run_as->uid == 0)) {
    findings.Ok(Area::kPrivileges, "root: reads every file, and gives restored ones their owners");
  } else if (input.user == 0) {
    findings.Note(
        Area::kPrivileges,
        fmt::format("root, while the jobs run as user {} and group {}: what these may not read is "
                    "not backed up",
                    run_as->uid, run_as->gid),
        "leave out run_as (PUID) if files of other users are to be backed up");
  } else if (run_as && run_as->uid != input.user) {
    findings.Warn(
        Area::kPrivileges,
        fmt::format("the jobs run as user {}, not as {} (run_as, PUID): only root can "
                    "become somebody else",
                    input.user, run_as->uid),
        fmt::format("start the program as root or as user {}, or correct run_as", run_as->uid));
  } else {
    findings.Note(
        Area::kPrivileges,
        fmt::format("user {0}, not root: what {0} may not read is not backed up, and every "
                    "restored file belongs to {0}",
                    input.user),
        "start the program as root if there are files of several users");
  }
}

void JudgeClock(const DoctorInput& input, DoctorFindings& findings) {
  const std::string remedy = "set the clock, best by NTP; backups would bear wrong dates";
  const std::string now = targets::FormatRfc3339(input.now);
  const auto& known = input.newest_known;
  if (input.now < kNotBefore) {
    findings.Error(Area::kClock, fmt::format("it says {}, which is long ago", now), remedy);
  } else if (known && known->time > input.now + targets::kClockTolerance) {
    findings.Error(Area::kClock,
                   fmt::format("it says {}, but {} is of {}", now, known->what,
                               targets::FormatRfc3339(known->time)),
                   remedy);
  } else {
    findings.Ok(Area::kClock, fmt::format("{}, timezone {}", now, input.config->timezone));
  }
  if (!input.timezone_error.empty()) {
    findings.Error(Area::kClock, input.timezone_error,
                   "install the time zones (tzdata), or correct timezone");
  }
}

void JudgeDaemon(const DoctorInput& input, DoctorFindings& findings) {
  if (input.daemon_runs) {
    const std::string pid =
        input.daemon ? fmt::format(" as process {}", input.daemon->pid) : std::string();
    findings.Ok(Area::kDaemon, "it runs" + pid);
  } else {
    findings.Note(Area::kDaemon, "none runs: nothing happens by itself",
                  "start `runner daemon`, or call `runner run` from cron or a timer");
  }
  if (input.daemon_runs && input.daemon && !input.daemon->config_error.empty()) {
    findings.Warn(Area::kDaemon,
                  "it goes on with an older configuration: " + input.daemon->config_error,
                  "correct the configuration, then type `runner reload`");
  }
  for (const targets::TargetId& id : input.at_work) {
    findings.Note(Area::kDaemon, fmt::format("a run of {} is at work", id.str()),
                  "`runner status` shows how far it is; another run waits for it");
  }
}

std::string Count(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string Verdict(std::size_t errors, std::size_t warnings) {
  if (errors > 0) {
    return fmt::format("not ready: {}{}", Count(errors, "error"),
                       warnings > 0 ? " and " + Count(warnings, "warning") : "");
  }
  return warnings > 0 ? fmt::format("ready, with {}", Count(warnings, "warning")) : "ready";
}

}  // namespace

std::string_view DoctorLevelName(DoctorLevel level) {
  switch (level) {
    case DoctorLevel::kOk:
      return "ok";
    case DoctorLevel::kNote:
      return "note";
    case DoctorLevel::kWarning:
      return "warning";
    case DoctorLevel::kError:
      break;
  }
  return "error";
}

std::string_view DoctorAreaName(DoctorArea area) {
  switch (area) {
    case Area::kConfiguration:
      return "configuration";
    case Area::kPrivileges:
      return "privileges";
    case Area::kState:
      return "state";
    case Area::kCache:
      return "cache";
    case Area::kTemporary:
      return "temporary";
    case Area::kRestic:
      return "restic";
    case Area::kClock:
      return "clock";
    case Area::kSecret:
      return "secret";
    case Area::kSource:
      return "source";
    case Area::kProgram:
      return "program";
    case Area::kStorage:
      return "storage";
    case Area::kDaemon:
      break;
  }
  return "daemon";
}

DoctorReport Diagnose(const DoctorInput& input) {
  DoctorFindings findings;
  JudgeConfiguration(input, findings);
  JudgePrivileges(input, findings);
  JudgeFolders(input, findings);
  JudgeClock(input, findings);
  JudgePrograms(input, findings);
  JudgeStorage(input, findings);
  JudgeSources(input, findings);
  JudgeDaemon(input, findings);
  DoctorReport report{.time = input.now, .findings = findings.Take()};
  const auto count = [&](DoctorLevel level) {
    return static_cast<std::size_t>(
        std::ranges::count(report.findings, level, &DoctorFinding::level));
  };
  report.ready = count(DoctorLevel::kError) == 0;
  report.verdict = Verdict(count(DoctorLevel::kError), count(DoctorLevel::kWarning));
  return report;
}

}  // namespace runner
