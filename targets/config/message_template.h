#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "targets/base/result.h"

namespace targets {

/// The names that `{{NAME}}` may have in a notification's template.
const std::vector<std::string>& TemplateNames();

/// Errors: a `{{` without its end, or a name that is not known.
Status CheckTemplate(std::string_view text);

/// How a value is written where its name stood.
enum class TemplateUse {
  kJson,  // as inside a JSON string
  kUrl,   // percent-encoded
};

/// `text` with every `{{NAME}}` (spaces inside are ignored) replaced by its value, which is not
/// looked at again; a name without a value is replaced by nothing. A `{{` without its end stays.
std::string FillTemplate(std::string_view text, const std::map<std::string, std::string>& values,
                         TemplateUse use);

/// Whether `{{target}}` stands in it: then there is one of it for each target.
bool NamesTarget(std::string_view text);

}  // namespace targets
