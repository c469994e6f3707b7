#include "runner/app/log_line.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "targets/base/text.h"
#include "targets/base/utf8.h"

namespace runner {
namespace {

constexpr std::size_t kLongestMessage = 4000;

std::string_view SeverityMark(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "debug: ";
    case Severity::kWarning:
      return "warning: ";
    case Severity::kError:
      return "ERROR: ";
    case Severity::kInfo:
      break;
  }
  return "";
}

const char* LevelName(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "debug";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
    case Severity::kInfo:
      break;
  }
  return "info";
}

/// "2026-11-23 03:25:36", UTC.
std::string Stamp(targets::UnixTime time) {
  std::string text = targets::FormatRfc3339(time);
  text[10] = ' ';
  text.pop_back();
  return text;
}

/// Redacted before it is cut: half a secret is a secret too.
std::string Clean(const std::string& text, const targets::Redactor& redactor) {
  return targets::OneLine(redactor.Redact(text), kLongestMessage);
}

std::string TextLine(const Event& event, targets::UnixTime time,
                     const targets::Redactor& redactor) {
  std::string line = Stamp(time) + " - ";
  if (!event.subject.empty()) line += Clean(event.subject, redactor) + ": ";
  if (!event.stage.empty()) line += Clean(event.stage, redactor) + ": ";
  return line.append(SeverityMark(event.severity)) + Clean(event.message, redactor);
}

std::string JsonLine(const Event& event, targets::UnixTime time,
                     const targets::Redactor& redactor) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  const auto put = [&](const char* key, const std::string& text) {
    writer.Key(key);
    writer.String(text);
  };
  const auto clean = [&](const std::string& text) { return targets::Utf8(Clean(text, redactor)); };
  writer.StartObject();
  put("time", targets::FormatRfc3339(time));
  put("level", LevelName(event.severity));
  put("subject", clean(event.subject));
  put("stage", clean(event.stage));
  put("message", clean(event.message));
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

std::string LogLine(targets::LogFormat format, const Event& event, targets::UnixTime time,
                    const targets::Redactor& redactor) {
  return format == targets::LogFormat::kJson ? JsonLine(event, time, redactor)
                                             : TextLine(event, time, redactor);
}

}  // namespace runner
