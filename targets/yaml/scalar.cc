#include "targets/yaml/scalar.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace targets {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AnyOf(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

/// The shape `[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?` or `\.[0-9]+(...)?`, without a sign.
bool LooksLikeNumber(std::string_view text) {
  std::size_t at = 0;
  std::size_t digits = 0;
  const auto skip_digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at - begin;
  };
  digits += skip_digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    digits += skip_digits();
  }
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (skip_digits() == 0) return false;
  }
  return at == text.size();
}

ScalarValue Prefixed(const std::string& text, int base) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data() + 2, end, number, base);
  if (error != std::errc{} || after != end || text[2] == '-') return text;
  return number;
}

AmbiguousScalar Octal(const std::string& text) {
  return {fmt::format("{} starts with a zero: some programs read it as an octal number", text),
          fmt::format("quote it (\"{}\") or drop the zero", text)};
}

ScalarValue Number(const std::string& text, std::string_view digits) {
  if (digits.size() > 1 && digits[0] == '0' && IsDigit(digits[1])) return Octal(text);
  const bool integral = digits.find_first_not_of("0123456789") == std::string_view::npos;
  const char* const begin = text.data() + (text[0] == '+' ? 1 : 0);
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (integral && std::from_chars(begin, end, whole).ec == std::errc{}) return whole;
  double number = 0;
  const auto [after, error] = std::from_chars(begin, end, number);
  if (error != std::errc{} || !std::isfinite(number)) {
    return AmbiguousScalar{"the number is too large", "quote it if it is meant as text"};
  }
  return number;
}

}  // namespace

ScalarValue ResolvePlainScalar(const std::string& text) {
  if (AnyOf(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (AnyOf(text, {"true", "True", "TRUE"})) return true;
  if (AnyOf(text, {"false", "False", "FALSE"})) return false;
  if (text.starts_with("0o") && text.size() > 2) return Prefixed(text, 8);
  if (text.starts_with("0x") && text.size() > 2) return Prefixed(text, 16);
  std::string_view digits = text;
  if (digits[0] == '-' || digits[0] == '+') digits.remove_prefix(1);
  if (AnyOf(digits, {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"})) {
    return AmbiguousScalar{text + " is not a number that makes sense here",
                           "quote it if it is meant as text"};
  }
  if (LooksLikeNumber(digits)) return Number(text, digits);
  return text;
}

bool IsOldBooleanWord(std::string_view text) {
  return AnyOf(text,
               {"yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"});
}

}  // namespace targets
