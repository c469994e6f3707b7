#include "runner/schedule/job_specs.h"

#include <optional>
#include <string>

#include "runner/jobs/restore_if_empty.h"
#include "targets/plan/seed.h"

namespace runner {
namespace {

using targets::Config;
using targets::Fail;
using targets::JitterSeed;
using targets::Recurrence;
using targets::Result;
using targets::Schedule;
using targets::Stage;
using targets::Status;
using targets::Target;

class SpecList {
 public:
  /// Errors: the schedule is refused.
  Status Add(JobKey key, const Schedule& schedule) {
    const std::string seed =
        key.target.empty() ? JitterSeed(key.stage) : JitterSeed(key.target, key.stage);
    Result<Recurrence> recurrence = Recurrence::Make(schedule, seed);
    if (!recurrence) return targets::FailWithContext(seed, recurrence.error());
    JobSpec spec{std::move(key), *std::move(recurrence)};
    spec.catch_up = schedule.catch_up;
    spec.forget_after = false;
    specs_.push_back(std::move(spec));
    return {};
  }

  JobSpec& last() { return specs_.back(); }
  std::vector<JobSpec> Take() { return std::move(specs_); }

 private:
  std::vector<JobSpec> specs_;
};

/// The same that `plan` lists.
Status AddRestoreCheck(SpecList& specs, const Target& target) {
  if (!WantsRestoreCheck(target)) return {};
  const Schedule never{targets::ManualTiming{}, target.schedule.timezone};
  Status added = specs.Add({target.id, Stage::kRestore}, target.restore.check.value_or(never));
  if (added) specs.last().at_start = true;
  return added;
}

Status AddTarget(SpecList& specs, const Target& target) {
  if (!target.enabled) return {};
  if (Status added = AddRestoreCheck(specs, target); !added) return added;
  if (Status added = specs.Add({target.id, Stage::kBackup}, target.schedule); !added) return added;
  specs.last().at_start = target.schedule.on_start;
  specs.last().forget_after = !target.retention.Empty();
  if (!target.drill) return {};
  const Status added = specs.Add({target.id, Stage::kDrill}, target.drill->schedule);
  if (added) specs.last().at_start = target.drill->schedule.on_start;
  return added;
}

template <typename MaintenanceJob>
Status AddMaintenance(SpecList& specs, Stage stage, const std::optional<MaintenanceJob>& job) {
  return job ? specs.Add({targets::TargetId{}, stage}, job->schedule) : Status{};
}

}  // namespace

Result<std::vector<JobSpec>> MakeJobSpecs(const Config& config) {
  SpecList specs;
  for (const Target& target : config.targets) {
    if (const Status added = AddTarget(specs, target); !added) return Fail(added.error());
  }
  const targets::Maintenance& maintenance = config.maintenance;
  for (const Status& added : {AddMaintenance(specs, Stage::kProbe, maintenance.probe),
                              AddMaintenance(specs, Stage::kPrune, maintenance.prune),
                              AddMaintenance(specs, Stage::kCheck, maintenance.check)}) {
    if (!added) return Fail(added.error());
  }
  return specs.Take();
}

}  // namespace runner
