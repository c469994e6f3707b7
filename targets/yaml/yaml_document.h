#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>
#include <vector>

#include "targets/yaml/source_map.h"

namespace targets {

/// One reason why a text is not an acceptable YAML document.
struct YamlProblem {
  SourcePosition where;
  std::string pointer;  // the value it belongs to, if that is known
  std::string message;
  std::string hint;
};

/// A YAML text as JSON, with the place of every key and value.
struct YamlDocument {
  rapidjson::Document root;  // null if the text could not be read at all
  SourceMap marks;
  std::vector<YamlProblem> problems;  // in the order of the text; empty: the document is good
  std::vector<std::string> unusable;  // pointers of null values that stand for one with a problem
};

/// The limits of a text; beyond one of them the text is refused with one problem.
inline constexpr std::size_t kMaxYamlBytes = std::size_t{4} << 20U;
inline constexpr int kMaxYamlDepth = 64;
inline constexpr std::size_t kMaxYamlValues = 100'000;  // aliases expanded

/// Reads one YAML 1.2 document strictly. Scalars follow the core schema (true/false, null,
/// numbers); everything that YAML versions read differently is refused: octal-looking numbers,
/// duplicate keys, second documents, tags other than
/// !!str, keys that are not strings. Anchors, aliases and `<<` work. Unquoted yes/no/on/off become
/// strings with `plain_word` set, for the caller to judge. After a problem with one value the rest
/// is still read. Never throws; any text is accepted as input.
YamlDocument ParseYaml(std::string_view text);

}  // namespace targets
