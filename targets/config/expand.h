#pragma once

#include <rapidjson/document.h>

#include <map>
#include <string>
#include <vector>

#include "targets/base/result.h"

namespace targets {

using Environment = std::map<std::string, std::string>;

/// `text` with every `${NAME}` and `${NAME:-default}` replaced and `$$` as `$`. The default is used
/// when the variable is unset or empty. Errors: an unset variable without a default; any other use
/// of `$`. Nothing is expanded twice.
Result<std::string> ExpandText(const std::string& text, const Environment& environment);

/// A string that could not be expanded, and why.
struct ExpansionFailure {
  std::string pointer;
  Error error;
};

/// Expands every string value of the document in place, whatever its key; keys are left alone, and
/// so is everything under a top-level key that starts with "x-". A string that cannot be expanded
/// stays as it is.
std::vector<ExpansionFailure> ExpandDocument(rapidjson::Document& document,
                                             const Environment& environment);

}  // namespace targets
