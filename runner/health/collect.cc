#include "runner/health/collect.h"

#include <algorithm>
#include <utility>

#include "runner/health/source_looks.h"
#include "runner/state/fact_store.h"
#include "runner/state/marker_store.h"
#include "targets/base/text.h"
#include "targets/plan/seed.h"
#include "targets/schedule/recurrence.h"

namespace runner {
namespace {

using targets::Duration;
using targets::Stage;
using targets::Target;
using targets::UnixTime;

class Collector {
 public:
  Collector(const targets::Config& config, const HealthQuery& query, FileSystem& files,
            const targets::Redactor& redactor, UnixTime now)
      : config_(config),
        query_(query),
        files_(files),
        redactor_(redactor),
        now_(now),
        folder_(files, config.state_dir),
        markers_(files, redactor, folder_),
        facts_(files, folder_),
        error_log_(files, redactor, folder_) {}

  HealthInput Collect() const {
    HealthInput input{.now = now_, .state_folder = config_.state_dir};
    const auto root = files_.Stat(config_.state_dir, LinkHandling::kFollow);
    input.state_folder_exists = !root || root->has_value();
    if (!query_.target.has_value()) input.daemon = Daemon();
    if (query_.daemon_only) return input;
    SourceLooks looks(files_, Places(), query_.nap);
    for (const Target& target : config_.targets) {
      if (Wanted(target)) input.targets.push_back(Look(target));
    }
    AddSources(looks, input);
    if (query_.target.has_value()) return input;
    for (const Stage stage : targets::kRepositoryStages)
      input.repository.push_back(LookAt({{}, stage}));
    input.repository_errors = Errors({});
    input.state_disk = Disk(config_.state_dir);
    return input;
  }

 private:
  [[nodiscard]] std::string Clean(const std::string& text) const {
    return targets::OneLine(redactor_.Redact(text));
  }

  [[nodiscard]] bool Wanted(const Target& target) const {
    return !query_.target.has_value() || target.id == *query_.target;
  }

  /// The folder to look at; nullptr: a command, switched off, or known to be silent.
  [[nodiscard]] const targets::DirectorySource* FolderOf(const Target& target) const {
    return target.enabled && !query_.silent.contains(target.id)
               ? std::get_if<targets::DirectorySource>(&target.source)
               : nullptr;
  }

  [[nodiscard]] std::vector<SourcePlace> Places() const {
    std::vector<SourcePlace> places;
    for (const Target& target : config_.targets) {
      if (const auto* folder = FolderOf(target); folder != nullptr && Wanted(target))
        places.push_back({*folder, target.guard});
    }
    return places;
  }

  void AddSources(SourceLooks& looks, HealthInput& input) const {
    std::vector<SourceLook> found = looks.Await();
    input.a_look_hangs = looks.Hangs();
    auto look = found.begin();
    auto known = input.targets.begin();
    for (const Target& target : config_.targets) {
      if (!Wanted(target)) continue;
      TargetInput& one = *known++;
      if (query_.silent.contains(target.id)) one.source = Silent(target);
      if (FolderOf(target) == nullptr) continue;
      one.source_look = look->answered ? SourceLookKind::kAnswered : SourceLookKind::kSilent;
      look->source.detail = Clean(look->source.detail);
      one.source = std::move(look->source);
      one.disk = std::move(look->disk);
      ++look;
    }
  }

  [[nodiscard]] std::optional<SourceReport> Silent(const Target& target) const {
    const auto* folder = std::get_if<targets::DirectorySource>(&target.source);
    if (folder == nullptr) return std::nullopt;
    return SourceReport{
        targets::SourceState::kUnreadable,
        Clean(folder->path + " did not answer lately: is a network file system down?"),
        folder->path};
  }

  [[nodiscard]] DaemonInput Daemon() const {
    DaemonInput daemon{.required = query_.require_daemon || query_.daemon_only};
    const auto locked = folder_.DaemonIsLocked();
    const auto facts = facts_.ReadDaemon();
    if (locked) {
      daemon.lock_held = *locked;
    } else {
      daemon.error = Clean(locked.error().message);
    }
    if (facts) {
      daemon.facts = *facts;
    } else {
      daemon.error = Clean(facts.error().message);
    }
    return daemon;
  }

  [[nodiscard]] StageInput LookAt(const MarkerKey& key) const {
    StageInput stage{.stage = key.stage};
    const auto marker = markers_.Read(key);
    if (!marker) {
      stage.error = Clean(marker.error().message);
      return stage;
    }
    stage.marker = *marker;
    if (!stage.marker.has_value()) return stage;
    stage.marker->reason = Clean(stage.marker->reason);
    for (auto& [name, value] : stage.marker->details) value = Clean(value);
    if (stage.marker->status != MarkerStatus::kRunning) return stage;
    // One forget serves many targets, under one lock of its own.
    const bool own_lock = key.target.empty() || key.stage == Stage::kForget;
    const auto locked =
        own_lock ? folder_.RepositoryStageIsLocked(key.stage) : folder_.TargetIsLocked(key.target);
    if (locked) {
      stage.owner_alive = *locked;
    } else {
      stage.error = Clean(locked.error().message);
    }
    return stage;
  }

  [[nodiscard]] TargetInput Look(const Target& target) const {
    TargetInput input{.id = target.id, .enabled = target.enabled};
    if (!target.enabled) return input;
    for (const Stage stage : targets::kTargetStages)
      input.stages.push_back(LookAt({target.id, stage}));
    ReadHistory(target, input);
    ReadSchedule(target, input);
    if (target.drill) input.drill = Drill(target);
    input.errors = Errors(target.id);
    input.progress_limit = ProgressLimit(target);
    input.unhealthy_after = target.partial.unhealthy_after;
    return input;
  }

  [[nodiscard]] KnownErrors Errors(const targets::TargetId& target) const {
    KnownErrors known = error_log_.Read(target, now_);
    for (ErrorLine& line : known.lines) line.text = Clean(line.text);
    known.problem = Clean(known.problem);
    return known;
  }

  void ReadHistory(const Target& target, TargetInput& input) const {
    const auto last = markers_.LastSuccess({target.id, Stage::kBackup});
    if (last) {
      input.last_success = *last;
    } else {
      input.last_success_error = Clean(last.error().message);
    }
    auto facts = facts_.ReadTarget(target.id);
    if (facts) {
      input.facts = std::move(*facts);
    } else {
      input.facts_error = Clean(facts.error().message);
    }
  }

  void ReadSchedule(const Target& target, TargetInput& input) const {
    const auto recurrence = targets::Recurrence::Make(
        target.schedule, targets::JitterSeed(target.id, targets::Stage::kBackup));
    if (!recurrence) return;  // a checked configuration has no such schedule
    input.period = recurrence->Period(now_);
    if (input.last_success.has_value()) {
      input.period =
          std::max(input.period, recurrence->Period(std::min(*input.last_success, now_)));
      return;
    }
    const std::optional<UnixTime> since =
        input.facts.first_seen.has_value() ? input.facts.first_seen : query_.configured_at;
    if (since.has_value()) input.first_due = recurrence->Next(*since);
  }

  /// One whose success cannot be read counts as none; its marker lies in the same folder and
  /// complains.
  [[nodiscard]] DrillInput Drill(const Target& target) const {
    DrillInput drill;
    drill.last_success = markers_.LastSuccess({target.id, Stage::kDrill}).value_or(std::nullopt);
    const auto recurrence = targets::Recurrence::Make(
        target.drill->schedule, targets::JitterSeed(target.id, Stage::kDrill));
    if (!recurrence) return drill;  // a checked configuration has no such schedule
    drill.period = recurrence->Period(now_);
    if (drill.last_success) {
      drill.period =
          std::max(drill.period, recurrence->Period(std::min(*drill.last_success, now_)));
    }
    return drill;
  }

  /// The child is stopped when it stalls; before and after it hooks may work in silence.
  static Duration ProgressLimit(const Target& target) {
    constexpr Duration kSlack{300};
    const auto hooks =
        static_cast<long>(target.hooks.before.size() + target.hooks.after.size() +
                          target.hooks.on_success.size() + target.hooks.on_failure.size());
    return target.limits.stall_timeout + target.hooks.timeout * hooks + kSlack;
  }

  [[nodiscard]] std::optional<DiskInput> Disk(const std::string& path) const {
    const auto space = files_.Space(path);
    if (!space) return std::nullopt;
    return DiskInput{.path = path, .space = *space};
  }

  const targets::Config& config_;
  const HealthQuery& query_;
  FileSystem& files_;
  const targets::Redactor& redactor_;
  UnixTime now_;
  StateFolder folder_;
  MarkerStore markers_;
  FactStore facts_;
  ErrorLog error_log_;
};

}  // namespace

HealthInput CollectHealth(const targets::Config& config, const HealthQuery& query,
                          FileSystem& files, const targets::Redactor& redactor,
                          const Clock& clock) {
  return Collector(config, query, files, redactor, clock.Now()).Collect();
}

}  // namespace runner
