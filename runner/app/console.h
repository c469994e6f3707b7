#pragma once

#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/observer.h"
#include "targets/base/redactor.h"
#include "targets/model/config.h"

namespace runner {

/// What the far end of standard output can do.
struct Screen {
  bool erases = false;  // a terminal that obeys the usual control sequences
  bool color = false;   // and nobody said NO_COLOR
};
/// Nothing, if it is no terminal or TERM is "dumb".
Screen ScreenOf(std::FILE* out);

/// Standard output and standard error. Thread-safe. Everything passes the redactor on its way out.
class Console {
 public:
  Console(std::FILE* out, std::FILE* err) : Console(out, err, ScreenOf(out)) {}
  Console(std::FILE* out, std::FILE* err, Screen screen) : out_(out), err_(err), screen_(screen) {}

  /// The answer of a command. Returns false once a write failed (a closed pipe, a full disk).
  bool Out(std::string_view text);
  void Err(std::string_view text);

  /// Lines that stay below everything else that is printed, until others replace them; none:
  /// nothing stays. Only where the screen erases.
  void SetFooter(std::vector<std::string> lines);

  [[nodiscard]] bool color() const { return screen_.color; }
  [[nodiscard]] bool erases() const { return screen_.erases; }
  /// How many characters a line of the terminal holds without its last one; 79 if nobody knows.
  [[nodiscard]] std::size_t Columns() const;
  /// Secrets known from now on are removed from all later text.
  void SetRedactor(targets::Redactor redactor);
  [[nodiscard]] targets::Redactor redactor() const;
  /// False if any write to standard output failed.
  [[nodiscard]] bool Flush();

 private:
  void EraseFooter();
  void DrawFooter();

  mutable std::mutex mutex_;
  std::FILE* out_;
  std::FILE* err_;
  Screen screen_;
  std::vector<std::string> footer_;
  bool failed_ = false;
  targets::Redactor redactor_;
};

/// Prints events as log lines, in the form of LogLine(). Debug lines only if asked for.
class ConsoleObserver final : public Observer {
 public:
  ConsoleObserver(Console& console, const Clock& clock, bool debug,
                  targets::LogFormat format = targets::LogFormat::kText)
      : console_(console), clock_(clock), debug_(debug), format_(format) {}
  void OnEvent(const Event& event) override;

 private:
  Console& console_;
  const Clock& clock_;
  bool debug_;
  targets::LogFormat format_;
};

}  // namespace runner
