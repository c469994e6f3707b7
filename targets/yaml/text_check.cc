#include "targets/yaml/text_check.h"

#include <fmt/format.h>

namespace targets {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

/// The length of the UTF-8 character at `at`, 0 if there is none. Refuses overlong forms and
/// surrogates.
std::size_t CharacterLength(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

std::optional<YamlProblem> BadEncoding(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return YamlProblem{{1, 1}, "", "the file is UTF-16", "save it as UTF-8"};
  }
  return std::nullopt;
}

bool IsForbiddenControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

}  // namespace

std::optional<YamlProblem> CheckText(std::string_view text) {
  if (text.size() > kMaxYamlBytes) {
    return YamlProblem{{1, 1}, "", "the file is larger than 4 MiB", "is this the right file?"};
  }
  if (auto problem = BadEncoding(text)) return problem;
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  SourcePosition here{1, 1};
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (IsForbiddenControl(c)) {
      const auto message = c == '\0' ? std::string("a NUL byte")
                                     : fmt::format("a control character (code {})", int{c});
      return YamlProblem{here, "", message + " is not allowed in the file",
                         "remove it; is this a text file?"};
    }
    const std::size_t length = CharacterLength(text, at);
    if (length == 0) {
      return YamlProblem{here, "", "this byte is not UTF-8", "save the file as UTF-8"};
    }
    const bool line_ends = c == '\n' || (c == '\r' && text.substr(at + 1, 1) != "\n");
    here =
        line_ends ? SourcePosition{here.line + 1, 1} : SourcePosition{here.line, here.column + 1};
    at += length;
  }
  return std::nullopt;
}

std::string NormaliseText(std::string_view text) {
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\r') {
      out += text[at];
      continue;
    }
    out += '\n';
    if (text.substr(at + 1, 1) == "\n") ++at;
  }
  return out;
}

}  // namespace targets
