#include "runner/app/console.h"

#include <unistd.h>

#include <cstdlib>

#include "runner/app/log_line.h"

namespace runner {
namespace {

bool WantsColor(std::FILE* out) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return isatty(fileno(out)) == 1 && (no_color == nullptr || *no_color == '\0') &&
         (term == nullptr || std::string_view(term) != "dumb");
}

bool Write(std::FILE* stream, const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size();
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
  console_.Out(LogLine(format_, event, clock_.Now(), console_.redactor()) + "\n");
  static_cast<void>(console_.Flush());
}

}  // namespace runner
