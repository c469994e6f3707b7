#include "runner/app/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "runner/app/log_line.h"

namespace runner {
namespace {

bool Write(std::FILE* stream, const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size();
}

}  // namespace

Screen ScreenOf(std::FILE* out) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool erases =
      isatty(fileno(out)) == 1 && (term == nullptr || std::string_view(term) != "dumb");
  return {erases, erases && (no_color == nullptr || *no_color == '\0')};
}

bool Console::Out(std::string_view text) {
  const std::lock_guard lock(mutex_);
  EraseFooter();
  if (!Write(out_, redactor_.Redact(text))) failed_ = true;
  DrawFooter();
  return !failed_;
}

void Console::Err(std::string_view text) {
  const std::lock_guard lock(mutex_);
  EraseFooter();
  static_cast<void>(Write(err_, redactor_.Redact(text)));
  DrawFooter();
}

void Console::SetFooter(std::vector<std::string> lines) {
  if (!screen_.erases) return;
  const std::lock_guard lock(mutex_);
  EraseFooter();
  footer_ = std::move(lines);
  DrawFooter();
  static_cast<void>(std::fflush(out_));
}

std::size_t Console::Columns() const {
  winsize size{};
  const bool known = ioctl(fileno(out_), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col - 1U : 79U;
}

/// The cursor stands at the beginning of the line below the footer.
void Console::EraseFooter() {
  if (footer_.empty()) return;
  static_cast<void>(Write(out_, fmt::format("\x1b[{}A\x1b[J", footer_.size())));
  static_cast<void>(std::fflush(out_));  // before anything goes to the other stream
}

void Console::DrawFooter() {
  for (const std::string& line : footer_)
    static_cast<void>(Write(out_, redactor_.Redact(line) + "\n"));
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
