#include "targets/config/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace targets {
namespace {

constexpr int kWidth = 160;  // characters of a source line that are shown

struct Excerpt {
  std::string text;
  int caret = 1;
};

bool IsTail(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

int Characters(std::string_view line) {
  return static_cast<int>(
      std::count_if(line.begin(), line.end(), [](char c) { return !IsTail(c); }));
}

/// The part of `line` around `column`; control characters as ".". A masked line may be shorter than
/// the column says.
Excerpt Around(std::string_view line, int column) {
  column = std::clamp(column, 1, Characters(line) + 1);
  const int first = column > kWidth ? column - kWidth / 2 : 1;
  Excerpt out;
  out.caret = column - first + 1;
  int position = 0;
  bool inside = false;
  for (const char c : line) {
    if (!IsTail(c)) {
      ++position;
      inside = position >= first && position < first + kWidth;
    }
    if (!inside) continue;
    const auto byte = static_cast<unsigned char>(c);
    out.text += byte < 0x20 || byte == 0x7F ? '.' : c;
  }
  return out;
}

std::string Place(const Diagnostic& diagnostic) {
  std::string out = diagnostic.file;
  if (diagnostic.line > 0) out += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
  return out.empty() ? out : out + ": ";
}

}  // namespace

std::string RenderDiagnostic(const Diagnostic& diagnostic) {
  std::string out = Place(diagnostic);
  if (diagnostic.severity == DiagnosticSeverity::kWarning) out += "warning: ";
  if (!diagnostic.path.empty()) out += diagnostic.path + ": ";
  out += diagnostic.message;
  if (!diagnostic.hint.empty()) out += "; " + diagnostic.hint;
  out += '\n';
  if (diagnostic.source_line.empty() || diagnostic.line == 0) return out;
  const Excerpt excerpt = Around(diagnostic.source_line, diagnostic.column);
  out += "  " + excerpt.text + "\n  " +
         std::string(static_cast<std::size_t>(excerpt.caret - 1), ' ') + "^\n";
  return out;
}

}  // namespace targets
