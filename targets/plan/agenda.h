#pragma once

#include <map>
#include <string>

#include "targets/base/result.h"
#include "targets/plan/plan.h"
#include "targets/restic/command_lines.h"
#include "targets/schedule/recurrence.h"
#include "targets/schedule/zone.h"

namespace targets {

/// Zones by name, each loaded once.
class ZoneCache {
 public:
  Result<Zone> Get(const std::string& name);

 private:
  std::map<std::string, Zone, std::less<>> zones_;
};

PlanTime ShowTime(UnixTime at, const Zone& zone);

/// Expands schedules into occurrences, for as many targets as share one limit.
class AgendaBuilder {
 public:
  /// All must outlive this object.
  AgendaBuilder(const PlanInput& input, const CommandLines& commands, ZoneCache& zones)
      : input_(input), commands_(commands), zones_(zones) {}

  /// Errors: see MakePlan.
  Result<PlanAgenda> ForTarget(const Target& target, const TargetFacts& facts);
  Result<PlanAgenda> ForRepository(const Maintenance& maintenance);

 private:
  /// The due times of one schedule; empty: never.
  Result<std::vector<PlanTime>> DueTimes(const Schedule& schedule, const std::string& seed);
  /// Appends the step, and a job for each due time (or the step to `by_hand`).
  Status Add(PlanAgenda& agenda, PlanStep step, const std::vector<PlanTime>& due);
  Status AddScheduled(PlanAgenda& agenda, PlanStep step, const Schedule& schedule,
                      const std::string& seed);
  Status AddRestoreCheck(PlanAgenda& agenda, const Target& target);
  Status AddBackupAndForget(PlanAgenda& agenda, const Target& target, const TargetFacts& facts);
  Status AddDrill(PlanAgenda& agenda, const Target& target);
  Status AddCheck(PlanAgenda& agenda, const CheckJob& check);
  Status Count(std::size_t occurrences);

  const PlanInput& input_;
  const CommandLines& commands_;
  ZoneCache& zones_;
  std::size_t count_ = 0;
};

}  // namespace targets
