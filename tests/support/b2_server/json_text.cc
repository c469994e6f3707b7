#include "tests/support/b2_server/json_text.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace runner::testing::b2 {
namespace {

std::string Quoted(std::string_view text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return {buffer.GetString(), buffer.GetSize()};
}

std::string TextOf(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

}  // namespace

JsonObject& JsonObject::Json(std::string_view name, std::string_view json) {
  if (!members_.empty()) members_ += ",";
  members_ += Quoted(name) + ":" + std::string(json);
  return *this;
}

JsonObject& JsonObject::Text(std::string_view name, std::string_view value) {
  return Json(name, Quoted(value));
}

JsonObject& JsonObject::TextOrNull(std::string_view name, std::string_view value) {
  return value.empty() ? Null(name) : Text(name, value);
}

JsonObject& JsonObject::Number(std::string_view name, std::int64_t value) {
  return Json(name, std::to_string(value));
}

JsonObject& JsonObject::Texts(std::string_view name, const std::vector<std::string>& values) {
  std::vector<std::string> quoted;
  for (const std::string& value : values) quoted.push_back(Quoted(value));
  return Json(name, JsonArray(quoted));
}

JsonObject& JsonObject::Map(std::string_view name,
                            const std::map<std::string, std::string>& values) {
  JsonObject object;
  for (const auto& [key, value] : values) object.Text(key, value);
  return Json(name, object.str());
}

std::string JsonArray(const std::vector<std::string>& elements) {
  std::string text = "[";
  for (const std::string& element : elements) {
    if (text.size() > 1) text += ",";
    text += element;
  }
  return text + "]";
}

Fields::Fields(std::string_view text) {
  if (text.empty()) text = "{}";
  document_.Parse(text.data(), text.size());
  if (document_.HasParseError()) document_.SetNull();
}

const rapidjson::Value* Fields::Find(const char* name) const {
  if (!document_.IsObject()) return nullptr;
  const auto member = document_.FindMember(name);
  return member == document_.MemberEnd() || member->value.IsNull() ? nullptr : &member->value;
}

std::string Fields::Text(const char* name) const {
  const rapidjson::Value* value = Find(name);
  return value != nullptr && value->IsString() ? TextOf(*value) : "";
}

std::optional<std::int64_t> Fields::Number(const char* name) const {
  const rapidjson::Value* value = Find(name);
  if (value == nullptr || !value->IsInt64()) return std::nullopt;
  return value->GetInt64();
}

std::vector<std::string> Fields::Texts(const char* name) const {
  std::vector<std::string> texts;
  const rapidjson::Value* value = Find(name);
  if (value == nullptr || !value->IsArray()) return texts;
  for (const auto& element : value->GetArray()) {
    if (element.IsString()) texts.push_back(TextOf(element));
  }
  return texts;
}

std::map<std::string, std::string> Fields::Map(const char* name) const {
  std::map<std::string, std::string> map;
  const rapidjson::Value* value = Find(name);
  if (value == nullptr || !value->IsObject()) return map;
  for (const auto& member : value->GetObject()) {
    if (member.value.IsString()) map[TextOf(member.name)] = TextOf(member.value);
  }
  return map;
}

std::optional<std::string> Fields::Json(const char* name) const {
  const rapidjson::Value* value = Find(name);
  if (value == nullptr) return std::nullopt;
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value->Accept(writer);
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace runner::testing::b2
