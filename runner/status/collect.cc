#include "runner/status/collect.h"

#include <algorithm>
#include <utility>

#include "runner/health/collect.h"
#include "runner/notify/report.h"
#include "runner/schedule/job_specs.h"
#include "runner/schedule/record_store.h"
#include "runner/state/fact_store.h"
#include "runner/state/marker_store.h"
#include "targets/base/text.h"

namespace runner {
namespace {

using targets::Stage;
using targets::Target;
using targets::TargetId;

bool Wanted(const StatusQuery& query, const TargetId& id) {
  return query.only.empty() ||
         std::find(query.only.begin(), query.only.end(), id) != query.only.end();
}

class Collector {
 public:
  Collector(StatusInput& input, FileSystem& files, const targets::Redactor& redactor)
      : input_(input),
        files_(files),
        redactor_(redactor),
        folder_(files, input.config->state_dir),
        markers_(files, redactor, folder_),
        facts_(files, folder_),
        records_(files, folder_) {}

  void Collect() {
    auto known = input_.health.targets.begin();  // in the same order
    for (const Target* target : input_.targets) {
      ReadRecords(target->id);
      for (const Stage stage : targets::kTargetStages) FindLastSuccess({target->id, stage}, *known);
      ++known;
    }
    ReadRecords({});
    for (const Stage stage : targets::kRepositoryStages) ReadLastSuccess({{}, stage});
    if (auto facts = facts_.ReadRepository()) {
      input_.repository_facts = *std::move(facts);
    } else {
      Damage(facts.error().message);
    }
  }

 private:
  void Damage(const std::string& text) {
    input_.damages.push_back(targets::OneLine(redactor_.Redact(text)));
  }

  /// RecordStore::Load would set a damaged file aside, which is the daemon's to do.
  void ReadRecords(const TargetId& target) {
    const std::string path = records_.FileOf(target);
    const auto text = files_.Read(path, kSmallFileLimit);
    if (!text) return Damage(text.error().message);
    if (!text->has_value()) return;
    const ParsedRecords parsed = ParseRecords(**text);
    for (const std::string& damage : parsed.damages)
      Damage(path + ": " + damage + "; the daemon sets the file aside at its next start");
    for (const auto& [stage, record] : parsed.records)
      input_.records.emplace(JobKey{target, stage}, record);
  }

  /// What the health part has read is not read again: a status page asks for much.
  void FindLastSuccess(const JobKey& key, const TargetInput& known) {
    if (key.stage == Stage::kBackup && known.last_success) {
      input_.last_success.emplace(key, *known.last_success);
      return;
    }
    const auto stage = std::ranges::find(known.stages, key.stage, &StageInput::stage);
    const bool succeeded = stage != known.stages.end() && stage->marker &&
                           stage->marker->status == MarkerStatus::kSuccess && stage->marker->time;
    if (succeeded && key.stage != Stage::kBackup) {
      input_.last_success.emplace(key, *stage->marker->time);
    } else {
      ReadLastSuccess(key);
    }
  }

  /// One that cannot be read says nothing here: the health part complains of its folder.
  void ReadLastSuccess(const JobKey& key) {
    const auto time = markers_.LastSuccess({key.target, key.stage});
    if (time && time->has_value()) input_.last_success.emplace(key, **time);
  }

  StatusInput& input_;
  FileSystem& files_;
  const targets::Redactor& redactor_;
  StateFolder folder_;
  MarkerStore markers_;
  FactStore facts_;
  RecordStore records_;
};

}  // namespace

targets::Result<StatusInput> CollectStatus(const targets::Config& config, const StatusQuery& query,
                                           FileSystem& files, const targets::Redactor& redactor,
                                           const Clock& clock) {
  auto jobs = MakeJobSpecs(config);
  if (!jobs) return targets::Fail(jobs.error());
  const auto zone = targets::Zone::Load(config.timezone);
  if (!zone) return targets::FailWithContext("timezone", zone.error());
  StatusInput input;
  input.config = &config;
  input.repository = query.only.empty();
  input.jobs = *std::move(jobs);
  std::sort(input.jobs.begin(), input.jobs.end(),
            [](const JobSpec& one, const JobSpec& other) { return one.key < other.key; });
  input.zone = *zone;
  targets::Config shown = config;
  std::erase_if(shown.targets, [&](const Target& target) { return !Wanted(query, target.id); });
  for (const Target& target : config.targets) {
    if (Wanted(query, target.id)) input.targets.push_back(&target);
  }
  input.health = CollectHealth(
      shown,
      HealthQuery{.configured_at = query.configured_at, .silent = query.silent, .nap = query.nap},
      files, redactor, clock);
  if (!input.repository) input.health.repository.clear();
  if (input.health.daemon && input.health.daemon->facts) {
    std::string& error = input.health.daemon->facts->config_error;
    error = targets::OneLine(redactor.Redact(error));
  }
  Collector(input, files, redactor).Collect();
  input.notify = NotifyFindings(config, files, redactor, input.health.now);
  return input;
}

}  // namespace runner
