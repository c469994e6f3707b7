#include "targets/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "targets/base/redactor.h"
#include "targets/base/text.h"
#include "targets/plan/agenda.h"
#include "targets/plan/describe.h"
#include "targets/restic/capabilities.h"

namespace targets {
namespace {

void AddHooks(std::vector<PlanHook>& hooks, const std::string& when,
              const std::vector<Argv>& list) {
  for (const Argv& argv : list) hooks.push_back({when, argv});
}

std::vector<PlanHook> HooksOf(const Target& target) {
  std::vector<PlanHook> hooks;
  AddHooks(hooks, "before", target.hooks.before);
  AddHooks(hooks, "after", target.hooks.after);
  AddHooks(hooks, "on_success", target.hooks.on_success);
  AddHooks(hooks, "on_failure", target.hooks.on_failure);
  if (target.drill && !target.drill->command.empty()) {
    hooks.push_back({"drill", target.drill->command});
  }
  return hooks;
}

Status CheckNames(const PlanInput& input) {
  for (const TargetId& id : input.only) {
    if (FindTarget(input.config, id) != nullptr) continue;
    std::vector<std::string> known;
    for (const Target& target : input.config.targets) known.push_back(target.id.str());
    const std::optional<std::string> nearest = Nearest(id.str(), known);
    return Fail(fmt::format("no target is named \"{}\"", id.str()),
                nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                        : "the names are the keys below `targets:`");
  }
  return {};
}

/// The target that a diagnostic's path is about ("targets.photos.schedule"), or an empty id.
TargetId TargetOf(const Diagnostic& diagnostic) {
  constexpr std::string_view kPrefix = "targets.";
  if (!diagnostic.path.starts_with(kPrefix)) return {};
  const std::string_view rest = std::string_view(diagnostic.path).substr(kPrefix.size());
  return TargetId(std::string(rest.substr(0, rest.find('.'))));
}

/// The same for a JSON pointer ("/targets/photos/schedule/cron").
TargetId TargetOfPointer(std::string_view pointer) {
  constexpr std::string_view kPrefix = "/targets/";
  if (!pointer.starts_with(kPrefix)) return {};
  const std::string_view rest = pointer.substr(kPrefix.size());
  return TargetId(std::string(rest.substr(0, rest.find('/'))));
}

/// Names no file: a plan that is made offline must not depend on where the file lies.
std::string WarningText(const Diagnostic& diagnostic) {
  std::string text = diagnostic.path.empty() ? "" : diagnostic.path + ": ";
  text += diagnostic.message;
  if (!diagnostic.hint.empty()) text += "; " + diagnostic.hint;
  if (diagnostic.line > 0) text += fmt::format(" (line {})", diagnostic.line);
  return text;
}

/// What is kept and what is removed, in one list. Both come newest first.
std::vector<PlanSnapshot> Snapshots(const TargetFacts& facts, const Zone& zone) {
  std::vector<PlanSnapshot> out;
  const auto add = [&](const SnapshotId& id, bool kept, std::vector<std::string> reasons) {
    const auto taken = facts.taken.find(id);
    const UnixTime time = taken == facts.taken.end() ? UnixTime{} : taken->second;
    out.push_back({id, ShowTime(time, zone), kept, std::move(reasons)});
  };
  for (const Kept& kept : facts.retention->keep) add(kept.id, true, kept.reasons);
  for (const SnapshotId& id : facts.retention->remove) add(id, false, {});
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.time.at > b.time.at; });
  return out;
}

/// "b2:bucket:path" as Backblaze's S3 endpoint has it.
std::string S3UrlOf(std::string_view url) {
  url.remove_prefix(std::string_view("b2:").size());
  const std::size_t colon = url.find(':');
  const std::string_view bucket = url.substr(0, colon);
  std::string_view path = colon == std::string_view::npos ? "" : url.substr(colon + 1);
  while (path.starts_with('/')) path.remove_prefix(1);
  return fmt::format("s3:https://s3.<region>.backblazeb2.com/{}{}{}", bucket,
                     path.empty() ? "" : "/", path);
}

class PlanMaker {
 public:
  explicit PlanMaker(const PlanInput& input)
      : input_(input),
        only_(input.only.begin(), input.only.end()),
        commands_(input.config, Version(), input.offline ? "restic" : input.program),
        agendas_(input, commands_, zones_) {}

  Result<Plan> Make() {
    if (const Status names = CheckNames(input_); !names) return Fail(names.error());
    if (const Status head = AddHead(); !head) return Fail(head.error());
    for (const Target& target : input_.config.targets) {
      if (!Wanted(target.id)) continue;
      if (const Status added = AddTarget(target); !added) return Fail(added.error());
    }
    Result<PlanAgenda> maintenance = agendas_.ForRepository(input_.config.maintenance);
    if (!maintenance) return Fail(maintenance.error());
    plan_.maintenance = *std::move(maintenance);
    auto costs = EstimateCosts(input_.config, input_.at, input_.stored);
    if (!costs) return Fail(costs.error());
    plan_.costs = *std::move(costs);
    WarnOfNativeB2();
    AddDiagnostics();
    if (input_.show_origin) AddEffectiveValues();
    return std::move(plan_);
  }

 private:
  [[nodiscard]] ResticVersion Version() const {
    return input_.offline ? ResticVersion{} : input_.version.value_or(ResticVersion{});
  }

  [[nodiscard]] bool Wanted(const TargetId& id) const {
    return only_.empty() || only_.contains(id);
  }

  [[nodiscard]] TargetFacts FactsOf(const TargetId& id) const {
    const auto found = input_.facts.find(id);
    return input_.offline || found == input_.facts.end() ? TargetFacts{} : found->second;
  }

  Status AddHead() {
    const Result<Zone> zone = zones_.Get(input_.config.timezone);
    if (!zone) return FailWithContext("timezone", zone.error());
    plan_.instance = input_.config.instance;
    plan_.at = ShowTime(input_.at, *zone);
    plan_.horizon = input_.horizon;
    plan_.offline = input_.offline;
    plan_.version_known = !input_.offline && input_.version.has_value();
    plan_.restic_version = FormatResticVersion(Version());
    plan_.repository.url = RedactUrlPasswords(input_.config.repository.url);
    if (!input_.offline) plan_.repository.machine_key = input_.machine_key;
    plan_.repository.backend = DescribeBackend(BackendOf(input_.config.repository.url));
    return {};
  }

  Status AddTarget(const Target& target) {
    const Result<Zone> zone = zones_.Get(target.schedule.timezone);
    if (!zone) return FailWithContext("target " + target.id.str(), zone.error());
    const TargetFacts facts = FactsOf(target.id);
    Result<PlanAgenda> agenda = agendas_.ForTarget(target, facts);
    if (!agenda) return Fail(agenda.error());
    PlanTarget shown;
    shown.id = target.id;
    shown.source = DescribeSource(target.source);
    if (const auto* stream = std::get_if<CommandSource>(&target.source)) {
      shown.filename = stream->filename;
    }
    shown.enabled = target.enabled;
    shown.state = facts.state;
    shown.state_detail = facts.state_detail;
    shown.schedule = DescribeSchedule(target.schedule);
    shown.timezone = target.schedule.timezone;
    shown.agenda = *std::move(agenda);
    shown.retention = DescribeRetention(target.retention);
    shown.retention_preview = DescribePreview(facts);
    if (facts.retention) {
      // Days are counted in the installation's zone, whatever that of the schedule.
      const Result<Zone> counted_in = zones_.Get(input_.config.timezone);
      if (!counted_in) return FailWithContext("timezone", counted_in.error());
      shown.snapshots = Snapshots(facts, *counted_in);
    }
    shown.restore = DescribeRestore(target, facts, input_.at, *zone);
    if (facts.last_success) shown.last_success = zone->FormatRfc3339(*facts.last_success);
    shown.guards = DescribeGuards(target.guard);
    shown.hooks = HooksOf(target);
    plan_.targets.push_back(std::move(shown));
    if (!target.enabled) return {};
    for (const std::string& text : SourceWarnings(target, facts)) {
      plan_.warnings.push_back({target.id, "targets." + target.id.str() + ": " + text});
    }
    return {};
  }

  /// Old releases hang silently at native B2, and what they delete may come back.
  void WarnOfNativeB2() {
    const std::string& url = plan_.repository.url;
    if (!plan_.version_known || BackendOf(url) != Backend::kB2) return;
    if (Has(Version(), Feature::kReliableB2Deletes)) return;
    plan_.warnings.push_back(
        {{},
         fmt::format("repository.url: restic {} hangs at native B2 where it should fail, and what "
                     "it deletes may come back; use a newer restic, or write "
                     "{} with the same key",
                     plan_.restic_version, S3UrlOf(url))});
  }

  void AddDiagnostics() {
    for (const Diagnostic& diagnostic : input_.diagnostics) {
      if (diagnostic.severity != DiagnosticSeverity::kWarning) continue;
      TargetId id = TargetOf(diagnostic);
      if (!id.empty() && !Wanted(id)) continue;
      plan_.warnings.push_back({std::move(id), WarningText(diagnostic)});
    }
    std::stable_sort(plan_.warnings.begin(), plan_.warnings.end(),
                     [](const auto& a, const auto& b) { return a.target < b.target; });
  }

  void AddEffectiveValues() {
    for (const EffectiveValue& value : input_.effective) {
      const TargetId id = TargetOfPointer(value.pointer);
      if (id.empty() || Wanted(id)) plan_.effective.push_back(value);
    }
  }

  const PlanInput& input_;
  std::set<TargetId> only_;
  ZoneCache zones_;
  CommandLines commands_;
  AgendaBuilder agendas_;
  Plan plan_;
};

}  // namespace

std::span<const PlanWarning> WarningsOf(const Plan& plan, const TargetId& target) {
  const auto before = [](const auto& a, const auto& b) { return a.target < b.target; };
  const auto [first, last] =
      std::equal_range(plan.warnings.begin(), plan.warnings.end(), PlanWarning{target, {}}, before);
  return {first, last};
}

Result<Plan> MakePlan(const PlanInput& input) { return PlanMaker(input).Make(); }

}  // namespace targets
