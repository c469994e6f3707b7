#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>
#include <vector>

namespace targets {

/// One place of the configuration schema, `$ref` followed. Cheap to copy; lives as long as the
/// program. Besides draft 4 it understands `examples`, `x-key-format` (the format of a map's keys)
/// and `x-shorthand` (a value that is not a mapping stands for a mapping with this one key).
class SchemaNode {
 public:
  SchemaNode() = default;
  /// REQUIRES: `site` outlives the node.
  SchemaNode(const rapidjson::Value& site, const rapidjson::Document& document);

  [[nodiscard]] bool Known() const { return site_ != nullptr; }
  /// The schema of a mapping's key; not Known() if the key is unknown.
  [[nodiscard]] SchemaNode Property(std::string_view key) const;
  /// The names of `properties`, in the schema's order.
  [[nodiscard]] std::vector<std::string> PropertyNames() const;
  /// True if keys are free (`additionalProperties` is a schema).
  [[nodiscard]] bool HasFreeKeys() const;
  [[nodiscard]] SchemaNode Items() const;
  /// Whether "string", "integer", ... is among the types. No `type`: everything is.
  [[nodiscard]] bool Allows(std::string_view type) const;
  [[nodiscard]] std::vector<std::string> Types() const;
  /// A string keyword such as "format", or "".
  [[nodiscard]] std::string_view Text(const char* keyword) const;
  /// Any keyword, of the property itself or of what it refers to; nullptr if absent.
  [[nodiscard]] const rapidjson::Value* Keyword(const char* keyword) const;
  /// The first example as YAML flow text, or "".
  [[nodiscard]] std::string Example() const;
  /// Its value must never be shown.
  [[nodiscard]] bool IsSecret() const;

 private:
  const rapidjson::Value* site_ = nullptr;
  const rapidjson::Value* body_ = nullptr;
  const rapidjson::Document* document_ = nullptr;
};

/// The schema of a whole configuration.
SchemaNode ConfigSchema();
/// The schema of one target.
SchemaNode TargetSchema();

/// `value` as YAML flow text: `{schedule: "0 5 * * *", files: 20}`. REQUIRES: not nested deeper
/// than a YAML document.
std::string FlowText(const rapidjson::Value& value);

}  // namespace targets
