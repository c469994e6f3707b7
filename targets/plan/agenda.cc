#include "targets/plan/agenda.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "targets/plan/seed.h"

namespace targets {
namespace {

/// RFC 3339 has four digits for the year.
constexpr UnixTime kLastInstant = std::chrono::sys_days{std::chrono::year{9999} / 12 / 30};

UnixTime EndOf(UnixTime at, Duration horizon) {
  return horizon > kLastInstant - at ? std::max(at, kLastInstant) : at + horizon;
}

int Rank(Stage stage) { return static_cast<int>(stage); }

void SortByDue(PlanAgenda& agenda) {
  std::stable_sort(agenda.jobs.begin(), agenda.jobs.end(), [&](const PlanJob& a, const PlanJob& b) {
    if (a.due.at != b.due.at) return a.due.at < b.due.at;
    return Rank(agenda.steps[a.step].stage) < Rank(agenda.steps[b.step].stage);
  });
}

std::string ForgetNote(const TargetFacts& facts) {
  if (!facts.retention)
    return "one listing for all targets of the wave, then `restic forget` by full snapshot ids";
  const std::size_t count = facts.retention->remove.size();
  if (count == 0) return "one listing for all targets of the wave; nothing would be forgotten now";
  return fmt::format(
      "one listing for all targets of the wave; now `restic forget` would get {} id{} of this one",
      count, count == 1 ? "" : "s");
}

std::string DrillNote(const Drill& drill) {
  const std::string what = drill.files == 0 ? "everything" : fmt::format("{} files", drill.files);
  return "then restores " + what + " of the newest good snapshot into a scratch folder";
}

}  // namespace

Result<Zone> ZoneCache::Get(const std::string& name) {
  const auto found = zones_.find(name);
  if (found != zones_.end()) return found->second;
  Result<Zone> zone = Zone::Load(name);
  if (zone) zones_.emplace(name, *zone);
  return zone;
}

PlanTime ShowTime(UnixTime at, const Zone& zone) {
  return PlanTime{at, zone.FormatRfc3339(at), zone.FormatForPeople(at)};
}

Status AgendaBuilder::Count(std::size_t occurrences) {
  count_ += occurrences;
  if (count_ <= kMaxOccurrences) return {};
  return Fail(fmt::format("plan: more than {} runs are due within {}", kMaxOccurrences,
                          FormatDuration(input_.horizon.value_or(Duration{}))),
              "ask for a shorter --horizon, or name some targets only");
}

Result<std::vector<PlanTime>> AgendaBuilder::DueTimes(const Schedule& schedule,
                                                      const std::string& seed) {
  std::vector<PlanTime> due;
  if (std::holds_alternative<ManualTiming>(schedule.timing)) return due;
  const Result<Zone> zone = zones_.Get(schedule.timezone);
  if (!zone) return FailWithContext(seed, zone.error());
  const Result<Recurrence> recurrence = Recurrence::Make(schedule, seed);
  if (!recurrence) return FailWithContext(seed, recurrence.error());
  const UnixTime end = input_.horizon ? EndOf(input_.at, *input_.horizon) : kLastInstant;
  const std::size_t limit = input_.horizon ? kMaxOccurrences + 1 : 1;
  std::optional<UnixTime> next = recurrence->Next(input_.at);
  while (next && *next <= end && due.size() < limit) {
    due.push_back(ShowTime(*next, *zone));
    if (due.size() < limit) next = recurrence->Next(*next);
  }
  return due;
}

Status AgendaBuilder::Add(PlanAgenda& agenda, PlanStep step, const std::vector<PlanTime>& due) {
  if (const Status counted = Count(due.size()); !counted) return counted;
  const std::size_t index = agenda.steps.size();
  agenda.steps.push_back(std::move(step));
  for (const PlanTime& time : due) agenda.jobs.push_back(PlanJob{index, time});
  return {};
}

Status AgendaBuilder::AddScheduled(PlanAgenda& agenda, PlanStep step, const Schedule& schedule,
                                   const std::string& seed) {
  if (std::holds_alternative<ManualTiming>(schedule.timing)) {
    agenda.by_hand.push_back(agenda.steps.size());
  }
  if (schedule.on_start) agenda.at_start.push_back(agenda.steps.size());
  const Result<std::vector<PlanTime>> due = DueTimes(schedule, seed);
  if (!due) return Fail(due.error());
  return Add(agenda, std::move(step), *due);
}

Status AgendaBuilder::AddRestoreCheck(PlanAgenda& agenda, const Target& target) {
  if (target.IsStream() || !(target.restore.if_empty || target.restore.check)) return {};
  PlanStep step{Stage::kRestore, commands_.Snapshots(target.id),
                target.restore.if_empty
                    ? "then restores the newest good snapshot, if the source is empty"
                    : "restores nothing: restore_if_empty is off"};
  agenda.at_start.push_back(agenda.steps.size());
  const Schedule never{ManualTiming{}, target.schedule.timezone};
  const Result<std::vector<PlanTime>> due =
      DueTimes(target.restore.check.value_or(never), JitterSeed(target.id, Stage::kRestore));
  if (!due) return Fail(due.error());
  return Add(agenda, std::move(step), *due);
}

Status AgendaBuilder::AddBackupAndForget(PlanAgenda& agenda, const Target& target,
                                         const TargetFacts& facts) {
  const Result<std::vector<PlanTime>> due =
      DueTimes(target.schedule, JitterSeed(target.id, Stage::kBackup));
  if (!due) return Fail(due.error());
  const bool manual = std::holds_alternative<ManualTiming>(target.schedule.timing);
  if (manual) agenda.by_hand.push_back(agenda.steps.size());
  if (target.schedule.on_start) agenda.at_start.push_back(agenda.steps.size());
  const Status added = Add(agenda, {Stage::kBackup, commands_.Backup(target), ""}, *due);
  if (!added || target.retention.Empty()) return added;
  if (manual) agenda.by_hand.push_back(agenda.steps.size());
  if (target.schedule.on_start) agenda.at_start.push_back(agenda.steps.size());
  return Add(agenda, {Stage::kForget, commands_.Snapshots(std::nullopt), ForgetNote(facts)}, *due);
}

Status AgendaBuilder::AddDrill(PlanAgenda& agenda, const Target& target) {
  if (!target.drill) return {};
  return AddScheduled(agenda,
                      {Stage::kDrill, commands_.Snapshots(target.id), DrillNote(*target.drill)},
                      target.drill->schedule, JitterSeed(target.id, Stage::kDrill));
}

Result<PlanAgenda> AgendaBuilder::ForTarget(const Target& target, const TargetFacts& facts) {
  PlanAgenda agenda;
  if (!target.enabled) return agenda;
  if (const Status added = AddRestoreCheck(agenda, target); !added) return Fail(added.error());
  if (const Status added = AddBackupAndForget(agenda, target, facts); !added) {
    return Fail(added.error());
  }
  if (const Status added = AddDrill(agenda, target); !added) return Fail(added.error());
  SortByDue(agenda);
  return agenda;
}

/// Each run reads the next part, so each part is a step of its own.
Status AgendaBuilder::AddCheck(PlanAgenda& agenda, const CheckJob& check) {
  const Result<std::vector<PlanTime>> due = DueTimes(check.schedule, JitterSeed(Stage::kCheck));
  if (!due) return Fail(due.error());
  if (const Status counted = Count(due->size()); !counted) return counted;
  const std::size_t parts = static_cast<std::size_t>(std::max(check.read_data_parts, 1));
  const int start = input_.offline ? 1 : std::max(input_.next_check_part, 1);
  const std::size_t first = agenda.steps.size();
  const std::size_t used = std::clamp(due->size(), std::size_t{1}, parts);
  for (std::size_t i = 0; i < used; ++i) {
    const std::size_t part = (static_cast<std::size_t>(start) - 1 + i) % parts + 1;
    std::string note =
        check.read_data_parts > 1
            ? fmt::format("reads part {} of {} of the data, the next run the next one", part, parts)
            : "";
    agenda.steps.push_back(
        {Stage::kCheck, commands_.Check(check, static_cast<int>(part)), std::move(note)});
  }
  if (std::holds_alternative<ManualTiming>(check.schedule.timing)) agenda.by_hand.push_back(first);
  if (check.schedule.on_start) agenda.at_start.push_back(first);
  for (std::size_t i = 0; i < due->size(); ++i) {
    agenda.jobs.push_back(PlanJob{first + i % parts, (*due)[i]});
  }
  return {};
}

Result<PlanAgenda> AgendaBuilder::ForRepository(const Maintenance& maintenance) {
  PlanAgenda agenda;
  if (maintenance.probe) {
    const Status added = AddScheduled(agenda, {Stage::kProbe, commands_.CatConfig(), ""},
                                      maintenance.probe->schedule, JitterSeed(Stage::kProbe));
    if (!added) return Fail(added.error());
  }
  if (maintenance.prune) {
    const Status added =
        AddScheduled(agenda, {Stage::kPrune, commands_.Prune(*maintenance.prune), ""},
                     maintenance.prune->schedule, JitterSeed(Stage::kPrune));
    if (!added) return Fail(added.error());
  }
  if (maintenance.check) {
    if (const Status added = AddCheck(agenda, *maintenance.check); !added)
      return Fail(added.error());
  }
  SortByDue(agenda);
  return agenda;
}

}  // namespace targets
