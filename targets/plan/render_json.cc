#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <span>

#include "targets/plan/render.h"

namespace targets {
namespace {

class JsonRenderer {
 public:
  explicit JsonRenderer(const Redactor& redactor) : redactor_(redactor) { json_.SetIndent(' ', 2); }

  std::string Render(const Plan& plan) {
    json_.StartObject();
    Head(plan);
    json_.Key("targets");
    json_.StartArray();
    for (const PlanTarget& target : plan.targets) Target(target, WarningsOf(plan, target.id));
    json_.EndArray();
    Agenda("maintenance", plan.maintenance);
    if (plan.costs) Costs(*plan.costs);
    Warnings(plan.warnings);
    Effective(plan.effective);
    json_.EndObject();
    return std::string(buffer_.GetString(), buffer_.GetSize()) + "\n";
  }

 private:
  void Text(const std::string& text) { json_.String(redactor_.Redact(text)); }

  void Field(const char* key, const std::string& text) {
    json_.Key(key);
    Text(text);
  }

  void OptionalField(const char* key, const std::string& text) {
    if (!text.empty()) Field(key, text);
  }

  void Head(const Plan& plan) {
    Field("instance", plan.instance.str());
    Field("at", plan.at.rfc3339);
    if (plan.horizon) {
      json_.Key("horizon_seconds");
      json_.Int64(plan.horizon->count());
    }
    json_.Key("offline");
    json_.Bool(plan.offline);
    json_.Key("restic");
    json_.StartObject();
    Field("version", plan.restic_version);
    json_.Key("assumed");
    json_.Bool(!plan.version_known);
    json_.EndObject();
    json_.Key("repository");
    json_.StartObject();
    Field("url", plan.repository.url);
    Field("backend", plan.repository.backend);
    if (!plan.repository.machine_key.empty()) Field("machine_key", plan.repository.machine_key);
    json_.EndObject();
  }

  void Target(const PlanTarget& target, std::span<const PlanWarning> warnings) {
    json_.StartObject();
    Field("id", target.id.str());
    Field("source", target.source);
    OptionalField("filename", target.filename);
    json_.Key("enabled");
    json_.Bool(target.enabled);
    Field("state", std::string(SourceStateName(target.state)));
    OptionalField("state_detail", target.state_detail);
    OptionalField("last_success", target.last_success);
    Field("schedule", target.schedule);
    Field("timezone", target.timezone);
    Agenda("jobs", target.agenda);
    Undated("at_start", target.agenda, target.agenda.at_start);
    Undated("by_hand", target.agenda, target.agenda.by_hand);
    Field("retention", target.retention);
    OptionalField("retention_preview", target.retention_preview);
    if (target.snapshots) Snapshots(*target.snapshots);
    Field("restore", target.restore);
    Guards(target);
    Hooks(target);
    Warnings(warnings);
    json_.EndObject();
  }

  void Snapshots(const std::vector<PlanSnapshot>& snapshots) {
    json_.Key("snapshots");
    json_.StartArray();
    for (const PlanSnapshot& snapshot : snapshots) {
      json_.StartObject();
      Field("id", snapshot.id.str());
      Field("time", snapshot.time.rfc3339);
      json_.Key("keep");
      json_.Bool(snapshot.kept);
      json_.Key("reasons");
      json_.StartArray();
      for (const std::string& reason : snapshot.reasons) Text(reason);
      json_.EndArray();
      json_.EndObject();
    }
    json_.EndArray();
  }

  /// One line, so that a plan stays readable; made once for each step, however often it is due.
  std::string ArgvJson(const Argv& argv) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    writer.StartArray();
    for (const std::string& word : argv) writer.String(redactor_.Redact(word));
    writer.EndArray();
    return {buffer.GetString(), buffer.GetSize()};
  }

  void RawArgv(const std::string& json) {
    json_.Key("argv");
    json_.RawValue(json.data(), json.size(), rapidjson::kArrayType);
  }

  void Agenda(const char* key, const PlanAgenda& agenda) {
    std::vector<std::string> argvs;
    for (const PlanStep& step : agenda.steps) argvs.push_back(ArgvJson(step.argv));
    json_.Key(key);
    json_.StartArray();
    for (const PlanJob& job : agenda.jobs) {
      const PlanStep& step = agenda.steps[job.step];
      json_.StartObject();
      Stage(step);
      json_.Key("due");
      json_.String(job.due.rfc3339);
      RawArgv(argvs[job.step]);
      OptionalField("note", step.note);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void Stage(const PlanStep& step) {
    const std::string_view name = StageName(step.stage);
    json_.Key("stage");
    json_.String(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }

  void Undated(const char* key, const PlanAgenda& agenda, const std::vector<std::size_t>& steps) {
    json_.Key(key);
    json_.StartArray();
    for (const std::size_t index : steps) {
      const PlanStep& step = agenda.steps[index];
      json_.StartObject();
      Stage(step);
      RawArgv(ArgvJson(step.argv));
      OptionalField("note", step.note);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void Guards(const PlanTarget& target) {
    json_.Key("guards");
    json_.StartArray();
    for (const std::string& guard : target.guards) Text(guard);
    json_.EndArray();
  }

  void Hooks(const PlanTarget& target) {
    json_.Key("hooks");
    json_.StartArray();
    for (const PlanHook& hook : target.hooks) {
      json_.StartObject();
      Field("when", hook.when);
      RawArgv(ArgvJson(hook.argv));
      json_.EndObject();
    }
    json_.EndArray();
  }

  void Costs(const CostEstimate& costs) {
    json_.Key("costs");
    json_.StartObject();
    json_.Key("class_b_calls");
    json_.Uint64(static_cast<std::uint64_t>(costs.class_b));
    json_.Key("class_c_calls");
    json_.Uint64(static_cast<std::uint64_t>(costs.class_c));
    json_.Key("calls_price");
    json_.Double(costs.calls_price);
    if (costs.storage) {
      json_.Key("stored_bytes");
      json_.Uint64(*costs.storage);
      json_.Key("storage_price");
      json_.Double(costs.storage_price);
    }
    Field("currency", costs.currency);
    json_.EndObject();
  }

  void Warnings(std::span<const PlanWarning> warnings) {
    json_.Key("warnings");
    json_.StartArray();
    for (const PlanWarning& warning : warnings) Text(warning.text);
    json_.EndArray();
  }

  void Effective(std::span<const EffectiveValue> values) {
    if (values.empty()) return;
    json_.Key("effective");
    json_.StartArray();
    for (const EffectiveValue& value : values) {
      json_.StartObject();
      Field("pointer", value.pointer);
      Field("value", value.text);
      Field("origin", value.origin);
      json_.EndObject();
    }
    json_.EndArray();
  }

  const Redactor& redactor_;
  rapidjson::StringBuffer buffer_;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> json_{buffer_};
};

}  // namespace

std::string RenderJson(const Plan& plan, const Redactor& redactor) {
  return JsonRenderer(redactor).Render(plan);
}

}  // namespace targets
