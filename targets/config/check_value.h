#pragma once

#include <rapidjson/document.h>

#include <span>
#include <string>
#include <unordered_set>

#include "targets/config/problems.h"
#include "targets/config/schema.h"
#include "targets/yaml/source_map.h"

namespace targets {

/// The text that a value was read from: the file, or one environment variable.
struct ValueSource {
  const SourceMap* marks = nullptr;
  std::string variable;                 // empty: the file
  std::unordered_set<std::string> bad;  // pointers of values with a problem: not to be used
  std::unordered_set<std::string>
      unexpanded;  // pointers of strings that are not what they will be: not checked

  std::unordered_set<std::string> incomplete;  // pointers of mappings that lost a key to an error

  [[nodiscard]] ValueOrigin OriginOf(const std::string& pointer) const {
    return variable.empty() ? ValueOrigin::File(pointer) : ValueOrigin::Variable(variable);
  }
};

/// Checks `value` against `schema`: keys, types, words, ranges, formats. Reports every problem, one
/// for each cause, and adds the values that cannot be used to `source.bad`. Required keys are not
/// looked at.
void CheckValue(const SchemaNode& schema, const rapidjson::Value& value, const std::string& pointer,
                ValueSource& source, Problems& problems);

/// Keys that say the same thing in different forms; at most one of each group may be in one
/// mapping, and in a higher layer one of them displaces the others.
struct FormGroup {
  std::string_view keys[3];
};
std::span<const FormGroup> FormGroups();

/// "a list of strings", "a whole number or text", "a mapping".
std::string DescribeExpected(const SchemaNode& schema);

/// "a number", "empty", "a list".
std::string DescribeKind(const rapidjson::Value& value);

}  // namespace targets
