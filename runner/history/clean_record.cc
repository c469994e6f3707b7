#include "runner/history/clean_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "targets/base/text.h"
#include "targets/base/utf8.h"

namespace runner {
namespace {

/// Redacted before it is cut: half a secret would not be recognised.
void Clean(std::string& text, const targets::Redactor& redactor) {
  text = targets::Utf8(targets::OneLine(redactor.Redact(text), kLongestHistoryLine));
}

void KeepFirst(std::vector<std::string>& warnings) {
  if (warnings.size() <= kMostWarnings) return;
  const std::size_t rest = warnings.size() - (kMostWarnings - 1);
  warnings.resize(kMostWarnings - 1);
  warnings.push_back(fmt::format("and {} more", rest));
}

void KeepLast(std::vector<std::string>& lines) {
  std::size_t bytes = 0;
  std::size_t kept = 0;
  while (kept < std::min(lines.size(), kMostTailLines)) {
    bytes += lines[lines.size() - 1 - kept].size() + 1;
    if (bytes > kMostTailBytes) break;
    ++kept;
  }
  lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kept));
}

}  // namespace

RunRecord CleanRecord(RunRecord run, const targets::Redactor& redactor) {
  Clean(run.reason, redactor);
  Clean(run.hint, redactor);
  KeepFirst(run.warnings);
  for (std::string& line : run.warnings) Clean(line, redactor);
  for (std::string& line : run.tail) Clean(line, redactor);
  KeepLast(run.tail);
  return run;
}

}  // namespace runner
