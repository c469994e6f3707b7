#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runner::testing::b2 {

/// Writes one JSON object, member by member.
class JsonObject {
 public:
  JsonObject& Text(std::string_view name, std::string_view value);
  JsonObject& Number(std::string_view name, std::int64_t value);
  JsonObject& Texts(std::string_view name, const std::vector<std::string>& values);
  JsonObject& Map(std::string_view name, const std::map<std::string, std::string>& values);
  /// `json` must be JSON by itself.
  JsonObject& Json(std::string_view name, std::string_view json);
  JsonObject& Null(std::string_view name) { return Json(name, "null"); }
  /// null instead of an empty text.
  JsonObject& TextOrNull(std::string_view name, std::string_view value);

  [[nodiscard]] std::string str() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

/// "[a,b]" from texts that are JSON already.
std::string JsonArray(const std::vector<std::string>& elements);

/// The members of a JSON object that a client sent. Absent, null and of another type are alike.
class Fields {
 public:
  /// Empty text counts as {}.
  explicit Fields(std::string_view text);

  [[nodiscard]] bool valid() const { return document_.IsObject(); }
  [[nodiscard]] bool Has(const char* name) const { return Find(name) != nullptr; }
  [[nodiscard]] std::string Text(const char* name) const;
  [[nodiscard]] std::optional<std::int64_t> Number(const char* name) const;
  [[nodiscard]] std::vector<std::string> Texts(const char* name) const;
  [[nodiscard]] std::map<std::string, std::string> Map(const char* name) const;
  /// The member as JSON text.
  [[nodiscard]] std::optional<std::string> Json(const char* name) const;

 private:
  [[nodiscard]] const rapidjson::Value* Find(const char* name) const;

  rapidjson::Document document_;
};

}  // namespace runner::testing::b2
