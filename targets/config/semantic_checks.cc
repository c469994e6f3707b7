#include "targets/config/semantic_checks.h"

#include <fmt/format.h>

#include "targets/base/redactor.h"
#include "targets/base/text.h"
#include "targets/config/decode.h"
#include "targets/config/environment.h"
#include "targets/config/formats.h"
#include "targets/config/layer_reader.h"
#include "targets/model/repository.h"

namespace targets {
namespace {

constexpr std::string_view kYamlHint =
    "or describe the targets in a backup.yaml (--config or RUNNER_CONFIG; see backup.yaml.example)";

class TopChecks {
 public:
  explicit TopChecks(Merge& merge) : merge_(merge), reader_(merge.top) {}

  void Run() {
    CheckInstance();
    if (!merge_.problems.HasErrorsBelow("/repository") && !merge_.misspelt.contains("repository")) {
      CheckRepository();
    }
    if (!merge_.problems.HasErrorsBelow("/run_as")) CheckRunAs();
    CheckFolders();
  }

 private:
  void CheckRepository() {
    if (!merge_.environment_mode && !reader_.HasFolder("repository/url") && !HasPassword() &&
        !merge_.has_repository) {
      merge_.problems.Error(ValueOrigin::File(""), PointAt::kKey,
                            "the key \"repository\" is missing",
                            "add a line like repository: {url: \"b2:bucket:path\", password_file: "
                            "/run/secrets/restic}");
      return;
    }
    Require("repository/url", "RESTIC_REPOSITORY", "the repository's url is missing",
            "add a line like url: b2:bucket:path");
    RequireSecret("repository/password", "RESTIC_PASSWORD", "the repository's password is missing",
                  "add password_file, password: ${RESTIC_PASSWORD} or password_command");
    CheckB2();
  }

  [[nodiscard]] bool NotReported(const std::string& variable) const {
    for (const Problem& problem : merge_.problems.all()) {
      const bool same = problem.where == ValueOrigin::Variable(variable) ||
                        problem.where == ValueOrigin::Variable(variable + "_FILE");
      if (same && problem.severity == DiagnosticSeverity::kError) return false;  // already reported
    }
    return true;
  }

  void Missing(const std::string& variable, const std::string& pointer, const std::string& message,
               const std::string& hint) {
    if (!NotReported(variable)) return;
    if (merge_.environment_mode) {
      merge_.problems.Error(ValueOrigin::Variable(variable), PointAt::kValue,
                            "this variable is required",
                            fmt::format("set it or {}_FILE, {}", variable, kYamlHint));
    } else {
      merge_.problems.Error(ValueOrigin::File(pointer), PointAt::kKey, message, hint);
    }
  }

  void Require(const std::string& key, const std::string& variable, const std::string& message,
               const std::string& hint) {
    if (!reader_.Has(key)) Missing(variable, "/repository", message, hint);
  }

  [[nodiscard]] bool HasPassword() const {
    return reader_.Has("repository/password") || reader_.Has("repository/password_file") ||
           reader_.Has("repository/password_command");
  }

  void RequireSecret(const std::string& key, const std::string& variable,
                     const std::string& message, const std::string& hint) {
    const bool given =
        reader_.Has(key) || reader_.Has(key + "_file") || reader_.Has(key + "_command");
    if (!given) Missing(variable, "/repository", message, hint);
  }

  void CheckInstance() {
    if (reader_.Has("instance") || merge_.problems.HasErrorsBelow("/instance")) return;
    if (!NotReported("BACKUP_INSTANCE") || merge_.misspelt.contains("instance")) return;
    if (!merge_.environment_mode) {
      merge_.problems.Error(
          ValueOrigin::File(""), PointAt::kKey, "the key \"instance\" is missing",
          "add a line like instance: server1, a name that stays the same for good");
      return;
    }
    merge_.problems.Warning(ValueOrigin::Variable("BACKUP_INSTANCE"), PointAt::kValue,
                            "not set; snapshots are made under the instance name \"default\"",
                            "set it to a name of this installation, and keep it for good");
  }

  void CheckB2() {
    if (BackendOf(reader_.Text("repository/url")) != Backend::kB2) return;
    const auto more = reader_.TextMap("repository/environment");
    for (const auto& [key, variable] :
         {std::pair{"account_id", "B2_ACCOUNT_ID"}, {"account_key", "B2_ACCOUNT_KEY"}}) {
      if (more.contains(variable)) continue;
      RequireSecret(
          std::string("repository/b2/") + key, variable,
          fmt::format("a b2: repository needs b2.{}", key),
          fmt::format("add b2: {{{}_file: /run/secrets/...}} or {}: ${{{}}}", key, key, variable));
    }
  }

  void CheckRunAs() {
    if (reader_.Has("run_as/uid") == reader_.Has("run_as/gid")) return;
    const bool has_uid = reader_.Has("run_as/uid");
    const Leaf* given = reader_.Find(has_uid ? "run_as/uid" : "run_as/gid");
    const bool variable = given->origin.kind == ValueOrigin::Kind::kEnvironment;
    merge_.problems.Error(
        given->origin, PointAt::kKey,
        fmt::format("{} is missing beside it",
                    has_uid ? (variable ? "PGID" : "gid") : (variable ? "PUID" : "uid")),
        "set both or none");
  }

  /// A state folder inside a source would back up its own changes for ever.
  void CheckFolders() {
    const std::string state = NormalisePath(reader_.Text("state_dir"));
    for (const auto& [id, layer] : merge_.targets) {
      const LayerReader target(layer);
      if (!target.Has("source")) continue;
      const std::string source = NormalisePath(target.Text("source"));
      if (source == "/" || !(state == source || state.starts_with(source + "/"))) continue;
      merge_.problems.Warning(target.Find("source")->origin, PointAt::kValue,
                              fmt::format("the state folder {} lies inside this source", state),
                              "exclude it, or move it with state_dir");
    }
  }

  Merge& merge_;
  LayerReader reader_;
};

class TargetChecks {
 public:
  TargetChecks(const std::string& id, const Layer& layer, Merge& merge)
      : pointer_("/targets/" + id), layer_(layer), merge_(merge), reader_(layer) {}

  void Run() {
    CheckSource();
    CheckRetention();
    CheckDrill();
    CheckTiming("drill/schedule");
    CheckTiming("restore_if_empty/check");
  }

 private:
  void Error(const ValueOrigin& where, PointAt at, std::string message, std::string hint) {
    merge_.problems.Error(where, at, std::move(message), std::move(hint));
  }

  void CheckSource() {
    const Leaf* command = reader_.Find("command");
    const Leaf* source = reader_.Find("source");
    const Leaf* filename = reader_.Find("filename");
    if (command == nullptr && source == nullptr) {
      Error(ValueOrigin::File(pointer_), PointAt::kKey,
            "the target has neither a source nor a command",
            "add a line like source: /data/photos");
    } else if (command != nullptr && source != nullptr) {
      Error(command->origin, PointAt::kKey, "only one of source and command may be set",
            "remove one of them");
    } else if (command != nullptr && filename == nullptr) {
      Error(command->origin, PointAt::kKey, "a command needs a filename for its output",
            "add a line like filename: app.sql");
    } else if (command == nullptr && filename != nullptr) {
      Error(filename->origin, PointAt::kKey,
            "filename belongs to a command, and this target has a source", "remove it");
    } else if (source != nullptr && NormalisePath(reader_.Text("source")) == "/") {
      merge_.problems.Warning(source->origin, PointAt::kValue, "this backs up the whole machine",
                              "set one_file_system: true and exclude what is not needed");
    }
    if (command != nullptr) CheckStream();
  }

  /// What makes no sense for a command's output.
  void CheckStream() {
    for (const char* key :
         {"guard/require_mount", "guard/sentinel", "restore_if_empty/enabled", "exclude",
          "exclude_if_present", "exclude_larger_than", "one_file_system"}) {
      const Leaf* leaf = reader_.Find(key);
      if (leaf == nullptr || !leaf->origin.name.starts_with(pointer_))
        continue;  // not said of this target
      if (leaf->value->IsFalse() || (leaf->value->IsArray() && leaf->value->Empty())) continue;
      merge_.problems.Warning(leaf->origin, PointAt::kKey, "has no effect on a command",
                              "remove it");
    }
  }

  void CheckRetention() {
    if (!DecodeRetention(layer_).Empty()) return;
    const Leaf* blame = nullptr;
    for (const auto& [key, leaf] : layer_) {
      if (key.starts_with("retention/") && leaf.origin.kind != ValueOrigin::Kind::kDefault)
        blame = &leaf;
    }
    if (blame == nullptr) return;
    Error(blame->origin, PointAt::kKey, "the retention keeps nothing: every rule is 0",
          "give at least one rule a number, like daily: 7");
  }

  void CheckDrill() {
    const Leaf* enabled = reader_.Find("drill/enabled");
    if (!reader_.Flag("drill/enabled", false) || reader_.HasFolder("drill/schedule")) return;
    Error(enabled->origin, PointAt::kKey, "a drill needs a schedule",
          "add one, like schedule: \"0 6 1 * *\"");
  }

  /// A schedule that only has a zone or a jitter would never be due.
  void CheckTiming(const std::string& folder) {
    if (!reader_.HasFolder(folder) || reader_.Has(folder + "/cron") ||
        reader_.Has(folder + "/every"))
      return;
    const Leaf& any = layer_.lower_bound(folder + "/")->second;
    Error(any.origin, PointAt::kKey, "this schedule has neither cron nor every",
          "add one, like cron: \"0 6 1 * *\"");
  }

  std::string pointer_;
  const Layer& layer_;
  Merge& merge_;
  LayerReader reader_;
};

/// Two names that no variable can tell apart: BACKUP_TARGET_A__B could mean a field of `a`, or the
/// target `a--b`.
void CheckCollidingNames(Merge& merge) {
  std::map<std::string, std::string> forms;
  for (const auto& [id, layer] : merge.targets) forms[EnvironmentForm(id) + "__"] = id;
  for (const auto& [form, id] : forms) {
    for (auto at = forms.upper_bound(form); at != forms.end() && at->first.starts_with(form);
         ++at) {
      merge.problems.Error(
          ValueOrigin::File("/targets/" + at->second), PointAt::kKey,
          fmt::format("in variables this name cannot be told from a field of \"{}\": both start "
                      "with BACKUP_TARGET_{}",
                      id, form),
          "rename one of them; avoid two dashes in a row");
    }
  }
}

/// Two restores into one folder would undo each other's work.
void CheckSharedRestores(Merge& merge) {
  std::map<std::string, std::string> restored;  // source -> the first target that restores it
  for (const auto& [id, layer] : merge.targets) {
    const LayerReader target(layer);
    if (!target.Has("source") || !target.Flag("restore_if_empty/enabled", false) ||
        !target.Flag("enabled", true))
      continue;
    const auto [first, is_first] = restored.emplace(NormalisePath(target.Text("source")), id);
    if (is_first) continue;
    merge.problems.Error(target.Find("source")->origin, PointAt::kValue,
                         fmt::format("the target \"{}\" restores this folder too", first->second),
                         "write restore_if_empty: false at one of them");
  }
}

}  // namespace

void CheckMerged(Merge& merge) {
  TopChecks(merge).Run();
  CheckSharedRestores(merge);
  if (!merge.problems.HasErrorsBelow("/defaults")) {
    for (const auto& [id, layer] : merge.targets) {
      if (!merge.problems.HasErrorsBelow("/targets/" + id)) TargetChecks(id, layer, merge).Run();
    }
  }
  CheckCollidingNames(merge);
}

}  // namespace targets
