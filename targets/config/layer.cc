#include "targets/config/layer.h"

#include <algorithm>

namespace targets {
namespace {

using rapidjson::Value;

const Value& Boolean(bool value) {
  static const Value yes(true);
  static const Value no(false);
  return value ? yes : no;
}

std::string Join(const std::string& key, std::string_view child) {
  return key.empty() ? std::string(child) : key + "/" + std::string(child);
}

/// Where leaves of a layer come from: a text, or (without one) the built-in defaults.
class Flattener {
 public:
  Flattener(const ValueSource* source, Layer& out) : source_(source), out_(out) {}

  void Add(const SchemaNode& schema, const Value& value, const std::string& key,
           const std::string& pointer) {
    if (source_ != nullptr && source_->bad.contains(pointer)) return;
    if (value.IsObject()) return AddObject(schema, value, key, pointer);
    if (schema.Text("x-shorthand").empty()) return Put(key, value, pointer, schema.IsSecret());
    const bool word_off = value == "off";
    if (value.IsBool() || word_off) {
      return Put(Join(key, "enabled"), word_off ? Boolean(false) : value, pointer, false);
    }
    Put(Join(key, schema.Text("x-shorthand")), value, pointer, false);
    AddEnabled(schema, key, pointer);
  }

 private:
  void Put(const std::string& key, const Value& value, const std::string& pointer, bool secret) {
    out_[key] = {&value, source_ == nullptr ? ValueOrigin{} : source_->OriginOf(pointer), secret};
  }

  void AddEnabled(const SchemaNode& schema, const std::string& key, const std::string& pointer) {
    if (schema.HasFreeKeys() || !schema.Property("enabled").Known()) return;
    if (schema.Text("x-shorthand").empty()) return;
    Put(Join(key, "enabled"), Boolean(true), pointer, false);
  }

  void AddObject(const SchemaNode& schema, const Value& object, const std::string& key,
                 const std::string& pointer) {
    if (!object.HasMember("enabled")) AddEnabled(schema, key, pointer);
    for (const auto& member : object.GetObject()) {
      const std::string name(member.name.GetString(), member.name.GetStringLength());
      const SchemaNode property = schema.Property(name);
      if (!property.Known()) continue;
      Add(property, member.value, Join(key, name), JoinPointer(pointer, name));
    }
  }

  const ValueSource* source_;
  Layer& out_;
};

void CollectDefaults(const SchemaNode& schema, const std::string& key, Layer& out) {
  for (const std::string& name : schema.PropertyNames()) {
    const SchemaNode property = schema.Property(name);
    const std::string at = Join(key, name);
    if (const Value* value = property.Keyword("default")) {
      Flattener(nullptr, out).Add(property, *value, at, "");
    } else if (property.Allows("object") && property.Text("x-shorthand").empty() &&
               name != "defaults") {
      CollectDefaults(property, at, out);
    }
  }
}

}  // namespace

void Flatten(const SchemaNode& schema, const Value& value, const std::string& key,
             const std::string& pointer, const ValueSource& source, Layer& out) {
  Flattener(&source, out).Add(schema, value, key, pointer);
}

Layer BuiltInLayer(const SchemaNode& schema) {
  Layer out;
  CollectDefaults(schema, "", out);
  return out;
}

std::string_view LastSegment(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? key : key.substr(slash + 1);
}

void Overlay(Layer& lower, const Layer& upper) {
  for (const auto& [key, leaf] : upper) {
    const std::string_view name = LastSegment(key);
    const std::string folder = key.substr(0, key.size() - name.size());
    for (const FormGroup& group : FormGroups()) {
      if (std::find(std::begin(group.keys), std::end(group.keys), name) == std::end(group.keys))
        continue;
      for (const std::string_view other : group.keys) {
        const std::string rival = folder + std::string(other);
        if (!other.empty() && other != name && !upper.contains(rival)) lower.erase(rival);
      }
    }
    lower[key] = leaf;
  }
}

}  // namespace targets
