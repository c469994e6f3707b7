#include "targets/config/schema.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "targets/config/load.h"

namespace targets {

extern const char kBackupSchemaJson[];

namespace {

using rapidjson::Value;

std::string_view View(const Value& text) { return {text.GetString(), text.GetStringLength()}; }

const Value* Member(const Value& object, std::string_view key) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(
      Value(rapidjson::StringRef(key.data(), static_cast<rapidjson::SizeType>(key.size()))));
  return found == object.MemberEnd() ? nullptr : &found->value;
}

const rapidjson::Document& ParsedSchema() {
  static const rapidjson::Document document = [] {
    rapidjson::Document parsed;
    parsed.Parse(kBackupSchemaJson);
    return parsed;
  }();
  return document;
}

std::string Quoted(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

bool IsPlainKey(std::string_view key) {
  return !key.empty() &&
         key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") ==
             std::string_view::npos;
}

}  // namespace

std::string_view ConfigSchemaJson() { return kBackupSchemaJson; }

SchemaNode ConfigSchema() { return {ParsedSchema(), ParsedSchema()}; }

SchemaNode TargetSchema() { return ConfigSchema().Property("defaults"); }

SchemaNode::SchemaNode(const Value& site, const rapidjson::Document& document)
    : site_(&site), body_(&site), document_(&document) {
  constexpr std::string_view kLocal = "#/definitions/";
  const Value* reference = Member(site, "$ref");
  if (reference == nullptr) return;
  const Value* definitions = Member(document, "definitions");
  body_ = Member(*definitions, View(*reference).substr(kLocal.size()));
}

const Value* SchemaNode::Keyword(const char* keyword) const {
  if (site_ == nullptr) return nullptr;
  const Value* own = Member(*site_, keyword);
  return own != nullptr ? own : Member(*body_, keyword);
}

SchemaNode SchemaNode::Property(std::string_view key) const {
  if (const Value* properties = Keyword("properties")) {
    if (const Value* property = Member(*properties, key)) return {*property, *document_};
  }
  if (!HasFreeKeys()) return {};
  return {*Keyword("additionalProperties"), *document_};
}

std::vector<std::string> SchemaNode::PropertyNames() const {
  std::vector<std::string> names;
  if (const Value* properties = Keyword("properties")) {
    for (const auto& member : properties->GetObject()) names.emplace_back(View(member.name));
  }
  return names;
}

bool SchemaNode::HasFreeKeys() const {
  const Value* rest = Keyword("additionalProperties");
  return rest != nullptr && rest->IsObject();
}

SchemaNode SchemaNode::Items() const {
  const Value* items = Keyword("items");
  return items == nullptr ? SchemaNode() : SchemaNode(*items, *document_);
}

std::vector<std::string> SchemaNode::Types() const {
  std::vector<std::string> out;
  const Value* types = Keyword("type");
  if (types == nullptr) return out;
  if (types->IsString()) return {std::string(View(*types))};
  for (const Value& type : types->GetArray()) out.emplace_back(View(type));
  return out;
}

bool SchemaNode::Allows(std::string_view type) const {
  const Value* types = Keyword("type");
  if (types == nullptr) return true;
  if (types->IsString()) return View(*types) == type;
  for (const Value& allowed : types->GetArray()) {
    if (View(allowed) == type) return true;
  }
  return false;
}

std::string_view SchemaNode::Text(const char* keyword) const {
  const Value* value = Keyword(keyword);
  return value != nullptr && value->IsString() ? View(*value) : std::string_view();
}

std::string SchemaNode::Example() const {
  const Value* examples = Keyword("examples");
  return examples == nullptr || examples->Empty() ? "" : FlowText((*examples)[0]);
}

bool SchemaNode::IsSecret() const { return Text("format").starts_with("secret"); }

std::string FlowText(const Value& value) {
  std::string out;
  if (value.IsArray()) {
    for (const Value& item : value.GetArray()) out += (out.empty() ? "" : ", ") + FlowText(item);
    return "[" + out + "]";
  }
  if (!value.IsObject()) return Quoted(value);
  for (const auto& member : value.GetObject()) {
    const std::string key =
        IsPlainKey(View(member.name)) ? std::string(View(member.name)) : Quoted(member.name);
    out += (out.empty() ? "" : ", ") + key + ": " + FlowText(member.value);
  }
  return "{" + out + "}";
}

}  // namespace targets
