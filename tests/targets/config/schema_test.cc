#include "targets/config/schema.h"

#include <rapidjson/schema.h>

#include <functional>
#include <set>

#include "targets/config/formats.h"
#include "targets/config/layer.h"
#include "tests/targets/config/sample.h"

namespace targets {
namespace {

using rapidjson::Value;

/// Calls `visit` for every key that the schema knows, by its place.
void ForEachKey(const SchemaNode& node, const std::string& at,
                const std::function<void(const std::string&, const SchemaNode&)>& visit) {
  for (const std::string& name : node.PropertyNames()) {
    const SchemaNode property = node.Property(name);
    const std::string place = at + "/" + name;
    visit(place, property);
    ForEachKey(property, place, visit);
    if (property.HasFreeKeys()) visit(place + "/*", property.Property("*"));
  }
}

TEST(Schema, DescribesEveryKeyWithAnExample) {
  int keys = 0;
  ForEachKey(ConfigSchema(), "", [&](const std::string& place, const SchemaNode& node) {
    ++keys;
    EXPECT_GT(node.Text("description").size(), 10U) << place;
    EXPECT_FALSE(node.Example().empty()) << place;
    EXPECT_FALSE(node.Types().empty()) << place;
  });
  EXPECT_GT(keys, 140);
}

TEST(Schema, AcceptsItsOwnExamples) {
  ForEachKey(ConfigSchema(), "", [&](const std::string& place, const SchemaNode& node) {
    const Value& example = (*node.Keyword("examples"))[0];
    if (FlowText(example).find("${") != std::string::npos) return;
    SourceMap marks;
    ValueSource source;
    source.marks = &marks;
    source.variable = "EXAMPLE";
    Problems problems;
    CheckValue(node, example, "", source, problems);
    for (const Problem& problem : problems.all()) ADD_FAILURE() << place << ": " << problem.message;
  });
}

TEST(Schema, HasAFormatBesideEveryPattern) {
  ForEachKey(ConfigSchema(), "", [&](const std::string& place, const SchemaNode& node) {
    if (node.Keyword("pattern") != nullptr) {
      EXPECT_FALSE(node.Text("format").empty()) << place;
    }
  });
}

TEST(Schema, NamesOnlyFormatsThatAreChecked) {
  ForEachKey(ConfigSchema(), "", [&](const std::string& place, const SchemaNode& node) {
    const std::string format(node.Text("format"));
    if (format.empty()) return;
    EXPECT_FALSE(CheckFormat(format, std::string(40'000, '\n'))) << place << ": " << format;
  });
}

bool ValidForRapidJson(const std::string& json) {
  rapidjson::Document schema_document;
  schema_document.Parse(ConfigSchemaJson().data());
  const rapidjson::SchemaDocument schema(schema_document);
  rapidjson::SchemaValidator validator(schema);
  rapidjson::Document document;
  document.Parse(json.c_str());
  EXPECT_FALSE(document.HasParseError()) << json;
  return document.Accept(validator);
}

TEST(Schema, IsUnderstoodByAnIndependentValidator) {
  const std::string head =
      R"({"version": 1, "instance": "i", "repository": {"url": "/r"}, "targets": )";
  EXPECT_TRUE(ValidForRapidJson(head + R"({"a": {"source": "/a", "schedule": {"every": "6h"}}}})"));
  EXPECT_FALSE(ValidForRapidJson(head + R"({"a": {"source": "/a", "retension": {}}}})"));
  EXPECT_FALSE(ValidForRapidJson(head + R"({"a": {"source": 5}}})"));
  EXPECT_FALSE(ValidForRapidJson(head + R"({}})"));
  EXPECT_FALSE(ValidForRapidJson(
      R"({"version": 2, "instance": "i", "repository": {"url": "/r"}, "targets": {"a": {}}})"));
}

/// A value other than the built-in default for a key of a target, as YAML flow text.
std::string OtherValue(const std::string& place, const SchemaNode& node) {
  static const std::map<std::string, std::string> special = {
      {"/enabled", "false"},
      {"/drill/enabled", "false"},
      {"/restore_if_empty/enabled", "false"},
      {"/schedule", "0 7 * * *"},
      {"/schedule/cron", "0 7 * * *"},
      {"/retention", "{last: 3}"},
      {"/retention/daily", "9"},
      {"/retention/weekly", "9"},
      {"/retention/monthly", "9"},
      {"/retention/yearly", "9"},
      {"/retention/min_keep", "9"},
      {"/restore_if_empty/on_missing", "fail"},
      {"/guard/allow_empty", "true"},
      {"/environment", "{A: b}"},
      {"/hooks/timeout", "7m"},
      {"/limits/stall_timeout", "7m"},
      {"/partial", "{on_partial: fail}"},
      {"/partial/on_partial", "fail"},
      {"/partial/unhealthy_after", "9"},
      {"/drill/files", "9"}};
  const auto found = special.find(place);
  if (found != special.end()) return found->second;
  return place.ends_with("/catch_up") ? "skip" : node.Example();
}

/// What has to stand beside a key so that it can stand at all.
std::string Sibling(const std::string& place) {
  const std::string_view name = LastSegment(place);
  if (name == "cron" || name == "every") return "";
  if (place.starts_with("/drill/schedule/") || place.starts_with("/restore_if_empty/check/"))
    return "cron: 0 7 1 * *";
  return place.starts_with("/drill/") && name != "schedule" ? "schedule: manual" : "";
}

/// A target's settings under `defaults` with `entries` in the mapping that holds `place`.
std::string DefaultsWith(std::string place, const std::string& entries) {
  std::string text = "{" + entries + "}";
  for (place.resize(place.rfind('/')); !place.empty(); place.resize(place.rfind('/'))) {
    text = "{" + std::string(LastSegment(place)) + ": " + text + "}";
  }
  return kHead + "targets: {t: {source: /a}}\ndefaults: " + text + "\n";
}

/// What a configuration amounts to for the program, without where its values came from.
Config Meaning(const std::string& text) {
  Config config = Good(text);
  config.origins.clear();
  return config;
}

TEST(Schema, EveryKeyOfATargetChangesTheConfiguration) {
  const std::set<std::string> exclusive = {"/source", "/command",
                                           "/filename"};  // tested with the sources
  int keys = 0;
  ForEachKey(TargetSchema(), "", [&](const std::string& place, const SchemaNode& node) {
    if (exclusive.contains(place) || place.ends_with("/*")) return;
    const std::string sibling = Sibling(place);
    const std::string entry = std::string(LastSegment(place)) + ": " + OtherValue(place, node);
    const bool alone = sibling.empty() && place.starts_with("/drill");
    const std::string before = DefaultsWith(alone ? "/drill" : place, sibling);
    const std::string after = DefaultsWith(place, sibling.empty() ? entry : sibling + ", " + entry);
    const bool same = Meaning(before) == Meaning(after);
    EXPECT_FALSE(same) << after;
    ++keys;
  });
  EXPECT_GT(keys, 60);
}

TEST(Schema, TheSourceKeysAreDecoded) {
  EXPECT_EQ(GoodTarget("command: [a, b], filename: c").source,
            (Source{CommandSource{{"a", "b"}, "c"}}));
  EXPECT_EQ(GoodTarget("source: /a").source, Source{DirectorySource{"/a"}});
}

TEST(Schema, EveryTopLevelKeyChangesTheConfiguration) {
  const std::string targets = "targets: {t: {source: /a}}\n";
  const auto repository = [](const std::string& more) {
    return "version: 1\ninstance: server1\nrepository: {url: /repo, password_file: /run/secret" +
           more + "}\n";
  };
  const Config plain = Meaning(repository("") + targets);
  for (const char* key : {"timezone: Europe/Berlin",
                          "max_parallel: 3",
                          "state_dir: /s",
                          "cache_dir: /c",
                          "temp_dir: /t",
                          "stop_grace: 7m",
                          "run_as: {uid: 1, gid: 2}",
                          "logging: {format: json}",
                          "logging: {level: debug}",
                          "logging: {dir: /l}",
                          "maintenance: {probe: {every: 2h}}",
                          "maintenance: {probe: {cron: 5 * * * *}}",
                          "maintenance: {probe: {timezone: Asia/Tokyo}}",
                          "maintenance: {probe: {jitter: 1m}}",
                          "maintenance: {probe: {catch_up: skip}}",
                          "maintenance: {probe: {on_start: true}}",
                          "maintenance: {probe: {enabled: false}}",
                          "maintenance: {prune: {schedule: 0 6 * * *}}",
                          "maintenance: {prune: {max_unused: 9%}}",
                          "maintenance: {prune: {max_repack_size: 9GiB}}",
                          "maintenance: {prune: {enabled: false}}",
                          "maintenance: {check: {schedule: 0 6 * * *}}",
                          "maintenance: {check: {read_data: 1/9}}",
                          "maintenance: {check: {enabled: false}}"}) {
    EXPECT_FALSE(Meaning(repository("") + targets + key + "\n") == plain) << key;
  }
  for (const char* key :
       {"init: never", "retry_lock: 7m", "limits: {upload: 1MiB/s}", "limits: {download: 1MiB/s}",
        "limits: {connections: 9}", "environment: {A: b}", "b2: {account_id: abcd}",
        "b2: {account_id_file: /x}", "b2: {account_id_command: [x]}", "b2: {account_key: abcd}",
        "b2: {account_key_file: /x}", "b2: {account_key_command: [x]}"}) {
    EXPECT_FALSE(Meaning(repository(std::string(", ") + key) + targets) == plain) << key;
  }
  EXPECT_FALSE(Meaning(repository(", id: " + std::string(64, 'a')) + targets) == plain);
}

TEST(FlowText, IsYamlThatPeopleWrite) {
  rapidjson::Document document;
  document.Parse(R"({"a": [1, "x", true, null], "b-c": {"d": "\"q\""}})");
  EXPECT_EQ(FlowText(document), R"({a: [1, "x", true, null], "b-c": {d: "\"q\""}})");
}

}  // namespace
}  // namespace targets
