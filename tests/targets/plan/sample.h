#pragma once

#include <string>
#include <utility>

#include "targets/model/config.h"
#include "targets/plan/plan.h"

namespace targets {

/// 2026-11-22T22:18:00Z, a Sunday; 23:18 in Berlin.
inline UnixTime SampleTime() { return *ParseRfc3339("2026-11-22T22:18:00Z"); }

inline UnixTime At(const std::string& text) { return ParseRfc3339(text).value(); }

inline Schedule Cron(std::string expression, std::string timezone = "UTC") {
  Schedule schedule;
  schedule.timing = CronTiming{std::move(expression)};
  schedule.timezone = std::move(timezone);
  return schedule;
}

inline Schedule Every(Duration period) {
  Schedule schedule;
  schedule.timing = IntervalTiming{period};
  schedule.timezone = "UTC";
  return schedule;
}

inline Schedule ByHand() {
  Schedule schedule;
  schedule.timezone = "UTC";
  return schedule;
}

/// A folder that is backed up at 02:30 UTC, and keeps 7 daily snapshots.
inline Target Folder(const std::string& id) {
  Target target;
  target.id = TargetId(id);
  target.source = DirectorySource{"/data/" + id};
  target.schedule = Cron("30 2 * * *");
  target.retention.daily = 7;
  return target;
}

inline Config SampleConfig(std::vector<Target> targets) {
  Config config;
  config.instance = InstanceName("server1");
  config.repository.url = "b2:my-bucket:backups";
  config.targets = std::move(targets);
  return config;
}

inline PlanInput InputFor(const Config& config) {
  PlanInput input{.config = config};
  input.at = SampleTime();
  return input;
}

/// "backup 2026-11-23T02:30:00+00:00", one a line.
inline std::string Jobs(const PlanAgenda& agenda) {
  std::string text;
  for (const PlanJob& job : agenda.jobs) {
    text += std::string(StageName(agenda.steps[job.step].stage)) + " " + job.due.rfc3339 + "\n";
  }
  return text;
}

}  // namespace targets
