#include "runner/restic/evidence.h"

#include <rapidjson/document.h>

#include <algorithm>

#include "runner/restic/json.h"
#include "targets/base/text.h"

namespace runner {
namespace {

constexpr std::string_view kFatal = "Fatal: ";

/// Without the escape sequences that restic writes to clear a line, and without a carriage return.
std::string Clean(std::string_view line) {
  std::string clean;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b' && i + 1 < line.size() && line[i + 1] == '[') {
      i += 2;
      while (i < line.size() && (line[i] < '@' || line[i] > '~')) ++i;
      continue;
    }
    if (line[i] != '\r') clean += line[i];
  }
  return clean;
}

/// The message of `{"message_type":"exit_error","code":1,"message":"..."}`; empty for every other
/// line.
std::string ExitErrorMessage(std::string_view line) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(line.data(), line.size());
  if (document.HasParseError() || !document.IsObject()) return {};
  const auto type = document.FindMember("message_type");
  const auto message = document.FindMember("message");
  if (type == document.MemberEnd() || message == document.MemberEnd()) return {};
  if (!type->value.IsString() || !message->value.IsString()) return {};
  if (std::string_view(type->value.GetString(), type->value.GetStringLength()) != "exit_error")
    return {};
  return {message->value.GetString(), message->value.GetStringLength()};
}

bool NamesAUsersFile(std::string_view line) {
  return line.starts_with("ignoring error for ") || line.ends_with(" does not exist, skipping");
}

/// Go prints where an unexpected error came from: a function, then an indented file and line.
bool IsStackTrace(std::string_view line) {
  return line.starts_with('\t') || line.starts_with("github.com/") ||
         line.starts_with("golang.org/") || line.starts_with("runtime.") ||
         line.starts_with("main.");
}

/// What follows `Save(<data/adcf67438e>) returned error, retrying after 552.330144ms: ` or `...
/// failed: `.
std::string_view RetryText(std::string_view line) {
  const std::size_t open = line.find("(<");
  const std::size_t list = line.find("List(");
  if (open == std::string_view::npos && list != 0) return {};
  for (const std::string_view marker : {" returned error, retrying after ", ") failed: "}) {
    const std::size_t at = line.find(marker);
    if (at == std::string_view::npos) continue;
    const std::size_t colon = line.find(": ", at);
    if (colon != std::string_view::npos) return line.substr(colon + 2);
  }
  return {};
}

class Collector {
 public:
  void Add(std::string_view line) {
    if (line.starts_with('{')) return AddJson(line);
    if (line.empty() || NamesAUsersFile(line) || IsStackTrace(line)) return;
    if (const std::string_view retry = RetryText(line); !retry.empty()) {
      evidence_.retry_lines.emplace_back(retry);
      return;
    }
    AddFinal(line);
  }

  Evidence Take() { return std::move(evidence_); }

 private:
  void AddFinal(std::string_view line) {
    const bool fatal = line.starts_with(kFatal);
    while (line.starts_with(kFatal)) line.remove_prefix(kFatal.size());
    if (fatal) evidence_.fatal = line;
    evidence_.final_lines.emplace_back(line);
  }

  void AddJson(std::string_view line) {
    const std::string message = ExitErrorMessage(line);
    bool first = true;
    for (const std::string_view part : targets::Split(message, '\n')) {
      if (part.empty() || IsStackTrace(part)) continue;
      AddFinal(part);
      if (first) evidence_.fatal = evidence_.final_lines.back();
      first = false;
    }
  }

  Evidence evidence_;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Evidence CollectEvidence(std::string_view stderr_text) {
  Collector collector;
  for (const std::string_view line : targets::Split(stderr_text, '\n')) collector.Add(Clean(line));
  return collector.Take();
}

B2Error FindB2Error(std::string_view line) {
  constexpr std::string_view kPrefix = "b2_";
  for (std::size_t at = line.find(kPrefix); at != std::string_view::npos;
       at = line.find(kPrefix, at + 1)) {
    std::size_t end = at;
    while (end < line.size() &&
           ((line[end] >= 'a' && line[end] <= 'z') || line[end] == '_' || line[end] == '2'))
      ++end;
    const std::string_view rest = line.substr(end);  // ": 403: text"
    if (rest.size() < 6 || !rest.starts_with(": ") || rest[5] != ':') continue;
    if (!IsDigit(rest[2]) || !IsDigit(rest[3]) || !IsDigit(rest[4])) continue;
    const int status = (rest[2] - '0') * 100 + (rest[3] - '0') * 10 + (rest[4] - '0');
    return {std::string(line.substr(at, end - at)), status,
            std::string(targets::TrimSpace(rest.substr(6)))};
  }
  return {};
}

bool IsBenign(std::string_view line) {
  const std::string_view text = targets::TrimSpace(line);
  if (text.empty()) return true;
  if (text.starts_with("rclone: ") && text.ends_with("\" not found - using defaults")) {
    return text.find(" NOTICE: Config file \"") != std::string_view::npos;
  }
  return text.starts_with("subprocess ssh: Warning: Permanently added '") &&
         text.ends_with(" to the list of known hosts.");
}

bool GoesOnWithoutCache(std::string_view line) {
  return targets::TrimSpace(line).starts_with("unable to open cache: ");
}

std::vector<std::string> SpokenLines(std::string_view stderr_text) {
  std::vector<std::string> spoken;
  const auto add = [&](std::string_view text) {
    if (IsBenign(text) || IsStackTrace(text)) return;
    if (text.find(" received, cleaning up") != std::string_view::npos) return;
    std::string line(targets::TrimSpace(text));
    if (std::ranges::find(spoken, line) == spoken.end()) spoken.push_back(std::move(line));
  };
  for (const std::string_view line : targets::Split(stderr_text, '\n')) {
    const std::string clean = Clean(line);
    BackupOutput output;
    output.OnStderrLine(clean);
    const std::string message = ExitErrorMessage(clean);
    if (!output.unreadable().empty()) {
      const Unreadable& file = output.unreadable().front();
      add("cannot read " + file.path + (file.reason.empty() ? "" : ": " + file.reason));
    } else if (!message.empty()) {
      for (const std::string_view part : targets::Split(message, '\n')) add(part);
    } else {
      add(clean);
    }
  }
  return spoken;
}

}  // namespace runner
