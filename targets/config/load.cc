#include "targets/config/load.h"

#include <algorithm>
#include <unordered_set>

#include "targets/base/text.h"
#include "targets/config/decode.h"
#include "targets/config/effective_values.h"
#include "targets/config/environment.h"
#include "targets/config/expand.h"
#include "targets/config/lint.h"
#include "targets/config/masking.h"
#include "targets/config/merge.h"
#include "targets/config/report.h"
#include "targets/config/semantic_checks.h"

namespace targets {
namespace {

using rapidjson::Value;

class Loader {
 public:
  explicit Loader(const LoadInput& input) : input_(input) {}

  LoadOutcome Run() {
    merge_.environment_mode = !input_.yaml.has_value();
    merge_.top = BuiltInLayer(ConfigSchema());
    if (input_.yaml && !ReadFile()) return Finish();
    ApplyTopVariables(input_, merge_);
    ApplyFieldVariables(input_, merge_);
    ApplySingleTargetVariables(input_, merge_);
    ApplyZoneVariable(input_, merge_);
    ApplyListenVariable(input_, merge_);
    ReportExpansions();
    CheckMerged(merge_);
    return Finish();
  }

 private:
  /// False if the text has no usable content at all.
  bool ReadFile() {
    file_ = ParseYaml(*input_.yaml);
    source_.marks = &file_.marks;
    source_.bad.insert(file_.unusable.begin(), file_.unusable.end());
    if (!file_.root.IsObject()) {
      if (file_.problems.empty()) ReportNoMapping();
      return false;
    }
    for (const YamlProblem& problem : file_.problems) source_.incomplete.insert(problem.pointer);
    expansions_ = ExpandDocument(file_.root, input_.environment);
    for (const ExpansionFailure& failure : expansions_) source_.unexpanded.insert(failure.pointer);
    CheckValue(ConfigSchema(), file_.root, "", source_, merge_.problems);
    CheckRequired();
    BuildLayers();
    CheckNotify(merge_);
    return true;
  }

  void ReportNoMapping() {
    const bool empty = file_.root.IsNull();
    merge_.problems.Error(
        ValueOrigin::File(""), PointAt::kValue,
        empty ? "the file is empty" : "the file must be a mapping of keys to values",
        "start with the four keys version, instance, repository and targets; see "
        "backup.yaml.example");
  }

  void CheckRequired() {
    merge_.has_repository = file_.root.HasMember("repository");
    for (const char* key : {"version", "instance", "repository", "targets"}) {
      if (NearMiss(key)) merge_.misspelt.insert(key);
    }
    for (const char* key : {"version", "targets"}) {
      if (file_.root.HasMember(key) || merge_.misspelt.contains(key)) continue;
      const SchemaNode schema = ConfigSchema().Property(key);
      merge_.problems.Error(ValueOrigin::File(""), PointAt::kKey,
                            std::string("the key \"") + key + "\" is missing",
                            std::string("add a line like ") + key + ": " + schema.Example());
    }
  }

  /// Whether an unknown key is there that was probably meant to be `key`: then that one is the
  /// error.
  bool NearMiss(const std::string& key) {
    if (file_.root.HasMember(key)) return false;
    for (const auto& member : file_.root.GetObject()) {
      const std::string name(member.name.GetString(), member.name.GetStringLength());
      const std::vector<std::string> names = ConfigSchema().PropertyNames();
      const bool unknown = !name.starts_with("x-") && !ConfigSchema().Property(name).Known();
      if (unknown && Nearest(name, names) == key) return true;
    }
    return false;
  }

  void BuildLayers() {
    Layer top;
    for (const auto& member : file_.root.GetObject()) {
      const std::string key(member.name.GetString(), member.name.GetStringLength());
      const SchemaNode schema = ConfigSchema().Property(key);
      if (!schema.Known() || key == "targets" || key == "defaults") continue;
      Flatten(schema, member.value, key, JoinPointer("", key), source_, top);
    }
    Overlay(merge_.top, top);
    Layer defaults = BuiltInLayer(TargetSchema());
    OverlayObject("defaults", "", defaults);
    const auto targets = file_.root.FindMember("targets");
    if (targets == file_.root.MemberEnd() || !targets->value.IsObject()) return;
    for (const auto& member : targets->value.GetObject()) {
      const std::string id(member.name.GetString(), member.name.GetStringLength());
      const std::string pointer = JoinPointer("/targets", id);
      if (source_.bad.contains(pointer)) continue;
      Layer own;
      Flatten(TargetSchema(), member.value, "", pointer, source_, own);
      Layer& merged = merge_.targets.emplace(id, defaults).first->second;
      Overlay(merged, own);
    }
  }

  void OverlayObject(const std::string& key, const std::string& at, Layer& layer) {
    const auto member = file_.root.FindMember(key);
    if (member == file_.root.MemberEnd() || !member->value.IsObject()) return;
    Layer own;
    Flatten(TargetSchema(), member->value, at, JoinPointer("", key), source_, own);
    Overlay(layer, own);
  }

  /// A variable that is not set matters only where its value is used: not in a target that
  /// BACKUP_TARGET leaves out, not in a default that every target overrides.
  void ReportExpansions() {
    if (expansions_.empty()) return;
    std::unordered_set<std::string> used;
    const auto collect = [&](const Layer& layer) {
      for (const auto& [key, leaf] : layer) {
        if (leaf.origin.kind == ValueOrigin::Kind::kFile) used.insert(leaf.origin.name);
      }
    };
    collect(merge_.top);
    for (const auto& [id, layer] : merge_.targets) collect(layer);
    for (const ExpansionFailure& failure : expansions_) {
      std::string at = failure.pointer;
      while (!at.empty() && !used.contains(at)) at.resize(at.rfind('/'));  // a list is one leaf
      if (at.empty()) continue;
      merge_.problems.Error(ValueOrigin::File(failure.pointer), PointAt::kValue,
                            failure.error.message, failure.error.hint);
    }
  }

  LoadOutcome Finish() {
    LoadOutcome outcome;
    const bool readable = file_.problems.empty() && !merge_.problems.HasErrors();
    if (readable) {
      Config config = Decode();
      LintConfig(config, merge_);
      if (!merge_.problems.HasErrors()) {
        config.origins = OriginsOf(merge_, input_.file_name, file_.marks);
        if (WantsEffectiveValues(config))
          outcome.effective = EffectiveValues(merge_, input_.file_name, file_.marks);
        outcome.config = std::move(config);
      }
    }
    outcome.diagnostics = MakeDiagnostics(input_, file_, merge_);
    return outcome;
  }

  [[nodiscard]] bool WantsEffectiveValues(const Config& config) const {
    if (input_.effective == EffectiveList::kForPage) return config.server.listen.has_value();
    return input_.effective == EffectiveList::kInclude;
  }

  Config Decode() {
    Config config = DecodeTop(merge_.top);
    if (config.instance.empty()) config.instance = InstanceName("default");
    config.environment_mode = merge_.environment_mode;
    for (const auto& [id, layer] : merge_.targets) {
      config.targets.push_back(DecodeTarget(id, layer, config.timezone));
    }
    return config;
  }

  const LoadInput& input_;
  YamlDocument file_;
  ValueSource source_;
  std::vector<ExpansionFailure> expansions_;
  Merge merge_;
};

}  // namespace

LoadOutcome LoadConfig(const LoadInput& input) { return Loader(input).Run(); }

}  // namespace targets
