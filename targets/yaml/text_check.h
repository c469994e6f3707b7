#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "targets/yaml/yaml_document.h"

namespace targets {

/// The first reason why `text` is not clean text for a YAML reader: too large, NUL, other control
/// characters, bytes that are not UTF-8.
std::optional<YamlProblem> CheckText(std::string_view text);

/// Without a byte order mark, every line ending as "\n".
std::string NormaliseText(std::string_view text);

}  // namespace targets
