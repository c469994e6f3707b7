#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "runner/health/render.h"
#include "targets/base/utf8.h"

namespace runner {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void Put(Writer& writer, const char* name, std::string_view text) {
  writer.Key(name);
  writer.String(targets::Utf8(text));
}

void Put(Writer& writer, const Finding& finding) {
  writer.StartObject();
  Put(writer, "level", HealthLevelName(finding.level));
  Put(writer, "code", finding.code);
  if (finding.stage.has_value()) Put(writer, "stage", targets::StageName(*finding.stage));
  Put(writer, "message", finding.message);
  writer.EndObject();
}

void Put(Writer& writer, const SubjectHealth& subject, const char* name_key) {
  writer.StartObject();
  Put(writer, name_key, subject.name);
  writer.Key("healthy");
  writer.Bool(subject.Healthy());
  if (subject.last_success.has_value()) {
    Put(writer, "last_success", targets::FormatRfc3339(*subject.last_success));
  }
  if (subject.running.has_value()) Put(writer, "running", targets::StageName(*subject.running));
  writer.Key("findings");
  writer.StartArray();
  for (const Finding& finding : subject.findings) Put(writer, finding);
  writer.EndArray();
  writer.EndObject();
}

void Put(Writer& writer, const char* name, const std::vector<SubjectHealth>& subjects,
         const char* name_key) {
  writer.Key(name);
  writer.StartArray();
  for (const SubjectHealth& subject : subjects) Put(writer, subject, name_key);
  writer.EndArray();
}

}  // namespace

std::string RenderHealthJson(const HealthReport& report) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  writer.Key("version");
  writer.Int(1);
  Put(writer, "time", targets::FormatRfc3339(report.time));
  writer.Key("healthy");
  writer.Bool(report.Healthy());
  Put(writer, "summary", HealthSummary(report));
  Put(writer, "targets", report.targets, "id");
  Put(writer, "others", report.others, "name");
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace runner
