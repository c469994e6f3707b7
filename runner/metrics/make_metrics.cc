#include "runner/metrics/make_metrics.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <optional>
#include <string_view>

#include "runner/jobs/report.h"
#include "runner/status/next_run.h"

namespace runner {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

double Seconds(targets::UnixTime time) { return static_cast<double>(targets::ToUnixSeconds(time)); }
double Seconds(std::chrono::milliseconds duration) {
  return std::chrono::duration<double>(duration).count();
}
double Number(bool is) { return is ? 1 : 0; }

std::string Lower(std::string_view word) {
  std::string lower(word);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

/// A metric under construction; what is not known has no sample.
class Family {
 public:
  Family(std::string_view name, std::string_view help)
      : metric_{"runner_" + std::string(name), std::string(help), {}} {}

  Family& Add(Labels labels, double value) {
    metric_.samples.push_back({std::move(labels), value});
    return *this;
  }
  template <typename T>
  Family& AddIfKnown(Labels labels, const std::optional<T>& value) {
    if (value) Add(std::move(labels), static_cast<double>(*value));
    return *this;
  }
  Family& AddTime(Labels labels, const std::optional<targets::UnixTime>& time) {
    if (time) Add(std::move(labels), Seconds(*time));
    return *this;
  }
  Metric Done() { return std::move(metric_); }

 private:
  Metric metric_;
};

Labels LabelsOf(const JobKey& key) {
  return {{"target", key.target.str()}, {"stage", std::string(targets::StageName(key.stage))}};
}
Labels With(Labels labels, const char* name, std::string value) {
  labels.emplace_back(name, std::move(value));
  return labels;
}

class Maker {
 public:
  explicit Maker(const MetricsInput& input)
      : input_(input), status_(input.status), report_(input.report) {}

  std::vector<Metric> Make() {
    AddProgram();
    AddSubjects();
    AddStages();
    AddRuns();
    AddBackups();
    AddTargets();
    AddRepository();
    return std::move(metrics_);
  }

 private:
  void Add(Family& family) { metrics_.push_back(family.Done()); }
  void AddOne(std::string_view name, std::string_view help, std::optional<double> value) {
    Family family(name, help);
    Add(family.AddIfKnown({}, value));
  }

  void AddProgram() {
    Family build("build_info", "The version of the program.");
    Add(build.Add({{"version", input_.version}}, 1));
    AddOne("healthy", "Whether `runner healthcheck` is content.", Number(report_.healthy));
    AddOne("daemon_running", "Whether a daemon works with this state folder.",
           Number(report_.daemon.running));
    Family started("daemon_start_timestamp_seconds", "When the daemon was started.");
    Family wakeup("daemon_next_wakeup_timestamp_seconds", "When the daemon has something to do.");
    if (report_.daemon.running && report_.daemon.facts) {
      started.Add({}, Seconds(report_.daemon.facts->started));
      wakeup.AddTime({}, report_.daemon.facts->next_wakeup);
    }
    Add(started);
    Add(wakeup);
  }

  /// The verdict of the targets.
  void AddSubjects() {
    Family healthy("target_healthy", "Whether nothing is wrong with the target.");
    Family state("target_state", "1 for the word that `runner status` has for the target.");
    Family restorable("target_proven_restorable_timestamp_seconds",
                      "The last drill that restored the target's files.");
    Family snapshots("target_snapshots_made", "Good snapshots that were ever proven.");
    for (const SubjectStatus& target : report_.targets) {
      const Labels labels = {{"target", target.name}};
      healthy.Add(labels, Number(target.level != HealthLevel::kUnhealthy));
      state.Add({{"target", target.name}, {"state", std::string(StatusWordName(target.word))}}, 1);
      restorable.AddTime(labels, target.last_proven_restorable);
      snapshots.AddIfKnown(labels, target.snapshots);
    }
    for (Family* family : {&healthy, &state, &restorable, &snapshots}) Add(*family);
  }

  /// What the scheduler and the markers know.
  void AddStages() {
    Family success("last_success_timestamp_seconds", "The last success of the stage.");
    for (const auto& [key, time] : status_.last_success) success.Add(LabelsOf(key), Seconds(time));
    Family attempt("last_attempt_timestamp_seconds", "The last start of the stage.");
    Family due("next_due_timestamp_seconds", "When the stage is due; in the past: overdue.");
    Family retries("retries", "Failed tries since the stage was due.");
    Family running("running", "Whether the stage is at work.");
    for (const JobSpec& job : status_.jobs) {
      const Labels labels = LabelsOf(job.key);
      const JobRecord record = status_.Record(job.key);
      const Work work = WorkOf(status_, job.key);
      attempt.AddTime(labels, std::max(record.last_attempt, NewestStart(job.key)));
      due.AddTime(labels, FindNextRun(job, record, report_.time, DaemonOf(status_), work).at);
      retries.Add(labels, record.retries);
      running.Add(labels, Number(work == Work::kAtWork));
    }
    for (Family* family : {&success, &attempt, &due, &retries, &running}) Add(*family);
    AddMarkers();
  }

  /// One that a person asked for is in no record of the schedule.
  [[nodiscard]] std::optional<targets::UnixTime> NewestStart(const JobKey& key) const {
    for (const RunRecord& run : input_.newest) {
      if (run.target == key.target && run.stage == key.stage) return run.started;
    }
    return std::nullopt;
  }

  void AddMarkers() {
    Family status("stage_status", "1 for the word in the stage's marker.");
    const auto add = [&](const targets::TargetId& target, const std::vector<StageInput>& stages) {
      for (const StageInput& stage : stages) {
        if (!stage.marker) continue;
        Labels labels = LabelsOf(JobKey{target, stage.stage});
        labels.emplace_back("status", Lower(MarkerStatusName(stage.marker->status)));
        status.Add(std::move(labels), 1);
      }
    };
    for (const TargetInput& target : status_.health.targets) add(target.id, target.stages);
    add({}, status_.health.repository);
    Add(status);
  }

  /// The newest run of each stage.
  void AddRuns() {
    Family good("last_run_success", "Whether the newest run of the stage was a success.");
    Family cause("last_run_cause", "1 for what was wrong with the newest run, if anything was.");
    Family ended("last_run_end_timestamp_seconds", "When the newest run of the stage ended.");
    Family took("last_run_duration_seconds", "How long the newest run of the stage took.");
    Family cpu("last_run_cpu_seconds", "CPU time of the newest run's programs.");
    Family memory("last_run_peak_memory_bytes", "Memory of the newest run's largest program.");
    Family processes("last_run_processes", "How many programs the newest run started.");
    Family warnings("last_run_warnings", "Warnings of the newest run.");
    for (const RunRecord& run : input_.newest) {
      const Labels labels = LabelsOf(JobKey{run.target, run.stage});
      good.Add(labels, Number(run.outcome == JobOutcomeName(JobOutcome::kSuccess)));
      if (!run.cause.empty()) cause.Add(With(labels, "cause", run.cause), 1);
      ended.AddTime(labels, run.ended);
      if (run.took) took.Add(labels, Seconds(*run.took));
      if (run.figures.cpu) cpu.Add(labels, Seconds(*run.figures.cpu));
      memory.AddIfKnown(labels, run.figures.peak_memory);
      processes.AddIfKnown(labels, run.figures.processes);
      warnings.Add(labels, static_cast<double>(run.warnings.size()));
    }
    for (Family* family : {&good, &cause, &ended, &took, &cpu, &memory, &processes, &warnings})
      Add(*family);
  }

  /// A failed run does not hide what the last backup holds.
  void AddBackups() {
    Family files("backup_files", "Files of the newest backup, by what became of them.");
    Family size("backup_size_bytes", "What the newest backup holds.");
    Family added("backup_added_bytes", "What the newest backup added to the repository.");
    for (const RunRecord& run : input_.newest_with_snapshot) {
      if (run.stage != targets::Stage::kBackup) continue;
      const Labels labels = {{"target", run.target.str()}};
      files.AddIfKnown(With(labels, "kind", "new"), run.figures.files_new);
      files.AddIfKnown(With(labels, "kind", "changed"), run.figures.files_changed);
      files.AddIfKnown(With(labels, "kind", "unmodified"), run.figures.files_unmodified);
      size.AddIfKnown(labels, run.figures.bytes_total);
      added.AddIfKnown(labels, run.figures.bytes_added);
    }
    for (Family* family : {&files, &size, &added}) Add(*family);
  }

  void AddTargets() {
    Family quarantined("quarantined_snapshots", "Snapshots that wait for `runner ack`.");
    Family incomplete("incomplete_backups_in_a_row", "Backups with unreadable files.");
    Family period("target_period_seconds", "The longest gap between two backups, as scheduled.");
    for (const TargetInput& target : status_.health.targets) {
      const Labels labels = {{"target", target.id.str()}};
      quarantined.Add(labels, static_cast<double>(target.facts.quarantined.size()));
      incomplete.Add(labels, target.facts.incomplete_in_a_row);
      if (target.period) period.Add(labels, static_cast<double>(target.period->count()));
    }
    for (Family* family : {&quarantined, &incomplete, &period}) Add(*family);
  }

  void AddRepository() {
    const RepositoryFacts& facts = status_.repository_facts;
    Family healthy("repository_stage_healthy", "Whether nothing is wrong with the stage.");
    for (const SubjectStatus& stage : report_.repository)
      healthy.Add({{"stage", stage.name}}, Number(stage.level != HealthLevel::kUnhealthy));
    Add(healthy);
    Family snapshots("repository_snapshots", "Snapshots of this instance, when last listed.");
    Family listed("repository_listed_timestamp_seconds", "The last listing that was believed.");
    Family stored("repository_stored_bytes", "What the repository held at the last good check.");
    if (facts.listed_at) snapshots.Add({}, static_cast<double>(facts.snapshots_listed));
    Add(snapshots);
    Add(listed.AddTime({}, facts.listed_at));
    Add(stored.AddIfKnown({}, facts.stored_bytes));
    Family locks("repository_locks", "Locks of others when the last check began.");
    Add(locks.AddIfKnown({}, facts.locks));
    AddCosts();
  }

  void AddCosts() {
    Family calls("billed_calls_per_month",
                 "Calls that the schedules make at Backblaze B2 in 30 days, estimated.");
    if (input_.costs) {
      calls.Add({{"class", "b"}}, input_.costs->class_b);
      calls.Add({{"class", "c"}}, input_.costs->class_c);
    }
    Add(calls);
  }

  const MetricsInput& input_;
  const StatusInput& status_;
  const StatusReport& report_;
  std::vector<Metric> metrics_;
};

}  // namespace

std::vector<Metric> MakeMetrics(const MetricsInput& input) { return Maker(input).Make(); }

}  // namespace runner
