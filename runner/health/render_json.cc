#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "runner/health/render.h"

namespace runner {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

/// The number of bytes of the valid UTF-8 character at `at`; 0: there is none.
std::size_t CharacterLength(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned char second = byte(at + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool no_character = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || no_character ? 0 : length;
}

/// File names and hand-written markers may hold anything; JSON is UTF-8.
std::string Utf8(std::string_view text) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = CharacterLength(text, at);
    out += length == 0 ? kReplacement : text.substr(at, length);
    at += length == 0 ? 1 : length;
  }
  return out;
}

void Put(Writer& writer, const char* name, std::string_view text) {
  writer.Key(name);
  writer.String(Utf8(text));
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
