#pragma once

#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>

#include "runner/base/clock.h"
#include "runner/base/observer.h"
#include "targets/base/redactor.h"
#include "targets/model/config.h"

namespace runner {

/// Standard output and standard error. Thread-safe. Everything passes the redactor on its way out.
class Console {
 public:
  Console(std::FILE* out, std::FILE* err);

  /// The answer of a command. Returns false once a write failed (a closed pipe, a full disk).
  bool Out(std::string_view text);
  void Err(std::string_view text);

  [[nodiscard]] bool color() const { return color_; }
  /// Secrets known from now on are removed from all later text.
  void SetRedactor(targets::Redactor redactor);
  [[nodiscard]] targets::Redactor redactor() const;
  /// False if any write to standard output failed.
  [[nodiscard]] bool Flush();

 private:
  mutable std::mutex mutex_;
  std::FILE* out_;
  std::FILE* err_;
  bool color_;
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
