#include "targets/yaml/syntax_message.h"

#include <fmt/format.h>

#include <array>

#include "targets/base/text.h"

namespace targets {
namespace {

struct Explanation {
  std::string_view parser_message;
  std::string_view message;
  std::string_view hint;
};

constexpr std::array kExplanations = {
    Explanation{
        "illegal map value", "a \": \" is not possible here",
        "quote the value if it contains a colon followed by a space, and check the indentation"},
    Explanation{"illegal map key", "a key is not possible here", "check the indentation"},
    Explanation{"end of map not found", "this does not fit the lines above",
                "keys of one mapping must start in the same column, and each needs a colon"},
    Explanation{"end of map flow not found", "the { is never closed, or a comma is missing",
                "add the missing } or comma"},
    Explanation{"end of sequence flow not found", "the [ is never closed, or a comma is missing",
                "add the missing ] or comma"},
    Explanation{"end of sequence not found", "this does not fit the list above",
                "start every item with \"- \" in the same column"},
    Explanation{"illegal block entry", "a list item is not possible here",
                "put the first \"- \" on a line of its own"},
    Explanation{"illegal flow end", "a closing bracket without an opening one", "remove it"},
    Explanation{"illegal EOF in scalar", "the quotation mark is never closed",
                "add the closing quote"},
    Explanation{"illegal document indicator in scalar", "the quotation mark is never closed",
                "add the closing quote"},
    Explanation{"unknown escape character", "unknown escape sequence in double quotes",
                "write \\\\ for a backslash, or use single quotes"},
    Explanation{"illegal tab", "a tab character in the indentation",
                "use spaces; YAML allows no tabs"},
};

bool IndentedByTab(std::string_view line) {
  const std::size_t text = line.find_first_not_of(" \t");
  return line.substr(0, text).find('\t') != std::string_view::npos;
}

bool IsAliasTrouble(std::string_view message) {
  return message.find("alias") != std::string_view::npos ||
         message.find("referenced anchor") != std::string_view::npos;
}

}  // namespace

Error ExplainSyntaxError(std::string_view parser_message, const SyntaxContext& context) {
  if (IndentedByTab(context.line) || IndentedByTab(context.previous)) {
    return {"a tab character in the indentation", "use spaces; YAML allows no tabs there"};
  }
  if (IsAliasTrouble(parser_message)) {
    return {"YAML reads a leading * as a reference to an anchor, and there is no such anchor",
            "if it is a pattern, quote it, like \"*.tmp\""};
  }
  if (context.here.starts_with('@') || context.here.starts_with('`') ||
      context.here.starts_with('%')) {
    return {fmt::format("a value cannot start with {}", context.here[0]), "quote the value"};
  }
  if (parser_message.find("tag") != std::string_view::npos) {
    return {"YAML reads a leading ! as a tag, and this is not one",
            "if it is a pattern, quote it, like \"!keep.txt\""};
  }
  for (const Explanation& known : kExplanations) {
    if (parser_message.find(known.parser_message) == std::string_view::npos) continue;
    return {std::string(known.message), std::string(known.hint)};
  }
  return {"not valid YAML: " + OneLine(parser_message, 100),
          "check quotes, brackets and indentation"};
}

}  // namespace targets
