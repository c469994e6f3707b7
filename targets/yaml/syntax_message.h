#pragma once

#include <string>
#include <string_view>

#include "targets/base/result.h"

namespace targets {

/// The text around a syntax error.
struct SyntaxContext {
  std::string_view line;      // the whole line
  std::string_view here;      // from the error on
  std::string_view previous;  // the line before
};

/// A sentence for a person, from yaml-cpp's short message and the text around the error.
Error ExplainSyntaxError(std::string_view parser_message, const SyntaxContext& context);

}  // namespace targets
