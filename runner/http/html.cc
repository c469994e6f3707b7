#include "runner/http/html.h"

#include "targets/base/utf8.h"

namespace runner {

std::string EscapeHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char c : targets::Utf8(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default: {
        const bool control = (c >= 0 && c < ' ' && c != '\n' && c != '\t') || c == '\x7f';
        if (control) {
          out += "\xEF\xBF\xBD";
        } else {
          out += c;
        }
      }
    }
  }
  return out;
}

Html FillHtml(std::string_view pattern, std::initializer_list<HtmlArgument> arguments) {
  Html html;
  for (const HtmlArgument& argument : arguments) {
    const std::size_t hole = pattern.find("{}");
    html.text_.append(pattern.substr(0, hole)).append(argument.text());
    pattern.remove_prefix(hole + 2);
  }
  html.text_.append(pattern);
  return html;
}

}  // namespace runner
