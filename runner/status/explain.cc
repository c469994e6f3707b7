#include "runner/status/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "runner/jobs/forget_plan.h"
#include "runner/status/explain_job.h"
#include "runner/status/report.h"
#include "runner/status/words.h"
#include "targets/base/size.h"
#include "targets/plan/describe.h"

namespace runner {
namespace {

using targets::SourceState;
using targets::Stage;
using targets::Target;
using targets::UnixTime;

using Sentences = std::vector<std::string>;

/// Lines of sentences; the first of each group bears its label.
class Page {
 public:
  void Title(std::string text) { lines_.push_back(std::move(text)); }
  void Group(std::string_view label, const Sentences& sentences) {
    for (const std::string& sentence : sentences) {
      lines_.push_back(fmt::format("  {:<12} {}", label, sentence));
      label = "";
    }
  }
  Sentences Take() { return std::move(lines_); }

 private:
  Sentences lines_;
};

void Append(Sentences& to, Sentences more) {
  for (std::string& sentence : more) to.push_back(std::move(sentence));
}

std::string ScheduleSentence(const targets::Schedule& schedule, bool at_start) {
  std::string text = targets::DescribeSchedule(schedule);
  if (!std::holds_alternative<targets::ManualTiming>(schedule.timing))
    text += fmt::format(" ({})", schedule.timezone);
  return Sentence(text + (at_start ? ", and at every start of the daemon" : ""));
}

/// What the source's state means for a backup.
Sentences SourceTrouble(const Target& target, const TargetInput& known) {
  if (!known.source) return {};
  targets::TargetFacts facts;
  facts.state = known.source->state;
  facts.state_detail = known.source->detail;
  Sentences out = targets::SourceWarnings(target, facts);
  for (std::string& text : out) text = Sentence("the source: " + text);
  return out;
}

/// What stands in the way, with the daemon that is missing for what is due by itself.
Sentences OrNothing(const StatusInput& input, const JobKey& key, Sentences obstacles) {
  const JobSpec* job = input.Job(key);
  const bool by_itself = job != nullptr && job->recurrence.Next(input.health.now).has_value();
  if (by_itself && DaemonOf(input) == Daemon::kDoesNotRun)
    obstacles.emplace_back("No daemon lives: somebody must start it, or `runner run`.");
  if (obstacles.empty()) obstacles.emplace_back("Nothing.");
  return obstacles;
}

Sentences InTheWay(const StatusInput& input, const Target& target, const TargetInput& known) {
  Sentences out = SourceTrouble(target, known);
  for (const Stage stage : {Stage::kRestore, Stage::kBackup, Stage::kDrill})
    Append(out, ExplainMarker(input, {target.id, stage}));
  if (!known.facts_error.empty()) out.push_back(Sentence(known.facts_error));
  return OrNothing(input, {target.id, Stage::kBackup}, std::move(out));
}

Sentences Findings(const SubjectHealth* health, std::optional<Stage> stage) {
  Sentences out;
  if (health != nullptr) {
    for (const Finding& finding : health->findings) {
      if (stage && finding.stage != stage) continue;
      out.push_back(
          Sentence(fmt::format("{}: {}", HealthLevelName(finding.level), finding.message)));
    }
  }
  if (out.empty()) out.emplace_back("Nothing to complain of.");
  return out;
}

/// The last lines that restic wrote on standard error.
Sentences Complaints(const StatusInput& input, const KnownErrors& errors,
                     std::optional<Stage> stage) {
  constexpr std::size_t kMost = 3;
  Sentences out;
  for (auto line = errors.lines.rbegin(); line != errors.lines.rend() && out.size() < kMost;
       ++line) {
    if (stage && line->stage != stage) continue;
    out.push_back(fmt::format("{}, {}: {}", Moment(line->time, input.health.now, input.zone),
                              targets::StageName(line->stage), line->text));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

const SubjectHealth* FindHealth(const std::vector<SubjectHealth>& subjects,
                                const std::string& name) {
  const auto found =
      std::find_if(subjects.begin(), subjects.end(),
                   [&](const SubjectHealth& subject) { return subject.name == name; });
  return found == subjects.end() ? nullptr : &*found;
}

/// A backup succeeded after the last forget of a wave, so its snapshots were not looked through.
bool OwesForget(const StatusInput& input, const Target& target) {
  const auto backup = input.Record({target.id, Stage::kBackup}).last_success;
  const auto forget = input.Record(kForgetKey).last_success;
  return backup && (!forget || *forget < *backup);
}

Sentences Forget(const StatusInput& input, const Target& target) {
  const JobKey key{target.id, Stage::kForget};
  const StageInput* stage = FindStage(input, key);
  if (stage == nullptr || !stage->marker) return {"No forget has run yet."};
  if (stage->marker->status == MarkerStatus::kSuccess) {
    const auto success = input.LastSuccess(key);
    return {success ? fmt::format("The last forget was {}.",
                                  Moment(*success, input.health.now, input.zone))
                    : "The last forget succeeded."};
  }
  Sentences out = ExplainMarker(input, key);
  if (stage->marker->status == MarkerStatus::kWarning)
    out.push_back(Sentence("It is suspended: " + stage->marker->reason));
  if (WorkOf(input, key) == Work::kIdle)
    out.emplace_back("Until a forget succeeds, no snapshot of this target is removed.");
  return out;
}

Sentences Retention(const StatusInput& input, const Target& target) {
  Sentences out = {fmt::format("It keeps {}.", targets::DescribeRetention(target.retention))};
  if (target.retention.Empty()) return out;
  Append(out, Forget(input, target));
  if (OwesForget(input, target))
    out.emplace_back("A forget is owed: a backup has succeeded since the last one.");
  return out;
}

/// Facts are texts by name; some of them are Unix seconds.
Sentences Remembered(const StatusInput& input,
                     const std::map<std::string, std::string>& decisions) {
  constexpr long long kPlausible = 1'000'000'000;
  Sentences out;
  for (const auto& [name, value] : decisions) {
    const auto time = ParseUnixTime(value);
    const bool is_time = time && targets::ToUnixSeconds(*time) >= kPlausible;
    out.push_back(fmt::format("{} = {}.", name,
                              is_time ? Moment(*time, input.health.now, input.zone) : value));
  }
  return out;
}

Sentences Snapshots(const StatusInput& input, const TargetFacts& facts) {
  if (facts.snapshots_seen == 0) return {"No good snapshot was proven yet."};
  Sentences out = {facts.snapshots_seen == 1
                       ? "One good one was proven so far."
                       : fmt::format("{} good ones were proven so far.", facts.snapshots_seen)};
  if (!facts.newest_good) return out;
  const GoodSnapshot& newest = *facts.newest_good;
  out.push_back(fmt::format("The newest is {} of {}: {} file{}, {}.", newest.id.str().substr(0, 8),
                            Moment(newest.time, input.health.now, input.zone), newest.files,
                            newest.files == 1 ? "" : "s", targets::FormatSize(newest.bytes)));
  return out;
}

/// Why a person has to answer; empty: nothing waits.
Sentences Quarantine(const Target& target, const TargetFacts& facts) {
  const std::string waits = WaitsForAnswer(target.id, facts);
  if (waits.empty()) return {};
  return {Sentence(waits),
          "Until then nothing of it is forgotten, and no quarantined snapshot is "
          "restored by itself."};
}

Sentences Restore(const StatusInput& input, const Target& target, const TargetInput& known) {
  targets::TargetFacts facts;
  if (known.source) facts.state = known.source->state;
  Sentences out = {targets::DescribeRestore(target, facts, input.health.now, input.zone)};
  out.front() = Sentence(std::move(out.front()));
  if (const JobSpec* job = input.Job({target.id, Stage::kRestore});
      job != nullptr && target.restore.check) {
    out.push_back("It is checked by its own schedule: " +
                  ScheduleSentence(*target.restore.check, job->at_start));
    Append(out, ExplainNextRun(input, *job));
  }
  return out;
}

Sentences Drill(const StatusInput& input, const Target& target) {
  const JobKey key{target.id, Stage::kDrill};
  const JobSpec* job = input.Job(key);
  const auto proven = input.LastSuccess(key);
  if (job == nullptr && !proven) return {};
  Sentences out;
  if (job != nullptr) out.push_back(ScheduleSentence(target.drill->schedule, job->at_start));
  out.push_back(proven ? fmt::format("It was last proven restorable {}.",
                                     Moment(*proven, input.health.now, input.zone))
                       : "It was never proven restorable.");
  const StageInput* stage = FindStage(input, key);
  if (stage != nullptr && stage->marker && stage->marker->status == MarkerStatus::kSuccess)
    out.push_back(Sentence(stage->marker->reason));
  if (job != nullptr) Append(out, ExplainNextRun(input, *job));
  return out;
}

/// "every 1h (UTC)." of a stage of the repository, or nothing if the configuration has it not.
std::optional<std::string> RepositorySchedule(const targets::Maintenance& maintenance,
                                              Stage stage) {
  const auto words = [](const auto& job) {
    return job ? std::optional(ScheduleSentence(job->schedule, false)) : std::nullopt;
  };
  if (stage == Stage::kProbe) return words(maintenance.probe);
  if (stage == Stage::kPrune) return words(maintenance.prune);
  return words(maintenance.check);
}

}  // namespace

Sentences ExplainTarget(const StatusInput& input, const Target& target) {
  Page page;
  page.Title(fmt::format("{}  {}", target.id.str(), targets::DescribeSource(target.source)));
  if (!target.enabled) {
    page.Group("disabled", {"Nothing runs for it; enabled: true switches it on."});
    return page.Take();
  }
  const auto found = std::find_if(input.health.targets.begin(), input.health.targets.end(),
                                  [&](const TargetInput& known) { return known.id == target.id; });
  const TargetInput known = found == input.health.targets.end() ? TargetInput{} : *found;
  const HealthReport health = JudgeHealth(input);
  if (const JobSpec* job = input.Job({target.id, Stage::kBackup})) {
    page.Group("schedule", {ScheduleSentence(target.schedule, job->at_start)});
    page.Group("so far", ExplainHistory(input, job->key));
    page.Group("next run", ExplainNextRun(input, *job));
  }
  page.Group("in the way", InTheWay(input, target, known));
  page.Group("health", Findings(FindHealth(health.targets, target.id.str()), std::nullopt));
  page.Group("restic said", Complaints(input, known.errors, std::nullopt));
  page.Group("snapshots", Snapshots(input, known.facts));
  page.Group("quarantine", Quarantine(target, known.facts));
  page.Group("retention", Retention(input, target));
  page.Group("restore", Restore(input, target, known));
  page.Group("drill", Drill(input, target));
  page.Group("remembered", Remembered(input, known.facts.decisions));
  const StatusReport report = MakeStatus(input);
  page.Group("daemon", {Sentence(DescribeDaemon(report.daemon, input.health.now, input.zone))});
  return page.Take();
}

Sentences ExplainRepositoryStage(const StatusInput& input, Stage stage) {
  Page page;
  page.Title(fmt::format("{}  a job of the repository", targets::StageName(stage)));
  const JobKey key{{}, stage};
  const auto schedule = RepositorySchedule(input.config->maintenance, stage);
  const JobSpec* job = input.Job(key);
  if (schedule && job != nullptr) {
    page.Group("schedule", {*schedule});
    page.Group("so far", ExplainHistory(input, key));
    page.Group("next run", ExplainNextRun(input, *job));
  } else {
    page.Group("schedule", {fmt::format("It is off: maintenance.{} is not configured.",
                                        targets::StageName(stage))});
  }
  page.Group("in the way", OrNothing(input, key, ExplainMarker(input, key)));
  const HealthReport health = JudgeHealth(input);
  page.Group("health", Findings(FindHealth(health.others, "repository"), stage));
  page.Group("restic said", Complaints(input, input.health.repository_errors, stage));
  if (stage == Stage::kCheck && input.config->maintenance.check &&
      input.config->maintenance.check->read_data_parts > 0) {
    page.Group("read data", {fmt::format("The next one reads part {} of {}.",
                                         input.repository_facts.next_check_part,
                                         input.config->maintenance.check->read_data_parts)});
  }
  page.Group("remembered", Remembered(input, input.repository_facts.decisions));
  const StatusReport report = MakeStatus(input);
  page.Group("daemon", {Sentence(DescribeDaemon(report.daemon, input.health.now, input.zone))});
  return page.Take();
}

}  // namespace runner
