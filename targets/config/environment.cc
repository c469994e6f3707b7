#include "targets/config/environment.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "targets/base/text.h"
#include "targets/config/formats.h"

namespace targets {
namespace {

using rapidjson::Value;

struct VariableRule {
  std::string_view name;
  std::string_view key;
};

constexpr std::array kTopVariables = {
    VariableRule{"BACKUP_INSTANCE", "instance"},
    VariableRule{"RESTIC_REPOSITORY", "repository/url"},
    VariableRule{"RESTIC_PASSWORD", "repository/password"},
    VariableRule{"RESTIC_PASSWORD_FILE", "repository/password_file"},
    VariableRule{"B2_ACCOUNT_ID", "repository/b2/account_id"},
    VariableRule{"B2_ACCOUNT_ID_FILE", "repository/b2/account_id_file"},
    VariableRule{"B2_ACCOUNT_KEY", "repository/b2/account_key"},
    VariableRule{"B2_ACCOUNT_KEY_FILE", "repository/b2/account_key_file"},
    VariableRule{"HEALTHCHECK_FULL_INTERVAL", "maintenance/probe/every"},
    VariableRule{"PUID", "run_as/uid"},
    VariableRule{"PGID", "run_as/gid"},
    VariableRule{"BACKUP_TEMP_DIR", "temp_dir"},
    VariableRule{"RUNNER_STATE_DIR", "state_dir"},
    VariableRule{"RUNNER_CACHE_DIR", "cache_dir"},
    VariableRule{"RUNNER_TOKEN", "server/token"},
    VariableRule{"RUNNER_TOKEN_FILE", "server/token_file"},
};

constexpr std::array kTargetVariables = {
    VariableRule{"BACKUP_SOURCE_DIR", "source"},
    VariableRule{"BACKUP_SCHEDULE", "schedule/cron"},
    VariableRule{"RESTORE_CHECK_SCHEDULE", "restore_if_empty/check/cron"},
    VariableRule{"RUN_BACKUP_ON_STARTUP", "schedule/on_start"},
    VariableRule{"RESTIC_KEEP_LAST", "retention/last"},
    VariableRule{"RESTIC_KEEP_HOURLY", "retention/hourly"},
    VariableRule{"RESTIC_KEEP_DAILY", "retention/daily"},
    VariableRule{"RESTIC_KEEP_WEEKLY", "retention/weekly"},
    VariableRule{"RESTIC_KEEP_MONTHLY", "retention/monthly"},
    VariableRule{"RESTIC_KEEP_YEARLY", "retention/yearly"},
};

/// What the single-directory container did without being told.
constexpr const char* kEnvironmentModeTarget = R"({
  "source": "/backup",
  "schedule": {"on_start": true},
  "restore_if_empty": {"enabled": true, "check": "0 1 * * *"}
})";
constexpr const char* kEnvironmentModeTop =
    R"({"run_as": {"uid": 1000, "gid": 1000}, "temp_dir": "/tmp/backup"})";

bool IsWholeNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.size() < 19 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

void SetText(rapidjson::Document& document, const std::string& text) {
  document.SetString(text.data(), static_cast<rapidjson::SizeType>(text.size()),
                     document.GetAllocator());
}

bool WantsYaml(const SchemaNode& schema, const std::string& text) {
  return schema.Allows("array") ||
         (schema.Allows("object") && (text.starts_with('{') || !schema.Allows("string")) &&
          text != "true" && text != "false" && text != "off");
}

/// The typed value of a variable's text. What does not fit stays text, and the check says so.
YamlDocument ReadVariable(const SchemaNode& schema, const std::string& text) {
  if (WantsYaml(schema, text)) return ParseYaml(text);
  YamlDocument document;
  std::int64_t number = 0;
  if (schema.Allows("boolean") && (text == "true" || text == "false")) {
    document.root.SetBool(text == "true");
  } else if ((schema.Allows("integer") || schema.Allows("number")) && IsWholeNumber(text)) {
    std::from_chars(text.data(), text.data() + text.size(), number);
    document.root.SetInt64(number);
  } else {
    SetText(document.root, text);
  }
  return document;
}

/// Env files are not shells: quotes and comments behind a value arrive as part of it. Takes them
/// off, with a warning.
std::string WithoutEnvFileDecoration(const std::string& variable, const std::string& text,
                                     Merge& merge) {
  std::string_view clean = TrimSpace(text);
  const std::size_t comment = clean.find(" #");
  if (comment != std::string_view::npos) clean = TrimSpace(clean.substr(0, comment));
  const bool quoted =
      clean.size() >= 2 && (clean[0] == '"' || clean[0] == '\'') && clean.back() == clean[0];
  if (quoted) clean = clean.substr(1, clean.size() - 2);
  if (clean != TrimSpace(text)) {
    merge.problems.Warning(
        ValueOrigin::Variable(variable), PointAt::kValue,
        fmt::format("the quotes or the comment are part of the value; \"{}\" is used",
                    OneLine(clean, 120)),
        "env files know neither quotes nor comments behind a value; remove them");
  }
  return std::string(clean);
}

bool IsUndecorated(std::string_view format) {
  return format.starts_with("secret") || format == "absolute-path" || format == "repository-url";
}

void ReportTwoForms(const LoadInput& input, Merge& merge) {
  for (const char* name : {"RESTIC_PASSWORD", "B2_ACCOUNT_ID", "B2_ACCOUNT_KEY", "RUNNER_TOKEN"}) {
    const std::string file = std::string(name) + "_FILE";
    if (Variable(input, name) == nullptr || Variable(input, file) == nullptr) continue;
    merge.problems.Error(ValueOrigin::Variable(file), PointAt::kValue,
                         fmt::format("only one of {} and {} may be set", name, file),
                         "remove one of them");
  }
}

void ApplyDefaults(const SchemaNode& schema, const char* json, Layer& layer, Merge& merge) {
  Fragment& fragment = merge.fragments.emplace_back();
  fragment.document.root.Parse(json);
  Layer defaults;
  Flatten(schema, fragment.document.root, "", "", fragment.source, defaults);
  for (auto& [key, leaf] : defaults) leaf.origin = {};
  Overlay(layer, defaults);
}

/// The repository's url may come from the file that RESTIC_REPOSITORY_FILE names; the caller has
/// read it.
void ApplyRepositoryFile(const LoadInput& input, Merge& merge) {
  const std::string name = "RESTIC_REPOSITORY_FILE";
  if (Variable(input, name) == nullptr || Variable(input, "RESTIC_REPOSITORY") != nullptr) return;
  const auto content = input.environment_files.find(name);
  if (content == input.environment_files.end()) {
    merge.problems.Error(ValueOrigin::Variable(name), PointAt::kValue, "the file cannot be read",
                         "check the path and its permissions, or set RESTIC_REPOSITORY");
    return;
  }
  ApplyVariable(SchemaAt(ConfigSchema(), "repository/url"), "repository/url", name,
                std::string(TrimSpace(content->second)), merge.top, merge);
}

}  // namespace

const std::string* Variable(const LoadInput& input, const std::string& name) {
  const auto found = input.environment.find(name);
  return found == input.environment.end() || found->second.empty() ? nullptr : &found->second;
}

SchemaNode SchemaAt(SchemaNode schema, std::string_view key) {
  for (const std::string_view segment : Split(key, '/')) {
    if (!schema.Known()) return schema;
    schema = schema.Property(segment);
  }
  return schema;
}

void ApplyVariable(const SchemaNode& schema, const std::string& key, const std::string& variable,
                   const std::string& text, Layer& layer, Merge& merge) {
  const bool keep = IsUndecorated(schema.Text("format")) || WantsYaml(schema, text);
  const std::string clean = keep ? text : WithoutEnvFileDecoration(variable, text, merge);
  Fragment& fragment = merge.fragments.emplace_back();
  fragment.document = ReadVariable(schema, clean);
  fragment.source.variable = variable;
  fragment.source.marks = &fragment.document.marks;
  for (const YamlProblem& problem : fragment.document.problems) {
    merge.problems.Error(ValueOrigin::Variable(variable), PointAt::kValue, problem.message,
                         problem.hint);
  }
  if (!fragment.document.problems.empty()) return;
  CheckValue(schema, fragment.document.root, "", fragment.source, merge.problems);
  Layer upper;
  Flatten(schema, fragment.document.root, key, "", fragment.source, upper);
  Overlay(layer, upper);
}

void ApplyTopVariables(const LoadInput& input, Merge& merge) {
  if (merge.environment_mode) {
    ApplyDefaults(ConfigSchema(), kEnvironmentModeTop, merge.top, merge);
    Layer& target = merge.targets["default"];
    target = BuiltInLayer(TargetSchema());
    ApplyDefaults(TargetSchema(), kEnvironmentModeTarget, target, merge);
  }
  ReportTwoForms(input, merge);
  for (const VariableRule& rule : kTopVariables) {
    const std::string* text = Variable(input, std::string(rule.name));
    if (text == nullptr) continue;
    ApplyVariable(SchemaAt(ConfigSchema(), rule.key), std::string(rule.key), std::string(rule.name),
                  *text, merge.top, merge);
  }
  ApplyRepositoryFile(input, merge);
}

void ApplyZoneVariable(const LoadInput& input, Merge& merge) {
  const std::string* zone = Variable(input, "TZ");
  if (zone == nullptr || merge.top.contains("timezone")) return;
  const std::string name = zone->starts_with(':') ? zone->substr(1) : *zone;
  ApplyVariable(SchemaAt(ConfigSchema(), "timezone"), "timezone", "TZ", name, merge.top, merge);
}

void ApplyListenVariable(const LoadInput& input, Merge& merge) {
  const std::string* listen = Variable(input, "RUNNER_LISTEN");
  if (listen == nullptr || merge.top.contains("server/listen")) return;
  ApplyVariable(SchemaAt(ConfigSchema(), "server/listen"), "server/listen", "RUNNER_LISTEN",
                *listen, merge.top, merge);
}

void ApplySingleTargetVariables(const LoadInput& input, Merge& merge) {
  if (const std::string* wanted = Variable(input, "BACKUP_TARGET")) {
    if (!merge.targets.contains(*wanted)) {
      std::vector<std::string> ids;
      for (const auto& [id, layer] : merge.targets) ids.push_back(id);
      const auto nearest = Nearest(*wanted, ids);
      merge.problems.Error(ValueOrigin::Variable("BACKUP_TARGET"), PointAt::kValue,
                           fmt::format("there is no target \"{}\"", OneLine(*wanted, 80)),
                           nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                                   : "the targets are: " + OneLine(Join(ids, ", "), 200));
      return;
    }
    std::erase_if(merge.targets, [&](const auto& entry) { return entry.first != *wanted; });
  }
  std::vector<std::string> names;
  for (const VariableRule& rule : kTargetVariables) {
    if (Variable(input, std::string(rule.name)) != nullptr) names.emplace_back(rule.name);
  }
  if (names.empty() || merge.targets.empty()) return;
  if (merge.targets.size() > 1) {
    merge.problems.Error(ValueOrigin::Variable(names.front()), PointAt::kValue,
                         fmt::format("{} cannot be applied: the file has {} targets",
                                     Join(names, ", "), merge.targets.size()),
                         "name one of them in BACKUP_TARGET, or use BACKUP_TARGET_<ID>__<FIELD>");
    return;
  }
  for (const VariableRule& rule : kTargetVariables) {
    const std::string* text = Variable(input, std::string(rule.name));
    if (text == nullptr) continue;
    ApplyVariable(SchemaAt(TargetSchema(), rule.key), std::string(rule.key), std::string(rule.name),
                  *text, merge.targets.begin()->second, merge);
  }
}

}  // namespace targets
