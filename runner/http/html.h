#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace runner {

class HtmlArgument;

/// HTML that is safe to send. It is made of literals of this program, and of texts, which are
/// escaped on their way in; there is no other way in. `std::string` does not become Html by itself.
class Html {
 public:
  Html() = default;

  Html& operator+=(const Html& other) {
    text_ += other.text_;
    return *this;
  }
  [[nodiscard]] const std::string& str() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

  bool operator==(const Html&) const = default;

 private:
  friend Html FillHtml(std::string_view pattern, std::initializer_list<HtmlArgument> arguments);
  std::string text_;
};

/// `text` as it may stand between tags and between double quotes of an attribute: & < > " ' as
/// entities, bytes that are no UTF-8 and control characters as U+FFFD.
std::string EscapeHtml(std::string_view text);

/// What fills a hole of a pattern.
class HtmlArgument {
 public:
  HtmlArgument(const Html& html) : text_(html.str()) {}               // NOLINT: implicit
  HtmlArgument(std::string_view text) : text_(EscapeHtml(text)) {}    // NOLINT: implicit
  HtmlArgument(const std::string& text) : text_(EscapeHtml(text)) {}  // NOLINT: implicit
  HtmlArgument(const char* text) : text_(EscapeHtml(text)) {}         // NOLINT: implicit
  template <std::integral Number>
  HtmlArgument(Number number) : text_(std::to_string(number)) {}  // NOLINT: implicit

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

Html FillHtml(std::string_view pattern, std::initializer_list<HtmlArgument> arguments);

constexpr std::size_t CountHoles(std::string_view pattern) {
  std::size_t count = 0;
  for (std::size_t at = pattern.find("{}"); at != std::string_view::npos;
       at = pattern.find("{}", at + 2))
    ++count;
  return count;
}

/// A literal of this program with a `{}` for each argument; anything else does not compile.
template <typename... Arguments>
class HtmlPattern {
 public:
  template <std::size_t size>
  consteval HtmlPattern(const char (&literal)[size]) : text_(literal, size - 1) {  // NOLINT
    if (CountHoles(text_) != sizeof...(Arguments)) throw "one {} for each argument";
  }
  [[nodiscard]] constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// The pattern with its holes filled: Html as it is, text escaped, numbers in digits. Attributes
/// stand in double quotes: Tag("<a href=\"/targets/{}\">{}</a>", id, name).
template <typename... Arguments>
Html Tag(HtmlPattern<std::type_identity_t<Arguments>...> pattern, const Arguments&... arguments) {
  return FillHtml(pattern.text(), {HtmlArgument(arguments)...});
}

}  // namespace runner
