#include "runner/doctor/render.h"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "targets/base/text.h"
#include "targets/base/utf8.h"

namespace runner {
namespace {

/// What must not be overlooked is written large.
std::string_view Word(DoctorLevel level) {
  switch (level) {
    case DoctorLevel::kWarning:
      return "WARNING";
    case DoctorLevel::kError:
      return "ERROR";
    case DoctorLevel::kOk:
    case DoctorLevel::kNote:
      break;
  }
  return DoctorLevelName(level);
}

void Put(rapidjson::Writer<rapidjson::StringBuffer>& json, const char* key, std::string_view text) {
  json.Key(key);
  json.String(targets::Utf8(text));
}

}  // namespace

std::string RenderDoctorText(const DoctorReport& report) {
  std::string out;
  for (const DoctorFinding& finding : report.findings) {
    out += fmt::format("{:<7}  {}: {}\n", Word(finding.level), DoctorAreaName(finding.area),
                       targets::OneLine(finding.message));
    if (!finding.remedy.empty())
      out += fmt::format("{:<7}    do: {}\n", "", targets::OneLine(finding.remedy));
  }
  return out + report.verdict + "\n";
}

std::string RenderDoctorJson(const DoctorReport& report) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  json.StartObject();
  json.Key("version");
  json.Int(1);
  Put(json, "time", targets::FormatRfc3339(report.time));
  json.Key("ready");
  json.Bool(report.ready);
  Put(json, "verdict", report.verdict);
  json.Key("findings");
  json.StartArray();
  for (const DoctorFinding& finding : report.findings) {
    json.StartObject();
    Put(json, "level", DoctorLevelName(finding.level));
    Put(json, "area", DoctorAreaName(finding.area));
    Put(json, "message", finding.message);
    if (!finding.remedy.empty()) Put(json, "do", finding.remedy);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace runner
