#include "runner/app/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "targets/base/text.h"

namespace runner {
namespace {

constexpr std::size_t kLongestLogLine = 4000;

bool WantsColor(std::FILE* out) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return isatty(fileno(out)) == 1 && (no_color == nullptr || *no_color == '\0') &&
         (term == nullptr || std::string_view(term) != "dumb");
}

bool Write(std::FILE* stream, const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size();
}

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

/// "2026-11-23 03:25:36", UTC.
std::string Stamp(targets::UnixTime time) {
  std::string text = targets::FormatRfc3339(time);
  text[10] = ' ';
  text.pop_back();
  return text;
}

}  // namespace

Console::Console(std::FILE* out, std::FILE* err) : out_(out), err_(err), color_(WantsColor(out)) {}

bool Console::Out(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (!Write(out_, redactor_.Redact(text))) failed_ = true;
  return !failed_;
}

void Console::Err(std::string_view text) {
  const std::lock_guard lock(mutex_);
  static_cast<void>(Write(err_, redactor_.Redact(text)));
}

void Console::SetRedactor(targets::Redactor redactor) {
  const std::lock_guard lock(mutex_);
  redactor_ = std::move(redactor);
}

targets::Redactor Console::redactor() const {
  const std::lock_guard lock(mutex_);
  return redactor_;
}

bool Console::Flush() {
  const std::lock_guard lock(mutex_);
  if (std::fflush(out_) != 0) failed_ = true;
  return !failed_;
}

void ConsoleObserver::OnEvent(const Event& event) {
  if (event.severity == Severity::kDebug && !debug_) return;
  std::string line = Stamp(clock_.Now()) + " - ";
  if (!event.subject.empty()) line += event.subject + ": ";
  if (!event.stage.empty()) line += event.stage + ": ";
  line += SeverityMark(event.severity);
  // Redacted before it is cut: half a secret is a secret too.
  line += targets::OneLine(console_.redactor().Redact(event.message), kLongestLogLine) + "\n";
  console_.Out(line);
  static_cast<void>(console_.Flush());
}

}  // namespace runner
